//! The builder of a token endpoint.

mod request;
mod response;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::TokenEndpoint;
use super::budget::Budget;
use super::request::RequestSpec;
use super::response::ResponseSpec;
use crate::checked_url;
use crate::token::cache::Rate;
use crate::{AllOf, Authenticator, Sequence, Transport};

/// Builds a [`TokenEndpoint`], from [`TokenEndpoint::builder`].
///
/// Places in the response are JSON pointers (RFC 6901), such as `/data/token`. An empty pointer is
/// the whole response.
///
/// ```
/// use multi_auth::{Bearer, TokenEndpoint, Transport};
///
/// # fn main() {}
/// # fn bearer(transport: impl Transport + 'static) -> Result<Bearer, multi_auth::AuthError> {
/// // PUT https://api.example.com/sessions  {"user": "u-1", "password": "p-1"}
/// let endpoint = TokenEndpoint::builder("https://api.example.com/sessions", transport)?
///     .method(http::Method::PUT)
///     .json([("user", "u-1"), ("password", "p-1")])
///     .token_at("/session/id")
///     .default_lifetime(std::time::Duration::from_secs(1800))
///     .build();
/// # Ok(Bearer::new(endpoint))
/// # }
/// ```
pub struct TokenEndpointBuilder {
    request: RequestSpec,
    transport: Arc<dyn Transport>,
    credential: Option<Arc<dyn Authenticator>>,
    /// The credential of the OAuth client.
    client: Option<Arc<dyn Authenticator>>,
    proof: Option<Arc<dyn Authenticator>>,
    response: ResponseSpec,
    budget: Budget,
}

impl TokenEndpointBuilder {
    pub(super) fn new(endpoint: Url, transport: Arc<dyn Transport>) -> Self {
        Self {
            budget: Budget::of(&endpoint),
            request: RequestSpec::new(endpoint),
            transport,
            credential: None,
            client: None,
            proof: None,
            response: ResponseSpec::default(),
        }
    }

    /// Limits the token requests to the endpoint's origin (scheme, host and port): `burst` at once,
    /// then one per `interval`. Default: 1,000, then 50 per second.
    ///
    /// All token requests of this process to that origin share the limit, for all accounts. A token
    /// request above it is not sent and fails with
    /// [`TokenRequestProblem::BudgetSpent`](crate::TokenRequestProblem::BudgetSpent).
    #[must_use]
    pub fn endpoint_limit(mut self, burst: u32, interval: Duration) -> Self {
        self.budget.rate = Some(Rate { burst, interval });
        self
    }

    /// Sends token requests without a limit. A wrong clock or a token that is always refused may
    /// then flood the endpoint, and the vendor may lock all accounts.
    #[must_use]
    pub fn dangerous_without_endpoint_limit(mut self) -> Self {
        self.budget.rate = None;
        self
    }

    /// Builds the token endpoint.
    #[must_use]
    pub fn build(self) -> TokenEndpoint {
        let Self {
            request,
            transport,
            credential,
            client,
            proof,
            response,
            budget,
        } = self;
        let credential = match (credential, client) {
            (Some(credential), Some(client)) => Some(Arc::new(AllOf::new(credential, client)) as _),
            (credential, client) => credential.or(client),
        };
        let credential = match (credential, proof) {
            (Some(first), Some(proof)) => Some(Arc::new(Sequence::new(first, proof)) as _),
            (credential, proof) => credential.or(proof),
        };
        TokenEndpoint {
            request,
            transport,
            credential,
            response,
            budget,
        }
    }
}

impl fmt::Debug for TokenEndpointBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = checked_url::shown(&self.request.endpoint);
        f.debug_struct("TokenEndpointBuilder")
            .field("endpoint", &endpoint)
            .finish_non_exhaustive()
    }
}
