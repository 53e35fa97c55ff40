//! What is known of one origin: the nonce in use, and those that were in use before.

use std::sync::{Arc, PoisonError};

use arc_swap::{ArcSwap, Guard};
use multi_auth::{Credential, CredentialId, Generation, Rejection, ResponseHead, Verdict};

use super::Settings;
use super::answer::Answer;
use super::challenge::{Offer, Offered};
use super::counter::Counter;
use super::earlier::Earlier;
use super::next_nonce::next_nonce;
use super::session::{Session, random_cnonce};
use crate::origins::OriginState;
use crate::sync::{Mutex, MutexGuard};
use crate::target::Target;

/// A scheme, host and port, and how to sign requests to it.
pub(super) struct Origin {
    target: Target,
    /// Requests without a credential have it in their ID.
    watch: Generation,
    answer: ArcSwap<Answer>,
    /// Locked while the answer is replaced.
    earlier: Mutex<Earlier>,
}

impl OriginState for Origin {
    fn new(target: Target) -> Self {
        Self {
            target,
            watch: Generation::next(),
            answer: ArcSwap::from_pointee(Answer::Unknown),
            earlier: Mutex::default(),
        }
    }

    fn target(&self) -> &Target {
        &self.target
    }

    fn is_current(&self, id: &CredentialId) -> bool {
        id.holds(self.watch) || self.answer.load().is_of(id)
    }

    fn was_current(&self, id: &CredentialId) -> bool {
        self.earlier().nonce_of(id).is_some()
    }
}

impl Origin {
    pub(super) fn answer(&self) -> Guard<Arc<Answer>> {
        self.answer.load()
    }

    /// A credential that attaches nothing. The challenge in the response is learned.
    pub(super) fn watching(&self) -> Credential {
        Credential::watching(self.watch)
    }

    /// Learns the next nonce, if the response to an accepted request has one.
    pub(super) fn accepted(
        &self,
        id: &CredentialId,
        response: &ResponseHead<'_>,
        settings: &Settings,
    ) {
        let Some(nonce) = next_nonce(response.headers()) else {
            return;
        };
        let mut earlier = self.earlier();
        let answer = self.answer.load();
        // A late response does not replace a newer nonce.
        let Some(session) = answer.session().filter(|own| id.holds(own.generation)) else {
            return;
        };
        if *nonce == *session.offer.nonce {
            return;
        }
        if let Ok(offer) = session.offer.with_nonce(&nonce) {
            let counter = self.counter_of(&earlier, &nonce);
            let next = session.with_nonce(&settings.user, offer, counter);
            self.replace(&mut earlier, Answer::Session(Box::new(next)));
        }
    }

    /// Judges a request that was refused with status 401, and learns the challenge.
    pub(super) fn refused(
        &self,
        id: &CredentialId,
        response: &ResponseHead<'_>,
        settings: &Settings,
    ) -> Verdict {
        let mut earlier = self.earlier();
        let answer = self.answer.load();
        let session = answer.session();
        if session.is_some_and(|session| !id.holds(session.generation)) {
            // Another request has got a newer nonce since this one was sent.
            return Verdict::Resign;
        }
        let is_signed = !id.holds(self.watch);
        let offer = match Offered::strongest(response, settings.choices) {
            Offered::Usable(offer) => offer,
            Offered::Unusable(problem) => {
                if !answer.is_unusable_because(&problem) {
                    self.replace(&mut earlier, Answer::unusable(problem));
                }
                return Verdict::Resign;
            }
            Offered::Nothing if is_signed => return Verdict::Reject(Rejection::FixedKey),
            Offered::Nothing => return Verdict::Accept,
        };
        if is_signed && !offer.is_stale {
            let own = session.map(|session| &*session.offer.nonce);
            if own.or(earlier.nonce_of(id)) == Some(&*offer.nonce) {
                return Verdict::Reject(Rejection::FixedKey);
            }
            if response.is_after_resign() {
                // The nonce was fresh, so the password is wrong. Forget the nonce: the next request
                // would fail twice with it, and some servers count failures.
                self.replace(&mut earlier, Answer::Unknown);
                return Verdict::Reject(Rejection::FixedKey);
            }
        }
        self.adopt(&mut earlier, offer, settings);
        Verdict::Resign
    }

    /// Forgets the nonce of `generation`, all uses of which are used up.
    pub(super) fn forget(&self, generation: Generation) {
        let mut earlier = self.earlier();
        let answer = self.answer.load();
        if answer
            .session()
            .is_some_and(|own| own.generation == generation)
        {
            self.replace(&mut earlier, Answer::Unknown);
        }
    }

    #[cfg(test)]
    pub(super) fn set(&self, answer: Answer) {
        self.replace(&mut self.earlier(), answer);
    }

    fn adopt(&self, earlier: &mut Earlier, offer: Offer, settings: &Settings) {
        let counter = self.counter_of(earlier, &offer.nonce);
        let answer = match random_cnonce() {
            Ok(cnonce) => {
                let session = Session::begin(&settings.user, offer, counter, &cnonce);
                Answer::Session(Box::new(session))
            }
            Err(error) => Answer::Unusable(error),
        };
        self.replace(earlier, answer);
    }

    /// The counter of `nonce`. A server may give out a nonce again: `nc` then continues.
    fn counter_of(&self, earlier: &Earlier, nonce: &str) -> Arc<Counter> {
        let answer = self.answer.load();
        let current = answer.session().filter(|own| *own.offer.nonce == *nonce);
        let known = current.map(|session| &session.counter);
        known
            .or_else(|| earlier.counter_of(nonce))
            .cloned()
            .unwrap_or_default()
    }

    fn replace(&self, earlier: &mut Earlier, answer: Answer) {
        if let Some(session) = self.answer.load().session() {
            earlier.add(session);
        }
        self.answer.store(Arc::new(answer));
    }

    fn earlier(&self) -> MutexGuard<'_, Earlier> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
