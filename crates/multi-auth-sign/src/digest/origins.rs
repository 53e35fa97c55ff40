//! The origins that an authenticator is used for.

use std::sync::{Arc, PoisonError};

use arc_swap::ArcSwap;
use multi_auth::{CredentialId, RequestHead};

use super::origin::Origin;
use super::sync::Mutex;
use super::target::Target;

/// The most origins that are remembered. The oldest is forgotten first.
const MOST: usize = 64;

/// The origins that an authenticator is used for.
#[derive(Default)]
pub(super) struct Origins {
    known: ArcSwap<Vec<Arc<Origin>>>,
    /// Locked while an origin is added.
    adding: Mutex<()>,
}

impl Origins {
    /// The origin that `request` goes to.
    pub(super) fn at(&self, request: &RequestHead<'_>) -> Arc<Origin> {
        self.find(request).unwrap_or_else(|| self.add(request))
    }

    /// The origin that the request with the ID `id` went to.
    pub(super) fn of(&self, id: &CredentialId) -> Option<Arc<Origin>> {
        let known = self.known.load();
        let current = known.iter().find(|origin| origin.is_current(id));
        let found = current.or_else(|| known.iter().find(|origin| origin.was_current(id)));
        found.map(Arc::clone)
    }

    pub(super) fn count(&self) -> usize {
        self.known.load().len()
    }

    fn find(&self, request: &RequestHead<'_>) -> Option<Arc<Origin>> {
        let known = self.known.load();
        let found = known.iter().find(|origin| origin.target.is_of(request));
        found.map(Arc::clone)
    }

    #[cold]
    fn add(&self, request: &RequestHead<'_>) -> Arc<Origin> {
        let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.find(request) {
            return known;
        }
        let origin = Arc::new(Origin::new(Target::of(request)));
        let known = self.known.load();
        let kept = known.iter().skip((known.len() + 1).saturating_sub(MOST));
        let kept = kept.cloned().chain([Arc::clone(&origin)]);
        self.known.store(Arc::new(kept.collect()));
        origin
    }
}
