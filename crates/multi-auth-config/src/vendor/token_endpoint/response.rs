//! Where the response has the token and its lifetime.

use http::HeaderName;

use super::Endpoint;
use crate::Advice;
use crate::scheme::{ResponseSettings, TokenLocation};
use crate::template;
use crate::vendor::check::{Result, VendorCheck};

const POINTER: Advice = Advice::new(
    "is not a JSON pointer",
    "write the path to the value, as in \"/data/token\" (RFC 6901)",
);

const KEEP: Advice = Advice::new(
    "has an invalid name or pointer",
    "write a name of lower-case letters, digits and `_`, and a JSON pointer, as in { account = \"/account/id\" }",
);

const TWO_TOKENS: Advice = Advice::new(
    "has two places for the token",
    "write one of `token_at`, `token_header` and `token_cookie`",
);

const TWO_LIFETIMES: Advice = Advice::new(
    "has two lifetimes",
    "write one of `expires_in`, `expires_in_milliseconds` and `expires_in_minutes`",
);

const HEADER: Advice = Advice::new(
    "is not the name of a header field",
    "write it as in \"X-Subject-Token\"",
);

const COOKIE: Advice = Advice::new("is not the name of a cookie", "write it as in \"SESSION\"");

impl VendorCheck<'_> {
    pub(super) fn response(&self, endpoint: &Endpoint<'_>) -> Result<ResponseSettings> {
        let table = endpoint.table;
        self.check_pointers(endpoint)?;
        let lifetime = table.default_lifetime.as_ref();
        Ok(ResponseSettings {
            token: self.token_location(endpoint)?,
            token_types: table.token_types.clone(),
            expires_in: table.expires_in.clone(),
            expires_in_milliseconds: table.expires_in_milliseconds.clone(),
            expires_in_minutes: table.expires_in_minutes.clone(),
            expires_at: table.expires_at.clone(),
            expires_by_jwt: table.expires_by_jwt,
            default_lifetime: self.length(&endpoint.field("default_lifetime"), lifetime)?,
            zero_means_unknown_lifetime: table.zero_means_unknown_lifetime,
            refused_unless: table.refused_unless.clone(),
            keep: self.kept(endpoint)?,
        })
    }

    /// The texts to keep, by name.
    fn kept(&self, endpoint: &Endpoint<'_>) -> Result<Vec<(String, String)>> {
        for (name, pointer) in &endpoint.table.keep {
            let is_ok =
                template::is_name(name) && name != template::KEY && pointer.starts_with('/');
            if !is_ok {
                return Err(self.wrong(endpoint, "keep", KEEP));
            }
        }
        Ok(endpoint.table.keep.clone().into_iter().collect())
    }

    fn token_location(&self, endpoint: &Endpoint<'_>) -> Result<TokenLocation> {
        let table = endpoint.table;
        let wrong = |field: &str, advice| Err(self.wrong(endpoint, field, advice));
        match (&table.token_at, &table.token_header, &table.token_cookie) {
            (None, None, None) => Ok(TokenLocation::Default),
            (Some(pointer), None, None) => Ok(TokenLocation::Pointer(pointer.clone())),
            (None, Some(name), None) => match HeaderName::try_from(name) {
                Ok(name) => Ok(TokenLocation::Header(name)),
                Err(_) => wrong("token_header", HEADER),
            },
            // The name of a cookie is a token, as that of a header field is (RFC 6265, 4.1.1).
            (None, None, Some(name)) => match HeaderName::try_from(name) {
                Ok(_) => Ok(TokenLocation::Cookie(name.clone())),
                Err(_) => wrong("token_cookie", COOKIE),
            },
            _ => Err(self.invalid(&endpoint.path, endpoint.span.clone(), TWO_TOKENS)),
        }
    }

    fn check_pointers(&self, endpoint: &Endpoint<'_>) -> Result<()> {
        let table = endpoint.table;
        let lifetimes = [
            ("expires_in", &table.expires_in),
            ("expires_in_milliseconds", &table.expires_in_milliseconds),
            ("expires_in_minutes", &table.expires_in_minutes),
        ];
        if lifetimes
            .iter()
            .filter(|(_, pointer)| pointer.is_some())
            .count()
            > 1
        {
            return Err(self.invalid(&endpoint.path, endpoint.span.clone(), TWO_LIFETIMES));
        }
        let others = [
            ("expires_at", &table.expires_at),
            ("refused_unless", &table.refused_unless),
            ("token_at", &table.token_at),
        ];
        for (field, pointer) in lifetimes.into_iter().chain(others) {
            let is_whole = field == "token_at";
            let is_pointer = |text: &String| text.starts_with('/') || is_whole && text.is_empty();
            if !pointer.as_ref().is_none_or(is_pointer) {
                return Err(self.wrong(endpoint, field, POINTER));
            }
        }
        Ok(())
    }
}
