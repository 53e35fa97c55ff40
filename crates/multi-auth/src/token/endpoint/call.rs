//! One form request of an OAuth client to an endpoint that returns no token: the device
//! authorization endpoint and the revocation endpoint.

use std::sync::Arc;

use http::Response;
use secrecy::zeroize::Zeroizing;
use url::Url;

use super::attempt::InnerCredential;
use super::budget::Budget;
use super::problem_of;
use super::request::{Body, RequestSpec};
use super::response::check;
use crate::checked_url;
use crate::oauth::{Client, Grant};
use crate::{AuthError, TokenRequestProblem, Transport};

/// Sends the parameters of `request` to `endpoint`, authenticated as `client`, and returns the body
/// of a successful response.
pub(crate) async fn call(
    endpoint: &Url,
    request: Grant,
    client: &Client,
    transport: &Arc<dyn Transport>,
) -> Result<Zeroizing<Vec<u8>>, AuthError> {
    let failed = |problem| AuthError::token_request(checked_url::shown(endpoint), problem);
    let mut spec = RequestSpec::new(endpoint.clone());
    spec.body = Body::Grant(request, client.clone());
    let mut attempt = spec.attempt().await?;
    if let Some(credential) = client.credential() {
        InnerCredential::attach(&*credential, &mut attempt).await?;
    }
    let wait = Budget::of(endpoint).take();
    wait.map_err(|wait| failed(TokenRequestProblem::BudgetSpent).with_retry_after(wait))?;
    let response = transport.send(spec.finish(attempt)).await;
    let response: Response<Vec<u8>> = response.map_err(|error| failed(problem_of(error)))?;
    let (head, body) = response.into_parts();
    let body = Zeroizing::new(body);
    check(endpoint, &head, &body).map_err(failed)?;
    Ok(body)
}
