//! Which credential a request carried: small, `Copy`, and with no secret in it.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names one token among all that this process has ever held.
///
/// Two tokens never share a generation, whoever issued them, and a later one compares greater. So
/// a refusal can be laid at the door of the very token that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(NonZeroU64);

impl Generation {
    /// A generation that nobody else has, greater than all before it.
    #[must_use]
    pub fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(NonZeroU64::new(number).unwrap_or(NonZeroU64::MAX))
    }
}

/// Which credential a request carried: the binding it came from and the tokens in it.
///
/// A fixed key has no generation, for nothing newer can take its place. A [`AllOf`](crate::AllOf)
/// of two tokens has two, and a key on trial has one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialId {
    /// The binding's number, or `UNBOUND`: an `Option` would take the room of the masks, and cost each request 6 instructions.
    binding: u32,
    generations: [Option<Generation>; MOST],
    /// For each generation a mask of the attachments that belong to another part of the credential. Bit 0 is the first
    /// attachment.
    others: [Mask; MOST],
}

/// The number that no binding has.
pub(crate) const UNBOUND: u32 = u32::MAX;

/// A set of attachments of one credential.
pub(crate) type Mask = u8;

/// Two tokens, and for each the mark of a trial in which it takes part.
const MOST: usize = 4;

impl CredentialId {
    /// The id of a credential that cannot be refreshed.
    #[must_use]
    pub const fn fixed() -> Self {
        Self {
            binding: UNBOUND,
            generations: [None; MOST],
            others: [0; MOST],
        }
    }

    /// The id of one token.
    #[must_use]
    pub const fn refreshable(generation: Generation) -> Self {
        Self {
            binding: UNBOUND,
            generations: [Some(generation), None, None, None],
            others: [0; MOST],
        }
    }

    /// Whether a newer credential can take the place of this one, so that a copy of the request is
    /// worth keeping.
    #[must_use]
    pub const fn is_refreshable(&self) -> bool {
        self.generations[0].is_some()
    }

    /// Whether the request carried the token of `generation`.
    #[must_use]
    pub fn holds(&self, generation: Generation) -> bool {
        self.generations.contains(&Some(generation))
    }

    /// The token, where it is one alone.
    pub(crate) fn generation(&self) -> Option<Generation> {
        self.generations[0]
    }

    /// The id of both credentials together; `None` if that makes more than four.
    pub(crate) fn and(self, other: Self) -> Option<Self> {
        let all = self.generations.iter().chain(&other.generations).flatten();
        let mut together = Self {
            generations: [None; MOST],
            ..self
        };
        for (at, generation) in all.enumerate() {
            *together.generations.get_mut(at)? = Some(*generation);
        }
        let own = self.count();
        together.others[own..].copy_from_slice(&other.others[..MOST - own]);
        Some(together)
    }

    /// The same id where `others` are attachments of another part of the credential, and its own begin behind
    /// `shift` of them.
    pub(crate) fn beside(mut self, others: Mask, shift: usize) -> Self {
        let count = self.count();
        for mask in &mut self.others[..count] {
            *mask = (0..shift).fold(*mask, |mask, _| mask << 1) | others;
        }
        self
    }

    /// The id without the generations that lost one of their attachments: `missing` were not attached.
    pub(crate) fn without(self, missing: Mask) -> Self {
        let mut kept = Self {
            generations: [None; MOST],
            others: [0; MOST],
            ..self
        };
        let parts = self.generations.iter().flatten().zip(self.others);
        let whole = parts.filter(|(_, others)| missing & !others == 0);
        for (at, (generation, others)) in whole.enumerate() {
            kept.generations[at] = Some(*generation);
            kept.others[at] = others;
        }
        kept
    }

    /// Whether `other` holds every token of this id.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.generations().all(|generation| other.holds(generation))
    }

    /// The tokens, and the marks of trials.
    pub(crate) fn generations(&self) -> impl Iterator<Item = Generation> + use<> {
        self.generations.into_iter().flatten()
    }

    fn count(&self) -> usize {
        self.generations.iter().flatten().count()
    }

    /// Whether the credential came from a keyring's binding.
    pub(crate) const fn is_bound(&self) -> bool {
        self.binding != UNBOUND
    }

    pub(crate) fn binding(&self) -> Option<u32> {
        self.is_bound().then_some(self.binding)
    }

    pub(crate) const fn bound_to(self, binding: u32) -> Self {
        Self {
            binding,
            generations: self.generations,
            others: self.others,
        }
    }
}

impl Default for CredentialId {
    fn default() -> Self {
        Self::fixed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_generation_is_greater() {
        assert!(Generation::next() < Generation::next());
    }

    #[test]
    fn two_leases_join_and_hold_both_tokens() {
        let (a, b) = (Generation::next(), Generation::next());
        let both = CredentialId::refreshable(a)
            .and(CredentialId::refreshable(b))
            .unwrap();
        assert!(both.holds(a) && both.holds(b) && both.is_refreshable());
        assert_eq!(
            CredentialId::fixed().and(CredentialId::refreshable(b)),
            Some(CredentialId::refreshable(b))
        );
    }

    #[test]
    fn a_token_is_lost_with_any_of_its_own_attachments_and_no_other() {
        let [a, b, mark] = [(); 3].map(|()| Generation::next());
        // The first part has two attachments, the second has one, and the mark is of both.
        let first = CredentialId::refreshable(a).beside(0b100, 0);
        let second = CredentialId::refreshable(b).beside(0b011, 2);
        let both = first.and(second).unwrap();
        let both = both.and(CredentialId::refreshable(mark)).unwrap();
        for (missing, expected) in [
            (0b000, vec![a, b, mark]),
            (0b001, vec![b]),
            (0b010, vec![b]),
            (0b011, vec![b]),
            (0b100, vec![a]),
            (0b101, vec![]),
            (0b111, vec![]),
        ] {
            let kept: Vec<_> = both.without(missing).generations().collect();
            assert_eq!(kept, expected, "{missing:03b}");
        }
    }

    #[test]
    fn five_tokens_do_not_fit_one_lease() {
        let one = || CredentialId::refreshable(Generation::next());
        let four = one().and(one()).unwrap().and(one().and(one()).unwrap());
        assert_eq!(four.unwrap().and(one()), None);
    }
}
