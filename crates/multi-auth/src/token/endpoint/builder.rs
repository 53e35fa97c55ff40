//! Describes a token request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::TokenEndpoint;
use super::budget::Budget;
use super::request::Body;
use super::response::Shape;
use crate::checked_url;
use crate::token::cache::Rate;
use crate::{AuthError, Authenticator, ConstantHeaders, Transport};

/// Describes a [`TokenEndpoint`], from [`TokenEndpoint::builder`].
///
/// Places in the answer are JSON pointers (RFC 6901), such as `/data/token`. An empty pointer is
/// the whole answer.
pub struct TokenEndpointBuilder {
    endpoint: Url,
    transport: Arc<dyn Transport>,
    body: Body,
    credential: Option<Arc<dyn Authenticator>>,
    headers: ConstantHeaders,
    shape: Shape,
    budget: Budget,
}

impl TokenEndpointBuilder {
    pub(super) fn new(endpoint: Url, transport: Arc<dyn Transport>) -> Self {
        let shape = Shape::default();
        let budget = Budget::of(&endpoint);
        Self {
            endpoint,
            transport,
            body: Body::Empty,
            credential: None,
            headers: ConstantHeaders::new(),
            shape,
            budget,
        }
    }

    /// Sends a JSON object with these members, all strings.
    #[must_use]
    pub fn json<N: Into<String>, V: Into<SecretString>>(
        self,
        members: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self {
            body: Body::Json(secret_pairs(members)),
            ..self
        }
    }

    /// Sends this JSON text as it is: for members that are no strings, or objects in objects.
    #[must_use]
    pub fn json_text(self, text: impl Into<SecretString>) -> Self {
        Self {
            body: Body::JsonText(text.into()),
            ..self
        }
    }

    /// Sends these fields form-encoded (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form<N: Into<String>, V: Into<SecretString>>(
        self,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self {
            body: Body::Form(secret_pairs(fields)),
            ..self
        }
    }

    /// Authenticates the token request itself: with a fixed key such as [`Basic`](crate::Basic) or
    /// [`ApiKey`](crate::ApiKey), one that is replaced ([`Rotating`](crate::Rotating)), or a token
    /// ([`Bearer`](crate::Bearer)), for which a token request waits.
    ///
    /// The endpoint's answer is an answer to that credential: a token accepts it; 401, `invalid_client`
    /// or a flag of [`refused_unless`](Self::refused_unless) refuse it. Where a newer one can then be had,
    /// the token request is sent once more.
    #[must_use]
    pub fn authorized_by(self, credential: impl Authenticator + 'static) -> Self {
        Self {
            credential: Some(Arc::new(credential)),
            ..self
        }
    }

    /// Sends the header field `name` with the constant `value`, such as the `User-Agent` that the vendor
    /// asks for. Default: `User-Agent: multi-auth/<version>` and `Accept: application/json`.
    ///
    /// # Errors
    ///
    /// As [`ConstantHeaders::with`].
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, AuthError> {
        self.headers = self.headers.with(name, value)?;
        Ok(self)
    }

    /// Sends `headers`, in place of those that were given before.
    #[must_use]
    pub fn headers(self, headers: ConstantHeaders) -> Self {
        Self { headers, ..self }
    }

    /// Where the token stands. Default: `/access_token`.
    #[must_use]
    pub fn token_at(mut self, pointer: &str) -> Self {
        pointer.clone_into(&mut self.shape.token);
        self
    }

    /// Where the token's lifetime stands, in seconds from now. Default: `/expires_in`.
    #[must_use]
    pub fn expires_in(mut self, pointer: &str) -> Self {
        self.shape.expires_in = Some(pointer.to_owned());
        self
    }

    /// Where the moment of the token's expiry stands, as RFC 3339 text or in seconds since
    /// 1970-01-01T00:00:00Z. None, `null` and the first moment of the year 1 mean that it is not set. A
    /// number of 1,000,000,000,000 or more counts milliseconds (or micro- or nanoseconds).
    ///
    /// Where the answer has a `Date`, the lifetime is measured by it, and this machine's clock may be off.
    #[must_use]
    pub fn expires_at(mut self, pointer: &str) -> Self {
        self.shape.expires_at = Some(pointer.to_owned());
        self
    }

    /// The lifetime of a token whose answer names none. Default: it lives until it is refused.
    #[must_use]
    pub fn default_lifetime(mut self, lifetime: Duration) -> Self {
        self.shape.default_lifetime = Some(lifetime);
        self
    }

    /// A lifetime or an expiry of zero says that it is unknown, as with vendors whose tokens live until they
    /// are revoked: the token has the [`default_lifetime`](Self::default_lifetime), if there is one. Default:
    /// such a token has expired when it comes, and is an error.
    #[must_use]
    pub fn zero_means_unknown_lifetime(mut self) -> Self {
        self.shape.zero_is_unknown = true;
        self
    }

    /// How many token requests there may be at the endpoint's origin (scheme, host and port): `burst` at once,
    /// then one per `interval`. Default: 1,000, then 50 per second.
    ///
    /// All token requests of this process at that origin count, over all accounts. One too many is not sent:
    /// it fails with [`TokenRequestProblem::BudgetSpent`](crate::TokenRequestProblem::BudgetSpent).
    #[must_use]
    pub fn endpoint_limit(mut self, burst: u32, interval: Duration) -> Self {
        self.budget.rate = Some(Rate { burst, interval });
        self
    }

    /// Sends this token request however many there were at its endpoint. What is wrong with a token, or with
    /// a clock, may then flood the endpoint, and get all accounts locked there.
    #[must_use]
    pub fn dangerous_without_endpoint_limit(mut self) -> Self {
        self.budget.rate = None;
        self
    }

    /// Where a flag stands that is `false` when the key is refused in spite of a status of 200.
    #[must_use]
    pub fn refused_unless(mut self, pointer: &str) -> Self {
        self.shape.accepted = Some(pointer.to_owned());
        self
    }

    /// The token request.
    #[must_use]
    pub fn build(self) -> TokenEndpoint {
        let Self {
            endpoint,
            transport,
            body,
            credential,
            headers,
            shape,
            budget,
        } = self;
        TokenEndpoint {
            endpoint,
            transport,
            body,
            credential,
            headers,
            shape,
            budget,
        }
    }
}

fn secret_pairs<N: Into<String>, V: Into<SecretString>>(
    pairs: impl IntoIterator<Item = (N, V)>,
) -> Vec<(String, SecretString)> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

impl fmt::Debug for TokenEndpointBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = checked_url::shown(&self.endpoint);
        f.debug_struct("TokenEndpointBuilder")
            .field("endpoint", &endpoint)
            .finish_non_exhaustive()
    }
}
