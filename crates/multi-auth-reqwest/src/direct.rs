//! A client that uses no proxy, for loopback addresses: a request that stays on this machine must not reach a proxy.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use http::Extensions;
use reqwest::redirect::Policy;
use reqwest::{Client, Request, Response, Url};
use reqwest_middleware::{Error, Middleware, Next, Result};
use url::Host;

/// Sends requests to loopback addresses past the proxies of the system and the environment.
///
/// The client is built with the first such request: most programs send none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Direct(Arc<OnceLock<Client>>);

/// The client for loopback addresses could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the client for loopback addresses could not be built")]
pub(crate) struct NotBuilt(#[source] reqwest::Error);

impl Direct {
    /// The client for `url`, if it is a loopback address.
    pub(crate) fn client(&self, url: &Url) -> Option<std::result::Result<&Client, NotBuilt>> {
        is_loopback(url).then(|| self.built())
    }

    /// A failure is not kept: the next request builds the client anew.
    fn built(&self) -> std::result::Result<&Client, NotBuilt> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = build()?;
        Ok(self.0.get_or_init(|| client))
    }
}

fn build() -> std::result::Result<Client, NotBuilt> {
    let client = Client::builder().redirect(Policy::none()).referer(false);
    client.no_proxy().build().map_err(NotBuilt)
}

/// Whether a request to `url` stays on this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[async_trait]
impl Middleware for Direct {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        match self.client(request.url()) {
            Some(client) => {
                let client = client.map_err(Error::middleware)?;
                Ok(client.execute(request).await?)
            }
            None => next.run(request, extensions).await,
        }
    }
}
