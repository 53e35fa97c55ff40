//! The origins that an authenticator is used for.

use std::sync::{Arc, PoisonError};

use arc_swap::ArcSwap;
use multi_auth::{CredentialId, RequestHead};

use crate::sync::Mutex;
use crate::target::Target;

/// The most origins that are remembered. The oldest is forgotten first.
const MOST: usize = 64;

/// What an authenticator knows of one origin.
pub(crate) trait OriginState {
    fn new(target: Target) -> Self;

    fn target(&self) -> &Target;

    /// Whether a request with the ID `id` went to this origin, as far as that costs no lock.
    fn is_current(&self, id: &CredentialId) -> bool;

    /// Whether a request with the ID `id` went to this origin, if that costs a lock.
    fn was_current(&self, id: &CredentialId) -> bool {
        let _ = id;
        false
    }
}

/// The origins that an authenticator is used for.
pub(crate) struct Origins<O> {
    known: ArcSwap<Vec<Arc<O>>>,
    /// Locked while an origin is added.
    adding: Mutex<()>,
}

impl<O> Default for Origins<O> {
    fn default() -> Self {
        Self {
            known: ArcSwap::default(),
            adding: Mutex::default(),
        }
    }
}

impl<O: OriginState> Origins<O> {
    /// The origin that `request` goes to.
    pub(crate) fn at(&self, request: &RequestHead<'_>) -> Arc<O> {
        self.find(request).unwrap_or_else(|| self.add(request))
    }

    /// The origin that the request with the ID `id` went to.
    pub(crate) fn of(&self, id: &CredentialId) -> Option<Arc<O>> {
        let known = self.known.load();
        let current = known.iter().find(|origin| origin.is_current(id));
        let found = current.or_else(|| known.iter().find(|origin| origin.was_current(id)));
        found.map(Arc::clone)
    }

    pub(crate) fn count(&self) -> usize {
        self.known.load().len()
    }

    fn find(&self, request: &RequestHead<'_>) -> Option<Arc<O>> {
        let known = self.known.load();
        let found = known.iter().find(|origin| origin.target().is_of(request));
        found.map(Arc::clone)
    }

    #[cold]
    fn add(&self, request: &RequestHead<'_>) -> Arc<O> {
        let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.find(request) {
            return known;
        }
        let origin = Arc::new(O::new(Target::of(request)));
        let known = self.known.load();
        let kept = known.iter().skip((known.len() + 1).saturating_sub(MOST));
        let kept = kept.cloned().chain([Arc::clone(&origin)]);
        self.known.store(Arc::new(kept.collect()));
        origin
    }
}
