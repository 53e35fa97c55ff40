//! Sends a request over any HTTP client: obtains the credential, attaches it, refreshes it and
//! replays the request.
//!
//! An adapter implements [`HttpClient`] and calls [`send`], as `multi-auth-reqwest` does. For a
//! client that uses the types of the crate `http`, `send_http` is shorter.

use std::future::Future;
use std::time::Duration;

use http::{Extensions, HeaderMap, StatusCode};

use super::deadline::Deadline;
use crate::adapter::outcome::record;
use crate::adapter::{AfterRefresh, JsonBody, Next, Outgoing, Refreshing, RequestAuth};
use crate::{AuthError, Credential, Keyring, RequestHead, ResponseHead};

/// What [`send`] needs of an HTTP client.
///
/// The client must not follow redirects by itself, or implement [`is_foreign`](Self::is_foreign).
pub trait HttpClient: Send {
    /// A request that can be sent once.
    type Request: Send;
    /// What is kept of a request, from which it can be made again.
    type Copy: Send;
    /// A response whose body need not have been read.
    type Response: Send;
    /// Why there is no response.
    type Error: Send;

    /// The view of `request` from which a credential is chosen.
    fn head<'a>(&'a self, request: &'a Self::Request) -> RequestHead<'a>;

    /// `request`, for a credential to be attached.
    fn outgoing<'a>(&self, request: &'a mut Self::Request) -> impl Outgoing + 'a;

    /// What a replay needs of `request`; `None` if its body can be read only once. Each request
    /// whose credential can be refreshed has it, so make it cheap: [`SavedHead`](super::SavedHead)
    /// is.
    fn copy(&self, request: &Self::Request) -> Option<Self::Copy>;

    /// The request of which `copy` was made, with the same target, header fields and body.
    ///
    /// # Errors
    ///
    /// Those of building a request. The request then fails with it.
    fn restore(&self, copy: Self::Copy) -> Result<Self::Request, Self::Error>;

    /// Sends `request`.
    fn send(
        &mut self,
        request: Self::Request,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send;

    /// The view of `response` from which the credential is judged.
    fn response<'a>(&self, response: &'a Self::Response) -> ResponseHead<'a>;

    /// The error of a request that did not get its credential.
    fn failed(error: AuthError) -> Self::Error;

    /// Whether the client reads bodies, with [`read_json`](Self::read_json) or by itself. If not, a
    /// request with a scheme that reads responses fails before it is sent.
    fn reads_responses(&self) -> bool {
        false
    }

    /// Reads the body of `response`, puts the [`JsonBody`] among its extensions, and returns the
    /// response with the same body. A body longer than [`JsonBody::LIMIT`], or one that cannot be
    /// read, is passed on as it is.
    fn read_json(response: Self::Response) -> impl Future<Output = Self::Response> + Send {
        std::future::ready(response)
    }

    /// Where an [`Outcome`](crate::Outcome) is put for the caller.
    fn extensions<'a>(&self, response: &'a mut Self::Response) -> &'a mut Extensions;

    /// The header fields of `response`.
    fn headers_mut<'a>(&self, response: &'a mut Self::Response) -> &'a mut HeaderMap;

    /// Called before each attempt: `auth` tells what was attached to `request`.
    fn attached(&mut self, auth: &RequestAuth<Self::Copy>, request: &mut Self::Request) {
        let _ = (auth, request);
    }

    /// Whether `response` came from outside the credential's protection space, as after a redirect
    /// that the client followed by itself. The driver has removed the keys of the query from its
    /// `Location`; remove them here from what else it shows, such as its URL.
    fn is_foreign(
        &mut self,
        auth: &RequestAuth<Self::Copy>,
        response: &mut Self::Response,
    ) -> bool {
        let _ = (auth, response);
        false
    }

    /// When the response to the request is due, over all attempts. It is fixed when the request
    /// begins. Implement [`set_time_limit`](Self::set_time_limit) as well.
    fn deadline(&self) -> Deadline {
        Deadline::default()
    }

    /// Limits the next attempt to the time that remains.
    fn set_time_limit(&self, request: &mut Self::Request, left: Duration) {
        let _ = (request, left);
    }
}

/// Sends `request` with the credential of `keyring`, and replays it where a new credential helps.
///
/// # Errors
///
/// Those of `client`, and every [`AuthError`] that keeps the request from having its credential.
pub async fn send<C: HttpClient>(
    keyring: &Keyring,
    client: &mut C,
    mut request: C::Request,
) -> Result<C::Response, C::Error> {
    // The head alone is held across the await: neither the client nor a body need be `Sync`.
    let head = client.head(&request);
    let credential = obtain(keyring, head, client.deadline()).await;
    let credential = credential.map_err(C::failed)?;
    let copy = || client.copy(&request);
    let prepared = RequestAuth::prepare(keyring, credential, &client.head(&request), copy);
    let auth = prepared.attach(&mut client.outgoing(&mut request));
    let auth = auth.map_err(C::failed)?;
    let can_read = client.reads_responses();
    auth.check_reads(can_read).map_err(C::failed)?;
    client.attached(&auth, &mut request);
    let response = transmit(client, request, None).await?;
    finish(client, auth, response).await
}

/// Delivers `response`, or refreshes the credential and replays the request.
///
/// For an adapter that sent the first attempt by itself.
///
/// # Errors
///
/// As [`send`].
pub async fn finish<C: HttpClient>(
    client: &mut C,
    auth: RequestAuth<C::Copy>,
    mut response: C::Response,
) -> Result<C::Response, C::Error> {
    let is_foreign = is_foreign(client, &auth, &mut response);
    if !is_foreign && is_read(client, &auth, &response) {
        response = Box::pin(C::read_json(response)).await;
    }
    match judge(client, auth, &mut response, is_foreign) {
        Next::Deliver(outcome) => {
            record(outcome, client.extensions(&mut response));
            Ok(response)
        }
        Next::Refresh(refreshing, copy) => {
            let request = client.restore(copy)?;
            Box::pin(replay(client, refreshing, request, response)).await
        }
    }
}

/// Refreshes the refused credential and replays `request`, as often as there are reasons for it.
/// `response` is the refusal.
///
/// # Errors
///
/// As [`send`].
pub async fn replay<C: HttpClient>(
    client: &mut C,
    mut refreshing: Refreshing,
    mut request: C::Request,
    mut response: C::Response,
) -> Result<C::Response, C::Error> {
    loop {
        let refused = Some(refreshing.status());
        let head = client.head(&request);
        if let Err(outcome) = refreshing.begin(&head) {
            record(Some(outcome), client.extensions(&mut response));
            return Ok(response);
        }
        let refreshed = refreshing.keyring().authenticate(&head);
        let refreshed = client.deadline().within(refused, refreshed).await;
        let prepared = match refreshing.finish(refreshed, || client.copy(&request)) {
            AfterRefresh::Replay(prepared) => prepared,
            AfterRefresh::Deliver(outcome) => {
                record(Some(outcome), client.extensions(&mut response));
                return Ok(response);
            }
            AfterRefresh::Fail(error) => return Err(C::failed(error)),
        };
        let auth = prepared.attach(&mut client.outgoing(&mut request));
        let auth = auth.map_err(C::failed)?;
        let can_read = client.reads_responses();
        auth.check_reads(can_read).map_err(C::failed)?;
        // The refusal may hold a connection or a permit.
        drop(response);
        client.attached(&auth, &mut request);
        response = transmit(client, request, refused).await?;
        let is_foreign = is_foreign(client, &auth, &mut response);
        if !is_foreign && is_read(client, &auth, &response) {
            response = Box::pin(C::read_json(response)).await;
        }
        (refreshing, request) = match judge(client, auth, &mut response, is_foreign) {
            Next::Refresh(again, copy) => (again, client.restore(copy)?),
            Next::Deliver(outcome) => {
                record(outcome, client.extensions(&mut response));
                return Ok(response);
            }
        };
    }
}

/// Whether the scheme reads the body of `response`.
fn is_read<C: HttpClient>(client: &C, auth: &RequestAuth<C::Copy>, response: &C::Response) -> bool {
    auth.reads_response() && JsonBody::is_due(client.response(response).headers())
}

/// Whether `response` came from outside the credential's protection space.
fn is_foreign<C: HttpClient>(
    client: &mut C,
    auth: &RequestAuth<C::Copy>,
    response: &mut C::Response,
) -> bool {
    auth.redact(client.headers_mut(response));
    client.is_foreign(auth, response)
}

/// What to do with `response`.
fn judge<C: HttpClient>(
    client: &C,
    auth: RequestAuth<C::Copy>,
    response: &mut C::Response,
    is_foreign: bool,
) -> Next<C::Copy> {
    let json = if auth.reads_response() {
        client.extensions(response).remove::<JsonBody>()
    } else {
        None
    };
    let head = client.response(response).with_json(json.as_ref());
    if is_foreign {
        return Next::Deliver(auth.on_foreign_response(head.status()));
    }
    auth.on_response(&head)
}

/// The credential for the request behind `head`, within the time that remains.
async fn obtain(
    keyring: &Keyring,
    head: RequestHead<'_>,
    deadline: Deadline,
) -> Result<Credential, AuthError> {
    match keyring.ready(&head) {
        Some(ready) => ready,
        None => deadline.within(None, keyring.authenticate(&head)).await,
    }
}

/// Sends one attempt.
async fn transmit<C: HttpClient>(
    client: &mut C,
    mut request: C::Request,
    refused: Option<StatusCode>,
) -> Result<C::Response, C::Error> {
    let left = client.deadline().remaining(refused).map_err(C::failed)?;
    if let Some(left) = left {
        client.set_time_limit(&mut request, left);
    }
    client.send(request).await
}
