//! What is asked to see whether a vendor accepts a credential.

use super::check::{Check, Result};
use crate::document::Preset;

/// Where Alphamoon Workspace is, unless the file says otherwise.
const ALPHAMOON: &str = "https://workspace.alphamoon.ai";

impl Check<'_> {
    /// The URL to ask, which is at the origin of `url` whatever its path says.
    pub(super) fn verification(&self) -> Result<Option<String>> {
        const FORM: &str = "is no path: write it as in verify = \"/v1/me\", below `url`";
        let preset = self.entry.preset.as_ref().map(|preset| *preset.get_ref());
        let path = match &self.entry.verify {
            Some(path) => {
                let is_path = path.get_ref().starts_with('/')
                    && path
                        .get_ref()
                        .bytes()
                        .all(|byte| byte.is_ascii_graphic() && byte != b'#');
                if !is_path {
                    return Err(self.invalid("verify", path.span(), FORM));
                }
                Some(path.get_ref().as_str())
            }
            None => preset.and_then(|preset| self.known_path(preset)),
        };
        let base = self.entry.url.as_ref().map(|url| url.get_ref().as_str());
        let base = base.unwrap_or(ALPHAMOON).trim_end_matches('/');
        Ok(path.map(|path| format!("{base}{path}")))
    }

    /// Something cheap that changes nothing. Of a process key nothing is known that it may do in any case.
    fn known_path(&self, preset: Preset) -> Option<&'static str> {
        match preset {
            Preset::Alphamoon if self.entry.process.is_some() => None,
            Preset::Alphamoon => Some("/api/v0.3/processes?limit=1"),
            Preset::Immuta | Preset::ImmutaRawKey => Some("/bim/rpc/user/current"),
        }
    }
}
