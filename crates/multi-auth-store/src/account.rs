//! The tokens of one account in a store, and the token sources on top of them.

mod lease;
mod refresh_tokens;
mod source;
pub use refresh_tokens::RefreshTokens;
pub use source::StoredSource;

use std::sync::Arc;
use std::time::Duration;

use multi_auth::{Clock, SystemClock, Token, TokenSource};

use self::refresh_tokens::Session;
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
    lease_timeout: Duration,
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
            lease_timeout: Duration::from_secs(20),
            shares_access_tokens: true,
        }
    }

    /// Sets how long to wait while another process holds the lease. Default: 20 seconds.
    #[must_use]
    pub fn with_lease_timeout(self, lease_timeout: Duration) -> Self {
        Self {
            lease_timeout,
            ..self
        }
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
        let revision = self.load().await?.revision;
        let published = self.store.publish(&lease, revision, tokens).await?;
        // The tokens are stored: a lease that is not given back ends by itself.
        let _ = self.store.release(lease).await;
        match published {
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
    /// If the store cannot be read or written, the token request fails: a refresh token that two
    /// processes present is revoked by many servers (RFC 9700, 4.14.2).
    pub fn refreshing<S: TokenSource + 'static>(
        &self,
        build: impl FnOnce(RefreshTokens) -> S,
    ) -> StoredSource<S> {
        let session = Arc::new(Session::new(self.clone()));
        let source = build(RefreshTokens::new(Arc::clone(&session)));
        StoredSource::new(source, session, source::OnOutage::Fail)
    }

    /// A token source that shares the tokens of `source` with other processes.
    ///
    /// If the store cannot be read or written, each process requests its tokens itself.
    pub fn sharing<S: TokenSource + 'static>(&self, source: S) -> StoredSource<S> {
        let session = Arc::new(Session::new(self.clone()));
        StoredSource::new(source, session, source::OnOutage::RequestAlone)
    }

    async fn load(&self) -> Result<Stored, StoreError> {
        self.store.load(&self.key).await
    }

    /// The stored access token, if it is newer than `seen` and valid for more than a second.
    fn newer(&self, stored: &Stored, seen: u64) -> Option<Token> {
        const MIN_REMAINING: Duration = Duration::from_secs(1);
        let token = stored.tokens.access_token()?;
        let is_valid = token
            .expiry()
            .is_none_or(|expiry| expiry > self.clock.wall() + MIN_REMAINING);
        (stored.revision > seen && is_valid).then(|| token.clone())
    }

    fn error(&self, problem: StoreProblem) -> StoreError {
        StoreError::new(self.key.to_string(), problem)
    }
}
