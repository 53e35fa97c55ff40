//! Sets header fields that every request has, below the authentication, where reqwest sets its own:
//! a credential of the keyring wins over them.

use async_trait::async_trait;
use http::Extensions;
use http::header::{
    AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION,
};
use multi_auth::ForeignHop;
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next, Result};

#[derive(Debug)]
pub(crate) struct DefaultHeaders(pub(crate) HeaderMap);

/// The default headers that are left after a redirect to another origin.
#[derive(Clone, Debug)]
pub(crate) struct RemainingDefaults(pub(crate) HeaderMap);

#[async_trait]
impl Middleware for DefaultHeaders {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let remaining = extensions.get::<RemainingDefaults>();
        let defaults = remaining.map_or(&self.0, |remaining| &remaining.0);
        // A middleware of the caller's own may follow redirects too.
        let is_foreign = extensions.get::<ForeignHop>().is_some();
        let own = request.headers().clone();
        for (name, value) in defaults {
            let stays_behind = is_foreign && is_secret(name, value);
            if !own.contains_key(name) && !stays_behind {
                let added = request.headers_mut().try_append(name, value.clone());
                added.map_err(Error::middleware)?;
            }
        }
        next.run(request, extensions).await
    }
}

fn is_secret(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name)
}
