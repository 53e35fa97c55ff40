//! Follows redirects above the authentication, so that the keyring is asked at every hop.

use std::borrow::Cow;

use http::{Extensions, HeaderMap};
use multi_auth::adapter::{Deadline, Follow, Hop, Redirects, follow};
use multi_auth::{ForeignHop, Keyring, ResponseHead};
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next, Result};

use crate::AuthMiddleware;
use crate::default_headers::RemainingDefaults;
use crate::failed::{Sent, failed};
use crate::request::head;
use crate::saved::{HeadOnly, Saved};

/// The vendor redirected more often than is followed (10 times).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {LIMIT} redirects: the last was not followed")]
pub struct TooManyRedirects;

const LIMIT: usize = 10;

/// What to do with a redirect to another origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OtherOrigins {
    /// Follow it, with no credential.
    Follow,
    /// Deliver the redirect itself.
    Stop,
}

#[derive(Debug)]
pub(crate) struct FollowRedirects {
    pub(crate) keyring: Keyring,
    /// Sends each hop. It shares the copy of the request that is kept here.
    pub(crate) auth: AuthMiddleware,
    pub(crate) others: OtherOrigins,
    /// What [`DefaultHeaders`](crate::default_headers::DefaultHeaders) sets at the first origin.
    pub(crate) default_headers: HeaderMap,
}

impl Middleware for FollowRedirects {
    // Written out, because the future that `async_trait` makes is large.
    fn handle<'a, 'e, 'n, 'f>(
        &'a self,
        request: Request,
        extensions: &'e mut Extensions,
        next: Next<'n>,
    ) -> Sent<'f>
    where
        'a: 'f,
        'e: 'f,
        'n: 'f,
        Self: 'f,
    {
        let deadline = Deadline::new(request.timeout().copied());
        let kept = Kept::of(&request);
        Box::pin(async move {
            let sent = self
                .auth
                .send(request, extensions, next.clone(), kept.shared());
            let response = sent.await?;
            if !response.status().is_redirection() {
                return Ok(response);
            }
            Box::pin(self.follow(kept, response, deadline, extensions, next)).await
        })
    }
}

impl FollowRedirects {
    /// Follows the redirect in `response`, and those after it.
    async fn follow(
        &self,
        kept: Kept,
        mut response: Response,
        deadline: Deadline,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let mut asked = kept.into_asked()?;
        let mut redirects = Redirects::new(&self.keyring, &head(&asked.copy, extensions));
        // What is said about foreign hops stays here: a retry above has the caller's own
        // extensions.
        let mut foreign: Option<Extensions> = None;
        let mut defaults = Cow::Borrowed(&self.default_headers);
        for _ in 0..LIMIT {
            let Some((mut request, hop, is_foreign)) =
                self.next(asked, &response, &mut redirects, extensions)
            else {
                return Ok(response);
            };
            drop(response);
            if let Some(left) = deadline.remaining(None).map_err(failed)? {
                *request.timeout_mut() = Some(left);
            }
            if hop.leaves_origin() {
                let _ = hop.strip(defaults.to_mut());
            }
            let said = match &mut foreign {
                foreign if is_foreign => {
                    let said = foreign.get_or_insert_with(|| extensions.clone());
                    said.insert(ForeignHop);
                    said.insert(RemainingDefaults(defaults.clone().into_owned()));
                    said
                }
                _ => &mut *extensions,
            };
            let kept = Kept::of(&request);
            let sent = self.auth.send(request, said, next.clone(), kept.shared());
            response = sent.await?;
            asked = kept.into_asked()?;
        }
        match self.next(asked, &response, &mut redirects, extensions) {
            Some(_) => Err(Error::middleware(TooManyRedirects)),
            None => Ok(response),
        }
    }

    /// The request that follows `response`, its hop and whether it gets no credential; `None` to
    /// deliver `response` as it is.
    fn next(
        &self,
        asked: Asked,
        response: &Response,
        redirects: &mut Redirects,
        extensions: &Extensions,
    ) -> Option<(Request, Hop, bool)> {
        let Asked { mut copy, is_whole } = asked;
        let said = ResponseHead::new(response.status(), response.headers());
        let next = follow(copy.url(), copy.method(), &said)?;
        let target = next.head(copy.headers(), extensions);
        let stops = self.others == OtherOrigins::Stop && redirects.leaves_origin(&target);
        if stops || (!is_whole && !next.drops_body) {
            return None;
        }
        let hop = redirects.hop(&target);
        let stripped = hop.strip(copy.headers_mut());
        let is_foreign = stripped.is_foreign();
        *copy.url_mut() = stripped.url()?.clone();
        change(&mut copy, next);
        Some((copy, hop, is_foreign))
    }
}

/// Gives `request` the method and the body that `next` asks for.
fn change(request: &mut Request, next: Follow) {
    next.strip(request.headers_mut());
    if next.drops_body {
        *request.body_mut() = None;
    }
    *request.method_mut() = next.method;
}

/// What is kept of a request, to follow a redirect in its response.
struct Kept {
    saved: Saved,
    /// Whether the body is kept too.
    is_whole: bool,
}

/// A request as it was sent.
struct Asked {
    copy: Request,
    /// Whether the copy has the whole body.
    is_whole: bool,
}

impl Kept {
    fn of(request: &Request) -> Self {
        let saved = Saved::of(request);
        Self {
            is_whole: saved.is_some(),
            saved: saved.unwrap_or_else(|| Saved::without_body(request)),
        }
    }

    /// The copy, where it is enough for a replay.
    fn shared(&self) -> Option<&HeadOnly> {
        match &self.saved {
            Saved::Head(head) if self.is_whole => Some(head),
            Saved::Head(_) | Saved::Whole(_) => None,
        }
    }

    fn into_asked(self) -> Result<Asked> {
        Ok(Asked {
            copy: self.saved.restore()?,
            is_whole: self.is_whole,
        })
    }
}
