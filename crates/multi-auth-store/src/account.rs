//! The tokens of one account in a store, and the token sources on top of them.

mod lease;
mod limits;
mod outage;
mod pause;
mod refresh_tokens;
mod refusals;
mod session;
mod source;
pub use refresh_tokens::RefreshTokens;
pub use source::StoredSource;

use std::sync::Arc;
use std::time::Duration;

use multi_auth::{Clock, SystemClock, TokenSource};

use self::limits::Limits;
use self::session::Session;
use crate::{Published, StoreError, StoreKey, StoreProblem, Stored, StoredTokens, TokenStore};

/// The tokens of one account in a [`TokenStore`].
///
/// [`refreshing`](Self::refreshing) and [`sharing`](Self::sharing) return token sources. All
/// processes that use the same entry of the same store share one token request: the source takes
/// the lease, looks again, requests a token, stores it, and gives the lease back.
///
/// ```
/// use multi_auth::oauth::{Client, Grant};
/// use multi_auth::{AuthError, Bearer, TokenEndpoint, Transport};
/// use multi_auth_store::{StoreKey, StoredAccount, TokenStore};
///
/// # fn main() {}
/// # fn bearer(store: impl TokenStore + 'static, transport: impl Transport + 'static)
/// #     -> Result<Bearer, AuthError> {
/// let account = StoredAccount::new(store, StoreKey::new("example", "ada")?);
/// let endpoint = TokenEndpoint::builder("https://login.example.com/oauth2/token", transport)?;
/// let client = Client::public("my-app")?;
/// let source = account.refreshing(|refresh_tokens| {
///     endpoint.grant(Grant::refresh_token(refresh_tokens), client).build()
/// });
/// # Ok(Bearer::new(source))
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct StoredAccount {
    store: Arc<dyn TokenStore>,
    key: StoreKey,
    clock: Arc<dyn Clock>,
    limits: Limits,
    shares_access_tokens: bool,
}

impl StoredAccount {
    /// The entry `key` of `store`.
    #[must_use]
    pub fn new(store: impl TokenStore + 'static, key: StoreKey) -> Self {
        Self {
            store: Arc::new(store),
            key,
            clock: Arc::new(SystemClock),
            limits: Limits::default(),
            shares_access_tokens: true,
        }
    }

    /// Sets the time limit of a token request. Default: 20 seconds for [`sharing`](Self::sharing),
    /// 30 seconds for [`refreshing`](Self::refreshing), because the response may hold a refresh
    /// token.
    ///
    /// A lease is valid for the request timeout plus a fifth of it, or plus 1 second if that is
    /// longer. It is extended while the token request runs. If the process dies, the lease ends and
    /// another process takes it.
    #[must_use]
    pub fn with_request_timeout(mut self, request_timeout: Duration) -> Self {
        self.limits.request = Some(request_timeout);
        self
    }

    /// Sets how long to wait while another process holds the lease. Default: the request timeout,
    /// plus the lease, plus 1 second: 45 seconds for `sharing`, 67 seconds for `refreshing`.
    #[must_use]
    pub fn with_lease_timeout(mut self, lease_timeout: Duration) -> Self {
        self.limits.wait = Some(lease_timeout);
        self
    }

    /// Stores only refresh tokens. Each process then requests its access tokens itself, one process
    /// after the other.
    #[must_use]
    pub fn without_access_tokens(self) -> Self {
        Self {
            shares_access_tokens: false,
            ..self
        }
    }

    /// Sets the clock by which access tokens expire. Default: [`SystemClock`].
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The entry.
    #[must_use]
    pub fn key(&self) -> &StoreKey {
        &self.key
    }

    /// Returns the stored tokens.
    ///
    /// # Errors
    ///
    /// Why the store could not be read.
    pub async fn tokens(&self) -> Result<StoredTokens, StoreError> {
        Ok(self.load().await?.tokens)
    }

    /// Replaces the stored tokens after a login. `StoredTokens::default()` logs out.
    ///
    /// This waits until no process refreshes them.
    ///
    /// # Errors
    ///
    /// Why they are not stored.
    pub async fn replace(&self, tokens: &StoredTokens) -> Result<(), StoreError> {
        let lease = self.lease().await?;
        let revision = self.store.load(&self.key).await?.revision;
        // The tokens are stored: a lease that is not given back ends by itself.
        match self
            .store
            .publish_and_release(lease, revision, tokens)
            .await?
        {
            Published::Stored(_) => Ok(()),
            Published::Conflict => Err(self.error(StoreProblem::Conflict)),
        }
    }

    /// A token source that presents the stored refresh token (RFC 6749, 6) and stores a new one
    /// before it returns the access token.
    ///
    /// `build` describes the token request, with [`RefreshTokens`] as the store of its
    /// [`Grant::refresh_token`](multi_auth::oauth::Grant::refresh_token).
    ///
    /// If the store cannot be read or written, no token request is sent: many servers revoke a
    /// refresh token that two processes present (RFC 9700, 4.14.2). The error is
    /// [`StoreProblem::RefreshTokenWithheld`].
    pub fn refreshing<S: TokenSource + 'static>(
        &self,
        build: impl FnOnce(RefreshTokens) -> S,
    ) -> StoredSource<S> {
        let session = Arc::new(Session::new(self.with_default_limit(30)));
        let source = build(RefreshTokens::new(Arc::clone(&session)));
        StoredSource::new(source, session, source::OnOutage::Fail)
    }

    /// A token source that shares the tokens of `source` with other processes.
    ///
    /// If the store does not answer, each process requests its own tokens. A process whose token is
    /// still valid first waits for a random part of the remaining lifetime, so that not all
    /// processes send a token request at once. An entry of a server that cannot be opened is
    /// replaced.
    pub fn sharing<S: TokenSource + 'static>(&self, source: S) -> StoredSource<S> {
        let session = Arc::new(Session::new(self.with_default_limit(20)));
        StoredSource::new(source, session, source::OnOutage::RequestWithoutStore)
    }

    async fn load(&self) -> Result<Stored, StoreError> {
        let stored = self.store.load(&self.key).await?;
        match stored.unreadable {
            Some(unreadable) => Err(self.error(unreadable.into())),
            None => Ok(stored),
        }
    }

    fn with_default_limit(&self, seconds: u64) -> Self {
        let limit = self.limits.request.unwrap_or(Duration::from_secs(seconds));
        self.clone().with_request_timeout(limit)
    }

    fn error(&self, problem: StoreProblem) -> StoreError {
        StoreError::new(self.key.to_string(), problem)
    }
}
