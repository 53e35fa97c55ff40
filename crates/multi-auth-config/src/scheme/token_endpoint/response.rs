//! Where the response of a token endpoint has the token and its lifetime.

use std::time::Duration;

use http::HeaderName;
use multi_auth::TokenEndpointBuilder;

/// The places of values in a response.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResponseSettings {
    pub(crate) token: TokenLocation,
    pub(crate) token_types: Vec<String>,
    pub(crate) expires_in: Option<String>,
    pub(crate) expires_in_milliseconds: Option<String>,
    pub(crate) expires_in_minutes: Option<String>,
    pub(crate) expires_at: Option<String>,
    pub(crate) expires_by_jwt: bool,
    pub(crate) default_lifetime: Option<Duration>,
    pub(crate) zero_means_unknown_lifetime: bool,
    pub(crate) refused_unless: Option<String>,
    /// Other texts to keep: their names and pointers.
    pub(crate) keep: Vec<(String, String)>,
}

/// Where the token is.
#[derive(Clone, Debug, Default)]
pub(crate) enum TokenLocation {
    /// At `/access_token`.
    #[default]
    Default,
    Pointer(String),
    Header(HeaderName),
    Cookie(String),
}

impl ResponseSettings {
    pub(super) fn describe(&self, mut builder: TokenEndpointBuilder) -> TokenEndpointBuilder {
        builder = match &self.token {
            TokenLocation::Default => builder,
            TokenLocation::Pointer(pointer) => builder.token_at(pointer),
            TokenLocation::Header(name) => builder.token_in_header(name.clone()),
            TokenLocation::Cookie(name) => builder.token_in_cookie(name),
        };
        if !self.token_types.is_empty() {
            builder = builder.token_types(self.token_types.iter().map(String::as_str));
        }
        if let Some(pointer) = &self.expires_in {
            builder = builder.expires_in(pointer);
        }
        if let Some(pointer) = &self.expires_in_milliseconds {
            builder = builder.expires_in_milliseconds(pointer);
        }
        if let Some(pointer) = &self.expires_in_minutes {
            builder = builder.expires_in_minutes(pointer);
        }
        if let Some(pointer) = &self.expires_at {
            builder = builder.expires_at(pointer);
        }
        if self.expires_by_jwt {
            builder = builder.expires_by_jwt();
        }
        if let Some(lifetime) = self.default_lifetime {
            builder = builder.default_lifetime(lifetime);
        }
        if self.zero_means_unknown_lifetime {
            builder = builder.zero_means_unknown_lifetime();
        }
        if let Some(pointer) = &self.refused_unless {
            builder = builder.refused_unless(pointer);
        }
        for (name, pointer) in &self.keep {
            builder = builder.part_at(name, pointer);
        }
        builder
    }
}
