//! The tokens that an cache issued, so that it judges no others.

use std::collections::VecDeque;

use crate::{CredentialId, Generation};

/// The generations of the last tokens.
///
/// An id may hold tokens of several engines, and not the one of this cache: the caller may have set
/// its own.
#[derive(Debug, Default)]
pub(super) struct Issued(VecDeque<Generation>);

/// How many generations are kept. A request that is older than so many refreshes is judged no more.
const MOST: usize = 32;

impl Issued {
    pub(super) fn add(&mut self, generation: Generation) {
        self.0.retain(|known| *known != generation);
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(generation);
    }

    /// Whether a token of `id` is one of these.
    pub(super) fn has_any_of(&self, id: &CredentialId) -> bool {
        id.generations()
            .any(|generation| self.0.contains(&generation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tokens_are_known_and_no_others() {
        let all: Vec<_> = (0..=MOST).map(|_| Generation::next()).collect();
        let mut issued = Issued::default();
        for generation in &all {
            // The first one is issued again and again, as by a vendor that gives out one token
            // until it ends.
            issued.add(all[0]);
            issued.add(*generation);
        }
        let known = |generation| issued.has_any_of(&CredentialId::refreshable(generation));
        assert!(!known(all[1]) && !known(Generation::next()));
        assert!(known(all[0]) && all[2..].iter().all(|generation| known(*generation)));
    }
}
