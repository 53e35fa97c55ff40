//! Where the response has the token, its expiry and its parts.

use std::time::Duration;

use http::HeaderName;

use super::TokenEndpointBuilder;
use crate::token::endpoint::response::Part;
use crate::token::endpoint::token_place::TokenPlace;

impl TokenEndpointBuilder {
    /// Sets the accepted token types, regardless of case. Default: `Bearer`. A response without a
    /// type has a `Bearer` token.
    ///
    /// A token of another type must not be sent as a bearer token (RFC 6749, 7.1): set the
    /// [`placement`](crate::BearerBuilder::placement) that the type requires. The type `N_A` means
    /// that the token is not an access token (RFC 8693, 2.2.1).
    #[must_use]
    pub fn token_types<T: Into<String>>(mut self, types: impl IntoIterator<Item = T>) -> Self {
        self.response.token_types = types.into_iter().map(Into::into).collect();
        self
    }

    /// Keeps the text at `pointer` as the [part](crate::Token::part) `name` of the token, such as
    /// the `instance_url` of Salesforce. A response without it is an error.
    #[must_use]
    pub fn part_at(mut self, name: &str, pointer: &str) -> Self {
        self.response.keep(Part::required(name, pointer));
        self
    }

    /// Keeps the text at `pointer` as the [part](crate::Token::part) `name` of the token, if the
    /// response has it.
    #[must_use]
    pub fn optional_part_at(mut self, name: &str, pointer: &str) -> Self {
        self.response.keep(Part::optional(name, pointer));
        self
    }

    /// Sets the pointer to the token. Default: `/access_token`. The empty pointer is the whole
    /// body, which may be plain text.
    #[must_use]
    pub fn token_at(mut self, pointer: &str) -> Self {
        self.response.token = TokenPlace::Pointer(pointer.to_owned());
        self
    }

    /// Takes the token from the header field `name` of the response, such as `X-Subject-Token`. The
    /// body may be empty.
    #[must_use]
    pub fn token_in_header(mut self, name: HeaderName) -> Self {
        self.response.token = TokenPlace::Header(name);
        self
    }

    /// Takes the token from the cookie `name` that the response sets (RFC 6265). The body may be
    /// empty.
    #[must_use]
    pub fn token_in_cookie(mut self, name: &str) -> Self {
        self.response.token = TokenPlace::Cookie(name.to_owned());
        self
    }

    /// Sets the pointer to the token's lifetime in seconds. Default: `/expires_in`.
    #[must_use]
    pub fn expires_in(mut self, pointer: &str) -> Self {
        self.response.expires_in = Some(pointer.to_owned());
        self.response.lifetime_unit = Duration::from_secs(1);
        self
    }

    /// Sets the pointer to the token's lifetime in milliseconds, for a vendor that uses them.
    #[must_use]
    pub fn expires_in_milliseconds(mut self, pointer: &str) -> Self {
        self = self.expires_in(pointer);
        self.response.lifetime_unit = Duration::from_millis(1);
        self
    }

    /// Sets the pointer to the token's lifetime in minutes, for a vendor that uses them.
    #[must_use]
    pub fn expires_in_minutes(mut self, pointer: &str) -> Self {
        self = self.expires_in(pointer);
        self.response.lifetime_unit = Duration::from_secs(60);
        self
    }

    /// Takes the expiry from the token itself, which is a JWT with the claim `exp` (RFC 7519,
    /// 4.1.4), if the response has no lifetime. The signature is not checked.
    #[must_use]
    pub fn expires_by_jwt(mut self) -> Self {
        self.response.expires_by_jwt = true;
        self
    }

    /// Sets the pointer to the token's expiry: RFC 3339 text, or a number of seconds since
    /// 1970-01-01T00:00:00Z.
    ///
    /// A number of 1,000,000,000,000 or more is in milliseconds (or microseconds or nanoseconds).
    /// An absent value, `null` and the start of the year 1 mean that there is no expiry.
    ///
    /// With the `Date` of the response, the expiry becomes a lifetime, so the clock of this machine
    /// may be wrong.
    #[must_use]
    pub fn expires_at(mut self, pointer: &str) -> Self {
        self.response.expires_at = Some(pointer.to_owned());
        self
    }

    /// Sets the lifetime of a token whose response has none. Default: the token is used until it is
    /// refused.
    #[must_use]
    pub fn default_lifetime(mut self, lifetime: Duration) -> Self {
        self.response.default_lifetime = Some(lifetime);
        self
    }

    /// Treats a lifetime or an expiry of zero as unknown, for vendors whose tokens are valid until
    /// revoked.
    ///
    /// The token gets the [`default_lifetime`](Self::default_lifetime), if one is set. By default,
    /// such a token is an error: it is expired on arrival.
    #[must_use]
    pub fn zero_means_unknown_lifetime(mut self) -> Self {
        self.response.zero_is_unknown = true;
        self
    }

    /// Sets the pointer to a flag that is `false` if the vendor refuses the key with status 200.
    #[must_use]
    pub fn refused_unless(mut self, pointer: &str) -> Self {
        self.response.accepted = Some(pointer.to_owned());
        self
    }
}
