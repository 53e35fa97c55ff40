//! The URL that verifies a credential.

use multi_auth::{Account, Keyring, ProtectionSpace};
use url::Url;

use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::document::Preset;
use crate::placeholder::{self, Placeholder};

const FORM: Advice = Advice::new(
    "is not a path",
    "write it as in verify = \"/v1/me\", below `url`, or verify = \"\" for `url` itself",
);

/// The default of an Alphamoon URL.
const ALPHAMOON: &str = "https://workspace.alphamoon.ai";

impl VendorCheck<'_> {
    /// The URL to request. It is in one of `spaces`, because a request without the credential does
    /// not verify it.
    pub(super) fn verification(
        &self,
        spaces: &[ProtectionSpace],
        account: Option<&Account>,
    ) -> Result<Option<String>> {
        const OUTSIDE: Advice = Advice::new(
            "leads outside the credential's protection space",
            "write a path below `url`, or below the path of the process",
        );
        if self.entry.base_url.is_some() {
            return Ok(None);
        }
        let Some(path) = &self.entry.verify else {
            return Ok(self.known_path().map(|path| self.below_url(path)));
        };
        // Clients remove dots from the path before they send it.
        let url = self
            .asked(path.get_ref())
            .and_then(|url| Url::parse(&url).ok());
        let url = url.filter(|url| url.fragment().is_none());
        let url = url.ok_or_else(|| self.invalid("verify", path.span(), FORM))?;
        if !is_covered(&url, spaces, account) {
            return Err(self.invalid("verify", path.span(), OUTSIDE));
        }
        Ok(Some(url.into()))
    }

    /// The path below the base URL that a token response names.
    pub(super) fn path_below_base_url(&self) -> Result<Option<String>> {
        let path = self.entry.verify.as_ref();
        let Some(path) = path.filter(|_| self.entry.base_url.is_some()) else {
            return Ok(None);
        };
        // The placeholder has the path that a base URL has: it ends the host.
        let whole = format!("https://vendor.example{}", path.get_ref());
        let url = Url::parse(&whole).ok().filter(|url| {
            let is_path = path.get_ref().is_empty() || path.get_ref().starts_with('/');
            is_path && url.host_str() == Some("vendor.example") && url.fragment().is_none()
        });
        match url {
            Some(_) => Ok(Some(path.get_ref().clone())),
            None => Err(self.invalid("verify", path.span(), FORM)),
        }
    }

    /// The URL of `verify`: a path below `url`, or `url` itself, with or without a query.
    fn asked(&self, verify: &str) -> Option<String> {
        let base = self.entry.url.as_ref().map(|url| url.get_ref().as_str());
        let base = base.unwrap_or(ALPHAMOON);
        match verify {
            "" => Some(base.to_owned()),
            own if own == base => Some(base.to_owned()),
            query if query.starts_with('?') => Some(format!("{base}{query}")),
            path if path.starts_with('/') => Some(self.below_url(path)),
            _ => None,
        }
    }

    fn below_url(&self, path: &str) -> String {
        let base = self.entry.url.as_ref().map(|url| url.get_ref().as_str());
        let base = base.unwrap_or(ALPHAMOON);
        format!("{}{path}", base.strip_suffix('/').unwrap_or(base))
    }

    /// A cheap request without side effects. For a process key none is documented.
    fn known_path(&self) -> Option<&'static str> {
        match *self.entry.preset.as_ref()?.get_ref() {
            Preset::Alphamoon if self.entry.process.is_some() => None,
            Preset::Alphamoon => Some("/api/v0.3/processes?limit=1"),
            Preset::Immuta | Preset::ImmutaRawKey => Some("/bim/rpc/user/current"),
        }
    }
}

/// Whether a keyring attaches a credential of `spaces` to a request to `url`.
fn is_covered(url: &Url, spaces: &[ProtectionSpace], account: Option<&Account>) -> bool {
    let keyring = Keyring::builder().bind_all(spaces.iter().cloned(), Placeholder(0));
    keyring
        .is_ok_and(|keyring| placeholder::number(&keyring.build(), url.as_str(), account).is_some())
}
