//! Keeps the metadata of a server, and fetches it once for all callers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::Discovery;
use crate::AuthError;
use crate::oauth::Metadata;
use crate::token::cache::{can_spawn, within};

/// How long a document is used before it is fetched again.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an old document is used after an attempt to fetch a newer one.
const RETRY: Duration = Duration::from_secs(60);

/// How long a caller that has an old document waits for a newer one.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Cached {
    current: RwLock<Option<Current>>,
    /// Held by the caller that fetches a document.
    fetching: tokio::sync::Mutex<LastFetch>,
    /// How many fetches have ended.
    ended: AtomicU64,
}

#[derive(Clone)]
struct Current {
    fetched: Instant,
    metadata: Arc<Metadata>,
}

#[derive(Default)]
struct LastFetch {
    began: Option<Instant>,
    error: Option<AuthError>,
}

impl Discovery {
    /// The metadata, from memory if it was fetched within a day.
    pub(super) async fn cached_metadata(&self) -> Result<Arc<Metadata>, AuthError> {
        match self.current() {
            Some(current) if self.age(current.fetched) < MAX_AGE => Ok(current.metadata),
            Some(current) => Ok(self.newer(current.metadata).await),
            None => self.first().await,
        }
    }

    /// The first document. Concurrent callers share one fetch, and its error.
    async fn first(&self) -> Result<Arc<Metadata>, AuthError> {
        let ended = self.cached.ended.load(Ordering::Relaxed);
        let mut last = self.cached.fetching.lock().await;
        if let Some(current) = self.current() {
            return Ok(current.metadata);
        }
        if self.cached.ended.load(Ordering::Relaxed) != ended
            && let Some(error) = &last.error
        {
            return Err(error.clone());
        }
        let fetched = self.fetch().await;
        self.cached.ended.fetch_add(1, Ordering::Relaxed);
        last.error = fetched.as_ref().err().cloned();
        fetched.map(|metadata| self.keep(metadata))
    }

    /// A newer document, or `old` if there is none within a few seconds, or if another caller
    /// fetches one.
    async fn newer(&self, old: Arc<Metadata>) -> Arc<Metadata> {
        let Ok(mut last) = self.cached.fetching.try_lock() else {
            return old;
        };
        if last.began.is_some_and(|began| self.age(began) < RETRY) {
            return old;
        }
        last.began = Some(self.clock.monotonic());
        let fetched = if can_spawn() {
            within(PATIENCE, self.fetch()).await
        } else {
            Some(self.fetch().await)
        };
        match fetched {
            Some(Ok(metadata)) => self.keep(metadata),
            Some(Err(_)) | None => old,
        }
    }

    fn keep(&self, metadata: Metadata) -> Arc<Metadata> {
        let metadata = Arc::new(metadata);
        let mut current = self
            .cached
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *current = Some(Current {
            fetched: self.clock.monotonic(),
            metadata: Arc::clone(&metadata),
        });
        metadata
    }

    fn current(&self) -> Option<Current> {
        let current = self.cached.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn age(&self, time: Instant) -> Duration {
        self.clock.monotonic().saturating_duration_since(time)
    }
}
