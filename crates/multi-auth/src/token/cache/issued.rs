//! The tokens that a cache issued: it judges no others.

use std::collections::VecDeque;

use crate::{CredentialId, Generation};

/// The generations of the last tokens.
///
/// An ID may hold tokens of several caches. The token of this cache is missing if the caller set
/// its own.
#[derive(Debug, Default)]
pub(super) struct Issued(VecDeque<Generation>);

/// The number of generations that are kept. A request older than this many refreshes is not judged.
const MAX_ISSUED: usize = 32;

impl Issued {
    pub(super) fn add(&mut self, generation: Generation) {
        self.0.retain(|known| *known != generation);
        if self.0.len() == MAX_ISSUED {
            self.0.pop_front();
        }
        self.0.push_back(generation);
    }

    /// Whether one of these generations is in `id`.
    pub(super) fn has_any_of(&self, id: &CredentialId) -> bool {
        id.generations()
            .any(|generation| self.0.contains(&generation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_tokens_are_known() {
        let all: Vec<_> = (0..=MAX_ISSUED).map(|_| Generation::next()).collect();
        let mut issued = Issued::default();
        for generation in &all {
            // The first one is issued repeatedly: some vendors return the same token until it
            // expires.
            issued.add(all[0]);
            issued.add(*generation);
        }
        let known = |generation| issued.has_any_of(&CredentialId::refreshable(generation));
        assert!(!known(all[1]) && !known(Generation::next()));
        assert!(known(all[0]) && all[2..].iter().all(|generation| known(*generation)));
    }
}
