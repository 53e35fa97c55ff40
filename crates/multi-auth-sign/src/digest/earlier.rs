//! The nonces of an origin that were in use before.

use std::collections::VecDeque;
use std::sync::Arc;

use multi_auth::{CredentialId, Generation};

use super::counter::Counter;
use super::session::Session;

/// The most nonces that are remembered. Responses to requests with older ones are not judged.
const MOST: usize = 32;

/// The nonces of an origin that were in use before, the latest last.
#[derive(Default)]
pub(super) struct Earlier(VecDeque<Nonce>);

struct Nonce {
    generation: Generation,
    text: Box<str>,
    counter: Arc<Counter>,
}

impl Earlier {
    pub(super) fn add(&mut self, session: &Session) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(Nonce {
            generation: session.generation,
            text: session.offer.nonce.clone(),
            counter: Arc::clone(&session.counter),
        });
    }

    /// The counter of `nonce`, if it was in use before.
    pub(super) fn counter_of(&self, nonce: &str) -> Option<&Arc<Counter>> {
        let mut nonces = self.0.iter().rev();
        let known = nonces.find(|known| *known.text == *nonce);
        known.map(|known| &known.counter)
    }

    /// The nonce with which the request with the ID `id` was signed.
    pub(super) fn nonce_of(&self, id: &CredentialId) -> Option<&str> {
        let mut nonces = self.0.iter().rev();
        let known = nonces.find(|known| id.holds(known.generation));
        known.map(|known| &*known.text)
    }
}
