//! The base URLs that a token response may name.

use std::sync::Arc;

use url::{Host, Url};

use crate::checked_url::{self, PlainHttp};
use crate::{AuthError, ProtectionSpace, UrlProblem};

/// The base URLs that a token response may name: those at some domains and their subdomains.
///
/// ```
/// use multi_auth::BaseUrls;
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let allowed = BaseUrls::at_domains(["https://my.salesforce.com"])?;
/// assert_eq!(allowed.protection_spaces()[0].to_string(), "https://*.my.salesforce.com/");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct BaseUrls {
    spaces: Arc<[ProtectionSpace]>,
}

const WHAT: &str = "allowed base URL";

impl BaseUrls {
    /// The base URLs at the hosts of `urls` and their subdomains. An IP address and `localhost`
    /// have no subdomains.
    ///
    /// Each domain must belong to the vendor, because the token may be sent to any of its
    /// subdomains. Do not give a domain where others register names, such as `https://co.uk`. A
    /// host that is bound by itself is served by its own binding.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if there is no URL, or if one is not absolute, is plain http to a host
    /// that is not a loopback address, has a user, password, path, query or fragment, or has a
    /// domain with a single label, such as `https://com`.
    pub fn at_domains<'u>(urls: impl IntoIterator<Item = &'u str>) -> Result<Self, AuthError> {
        const NONE: AuthError = AuthError::unsupported(
            "no base URL is allowed",
            "give the domain of the vendor, such as https://my.salesforce.com",
        );
        let spaces: Vec<_> = urls.into_iter().map(space).collect::<Result<_, _>>()?;
        if spaces.is_empty() {
            return Err(NONE);
        }
        Ok(Self {
            spaces: spaces.into(),
        })
    }

    /// Returns the protection spaces of these URLs.
    #[must_use]
    pub fn protection_spaces(&self) -> &[ProtectionSpace] {
        &self.spaces
    }

    /// `text` as a base URL, if it is one of these.
    pub(super) fn parse(&self, text: &str) -> Option<Url> {
        let url = checked_url::parse_base("base URL", text, PlainHttp::LoopbackOnly).ok()?;
        self.spaces
            .iter()
            .any(|space| space.covers_origin_of(&url))
            .then_some(url)
    }
}

fn space(url: &str) -> Result<ProtectionSpace, AuthError> {
    let url = checked_url::parse_base(WHAT, url, PlainHttp::LoopbackOnly)?;
    if url.path() != "/" {
        return Err(AuthError::url(WHAT, UrlProblem::Path));
    }
    if url.host_str().is_some_and(|host| host.contains('*')) {
        return Err(AuthError::url(WHAT, UrlProblem::Wildcard));
    }
    let subdomains = match url.host() {
        Some(Host::Domain("localhost")) => false,
        // Of one label: a top-level domain, or a name of the local network.
        Some(Host::Domain(name)) if !name.trim_end_matches('.').contains('.') => {
            return Err(AuthError::url(WHAT, UrlProblem::TopLevelDomain));
        }
        Some(Host::Domain(_)) => true,
        _ => false,
    };
    let space = ProtectionSpace::of(url, None);
    Ok(if subdomains {
        space.with_subdomains()
    } else {
        space
    })
}
