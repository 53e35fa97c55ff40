//! The token cache settings of an entry.

use std::time::Duration;

use http::StatusCode;
use jiff::SignedDuration;
use toml::Spanned;

use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::scheme::TokenSettings;

impl VendorCheck<'_> {
    pub(super) fn token_settings(&self) -> Result<TokenSettings> {
        let Some(settings) = &self.entry.token else {
            return Ok(TokenSettings::default());
        };
        let settings = settings.get_ref();
        Ok(TokenSettings {
            refresh_timeout: self
                .length("token.refresh_timeout", settings.refresh_timeout.as_ref())?,
            attempts: settings.attempts,
            window: self.length("token.window", settings.window.as_ref())?,
            margin: self.length("token.margin", settings.margin.as_ref())?,
            max_age: self.length("token.max_age", settings.max_age.as_ref())?,
            serve_stale: settings.serve_stale,
            refresh_on: self.statuses(settings.refresh_on.as_ref())?,
        })
    }

    /// A duration above zero.
    pub(super) fn length(
        &self,
        field: &str,
        text: Option<&Spanned<String>>,
    ) -> Result<Option<Duration>> {
        const FORM: Advice = Advice::new("is not a duration", "write it as 30s, 5m or 1h 30m");
        let Some(text) = text else {
            return Ok(None);
        };
        let length = text.get_ref().parse::<SignedDuration>().ok();
        let length = length.and_then(|length| Duration::try_from(length).ok());
        match length.filter(|length| !length.is_zero()) {
            Some(length) => Ok(Some(length)),
            None => Err(self.invalid(field, text.span(), FORM)),
        }
    }

    fn statuses(&self, codes: Option<&Spanned<Vec<u16>>>) -> Result<Option<Vec<StatusCode>>> {
        const FORM: Advice = Advice::new(
            "has a status that is not a client error",
            "write statuses from 400 to 499",
        );
        let Some(codes) = codes else {
            return Ok(None);
        };
        let status = |code: &u16| {
            StatusCode::from_u16(*code)
                .ok()
                .filter(StatusCode::is_client_error)
        };
        let statuses = codes.get_ref().iter().map(status).collect::<Option<_>>();
        match statuses {
            Some(statuses) => Ok(Some(statuses)),
            None => Err(self.invalid("token.refresh_on", codes.span(), FORM)),
        }
    }
}
