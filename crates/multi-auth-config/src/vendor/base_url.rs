//! The base URL that a token response names.

use multi_auth::BaseUrls;

use super::check::{Result, VendorCheck};
use crate::scheme::Scheme;
use crate::{Advice, ConfigError, ConfigProblem};

const URL_TOO: Advice = Advice::new(
    "cannot be combined with `base_url`, which is in the token response",
    "remove one of them",
);

const POINTER: Advice = Advice::new(
    "has an invalid JSON pointer",
    "write it as in { json = \"/instance_url\", domains = [\"https://my.vendor.example\"] }",
);

const NO_RESPONSE: Advice = Advice::new(
    "is not used by this scheme",
    "write `url`, or choose a scheme that has a token response",
);

impl VendorCheck<'_> {
    /// The base URLs that a token response may name.
    pub(super) fn base_urls(&self) -> Result<Option<BaseUrls>> {
        let Some(table) = &self.entry.base_url else {
            return Ok(None);
        };
        if let Some(url) = &self.entry.url {
            return Err(self.invalid("url", url.span(), URL_TOO));
        }
        if !table.get_ref().json.starts_with('/') {
            return Err(self.invalid("base_url.json", table.span(), POINTER));
        }
        let allowed = BaseUrls::at_domains(table.get_ref().domains.iter().map(String::as_str));
        let allowed = allowed.map_err(|problem| {
            let place = self.place("base_url.domains", table.span());
            ConfigError::new(place, ConfigProblem::Vendor(problem))
        });
        allowed.map(Some)
    }

    /// Makes `scheme` keep the base URL of each token response, if the entry has one.
    pub(super) fn keep_base_url(&self, scheme: &mut Scheme) -> Result<()> {
        match &self.entry.base_url {
            Some(table) if !scheme.keep_base_url(&table.get_ref().json) => {
                Err(self.invalid("base_url", table.span(), NO_RESPONSE))
            }
            _ => Ok(()),
        }
    }
}
