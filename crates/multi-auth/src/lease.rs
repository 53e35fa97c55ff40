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
/// A fixed key has no generation, for nothing newer can take its place. A [`Chain`](crate::Chain)
/// of two tokens has two, and a key on trial has one more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lease {
    binding: Option<u32>,
    generations: [Option<Generation>; MOST],
}

/// Two tokens, and for each the mark of a trial in which it takes part.
const MOST: usize = 4;

impl Lease {
    /// The lease of a credential that cannot be renewed.
    #[must_use]
    pub const fn fixed() -> Self {
        Self {
            binding: None,
            generations: [None; MOST],
        }
    }

    /// The lease of one token.
    #[must_use]
    pub const fn renewable(generation: Generation) -> Self {
        Self {
            binding: None,
            generations: [Some(generation), None, None, None],
        }
    }

    /// Whether a newer credential can take the place of this one, so that a copy of the request is
    /// worth keeping.
    #[must_use]
    pub const fn is_renewable(&self) -> bool {
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

    /// The lease of both credentials together; `None` if that makes more than four.
    pub(crate) fn and(self, other: Self) -> Option<Self> {
        let all = self.generations.iter().chain(&other.generations).flatten();
        let mut together = Self {
            generations: [None; MOST],
            ..self
        };
        for (at, generation) in all.enumerate() {
            *together.generations.get_mut(at)? = Some(*generation);
        }
        Some(together)
    }

    /// Whether the credential came from a keyring's binding.
    pub(crate) const fn is_bound(&self) -> bool {
        self.binding.is_some()
    }

    pub(crate) const fn binding(&self) -> Option<u32> {
        self.binding
    }

    pub(crate) const fn bound_to(self, binding: u32) -> Self {
        Self {
            binding: Some(binding),
            generations: self.generations,
        }
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
        let both = Lease::renewable(a).and(Lease::renewable(b)).unwrap();
        assert!(both.holds(a) && both.holds(b) && both.is_renewable());
        assert_eq!(
            Lease::fixed().and(Lease::renewable(b)),
            Some(Lease::renewable(b))
        );
    }

    #[test]
    fn five_tokens_do_not_fit_one_lease() {
        let one = || Lease::renewable(Generation::next());
        let four = one().and(one()).unwrap().and(one().and(one()).unwrap());
        assert_eq!(four.unwrap().and(one()), None);
    }
}
