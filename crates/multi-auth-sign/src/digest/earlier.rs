//! The nonces of an origin that were in use before.

use std::collections::VecDeque;
use std::sync::Arc;

use multi_auth::{CredentialId, Generation};

use super::counter::Counter;
use super::session::Session;

/// The most nonces that are remembered, and the most generations of each. A nonce that comes again
/// after so many others is counted from one. Responses to older generations are not judged.
const MOST: usize = 32;

/// The nonces of an origin that were in use before, the latest last.
#[derive(Default)]
pub(super) struct Earlier(VecDeque<Nonce>);

struct Nonce {
    text: Box<str>,
    counter: Arc<Counter>,
    /// Those of its sessions, the latest last.
    generations: VecDeque<Generation>,
}

impl Earlier {
    pub(super) fn add(&mut self, session: &Session) {
        let text = &session.offer.nonce;
        let known = self.0.iter().position(|known| known.text == *text);
        let known = known.and_then(|at| self.0.remove(at));
        let mut nonce = known.unwrap_or_else(|| Nonce {
            text: text.clone(),
            counter: Arc::clone(&session.counter),
            generations: VecDeque::new(),
        });
        push(&mut nonce.generations, session.generation);
        push(&mut self.0, nonce);
    }

    /// The counter of `nonce`, if it was in use before.
    pub(super) fn counter_of(&self, nonce: &str) -> Option<&Arc<Counter>> {
        let known = self.0.iter().find(|known| *known.text == *nonce);
        known.map(|known| &known.counter)
    }

    /// The nonce with which the request with the ID `id` was signed.
    pub(super) fn nonce_of(&self, id: &CredentialId) -> Option<&str> {
        let is_of = |generation: &Generation| id.holds(*generation);
        let mut nonces = self.0.iter();
        let known = nonces.find(|known| known.generations.iter().any(is_of));
        known.map(|known| &*known.text)
    }
}

/// Appends `item`, and drops the oldest if there are too many.
fn push<T>(items: &mut VecDeque<T>, item: T) {
    if items.len() == MOST {
        items.pop_front();
    }
    items.push_back(item);
}
