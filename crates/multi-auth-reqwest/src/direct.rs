//! A client that uses no proxy, for loopback and link-local addresses: a request that stays on this
//! machine or goes to the metadata of a cloud must not reach a proxy.

use std::sync::{Arc, OnceLock};

use http::Extensions;
use multi_auth::adapter;
use reqwest::redirect::Policy;
use reqwest::{Client, Request, Url};
use reqwest_middleware::{Error, Middleware, Next};
use url::Host;

use crate::failed::Sent;

/// Sends requests to loopback and link-local addresses past the proxies of the system and the
/// environment.
///
/// The client is built with the first such request: most programs send none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Direct(Arc<OnceLock<Client>>);

/// The client for loopback and link-local addresses could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the client for loopback addresses could not be built")]
pub(crate) struct NotBuilt(#[source] reqwest::Error);

impl Direct {
    /// The client for `url`, if it is such an address.
    pub(crate) fn client(&self, url: &Url) -> Option<std::result::Result<&Client, NotBuilt>> {
        is_local(url).then(|| self.built())
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

/// Whether a request to `url` stays on this machine or its link.
fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => adapter::is_local(address.into()),
        Some(Host::Ipv6(address)) => adapter::is_local(address.into()),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl Middleware for Direct {
    // Written out: `async_trait` would box the future of each request once more.
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
        match self.client(request.url()) {
            None => next.run(request, extensions),
            Some(Ok(client)) => Box::pin(async move { Ok(client.execute(request).await?) }),
            Some(Err(error)) => Box::pin(std::future::ready(Err(Error::middleware(error)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_link_local_addresses_are_local() {
        for (host, expected) in [
            ("127.0.0.1", true),
            ("localhost", true),
            ("[::1]", true),
            ("169.254.169.254", true),
            ("169.254.170.2", true),
            ("[fd00:ec2::254]", true),
            ("[fe80::1]", true),
            ("169.253.1.1", false),
            ("[fd00:ec3::254]", false),
            ("metadata.example", false),
            ("10.0.0.1", false),
        ] {
            let url = Url::parse(&format!("http://{host}:80/x")).unwrap();
            assert_eq!(is_local(&url), expected, "{host}");
        }
    }
}
