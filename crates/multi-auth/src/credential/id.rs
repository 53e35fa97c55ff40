//! The ID of a credential, without any secret.

use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Identifies one token among all that this process has obtained.
///
/// Two tokens never share a generation, and a later token has a greater one. A refusal therefore
/// invalidates exactly the token that was refused.
///
/// ```
/// use multi_auth::Generation;
///
/// let (first, second) = (Generation::next(), Generation::next());
/// assert!(first < second);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(NonZeroU64);

impl Generation {
    /// Returns a new generation, greater than all before it.
    #[must_use]
    pub fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(NonZeroU64::new(number).unwrap_or(NonZeroU64::MAX))
    }

    /// Returns its number in this process, for logs.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0.get()
    }
}

/// Identifies the credential of a request: its binding in the keyring, and the tokens in it.
///
/// The ID has one [`Generation`] per token: none for a fixed key, which is never refreshed, and two
/// for an [`AllOf`](crate::AllOf) of two tokens. A key on trial adds one. A clone allocates
/// nothing.
///
/// ```
/// use multi_auth::{CredentialId, Generation};
///
/// let token = Generation::next();
/// let id = CredentialId::refreshable(token);
/// assert!(id.is_refreshable() && id.holds(token));
/// assert!(!CredentialId::fixed().is_refreshable());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialId {
    binding: Option<u32>,
    tokens: Tokens,
}

/// The tokens of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tokens {
    None,
    /// The usual case: the whole credential is one token.
    One(Generation),
    Many(Arc<[Part]>),
}

/// A token, or the mark of a [`Rotating`](crate::Rotating) key on trial, and its attachments.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    generation: Generation,
    /// Their indices in the credential.
    attachments: Range<usize>,
}

/// All attachments of a credential.
const ALL: Range<usize> = 0..usize::MAX;

impl CredentialId {
    /// The ID of a credential that cannot be refreshed.
    #[must_use]
    pub const fn fixed() -> Self {
        Self {
            binding: None,
            tokens: Tokens::None,
        }
    }

    /// The ID of one token.
    #[must_use]
    pub const fn refreshable(generation: Generation) -> Self {
        Self {
            binding: None,
            tokens: Tokens::One(generation),
        }
    }

    /// Whether a newer credential can replace this one. An adapter then keeps a copy of the
    /// request.
    #[must_use]
    pub const fn is_refreshable(&self) -> bool {
        !matches!(self.tokens, Tokens::None)
    }

    /// Whether the request carried the token of `generation`.
    #[must_use]
    pub fn holds(&self, generation: Generation) -> bool {
        self.generations().any(|own| own == generation)
    }

    /// Returns the newest token in it, for logs. A fixed key has none.
    #[must_use]
    pub fn newest(&self) -> Option<Generation> {
        self.generations().max()
    }

    /// The token, if the credential is exactly one token.
    pub(crate) fn generation(&self) -> Option<Generation> {
        match self.tokens {
            Tokens::One(generation) => Some(generation),
            Tokens::None | Tokens::Many(_) => None,
        }
    }

    /// The same ID with the mark of a trial on all attachments.
    pub(crate) fn marked(&self, mark: Generation) -> Self {
        let mark = Part {
            generation: mark,
            attachments: ALL,
        };
        self.with_parts(self.parts().chain([mark]))
    }

    /// The ID of a credential with `own` attachments, followed by those of `other`.
    pub(crate) fn and(&self, own: usize, other: &Self) -> Self {
        let first = self.parts().map(|part| part.placed(0, own));
        let second = other.parts().map(|part| part.placed(own, usize::MAX));
        self.with_parts(first.chain(second))
    }

    /// The ID without the tokens of the attachments `missing`, which were not attached.
    pub(crate) fn without(&self, missing: &[usize]) -> Self {
        let is_whole = |part: &Part| !missing.iter().any(|at| part.attachments.contains(at));
        self.with_parts(self.parts().filter(is_whole))
    }

    /// Whether `other` holds every token of this ID.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.generations().all(|generation| other.holds(generation))
    }

    /// The tokens, and the marks of trials.
    pub(crate) fn generations(&self) -> impl Iterator<Item = Generation> {
        self.parts().map(|part| part.generation)
    }

    fn parts(&self) -> impl Iterator<Item = Part> {
        let (one, many) = match &self.tokens {
            Tokens::None => (None, [].as_slice()),
            Tokens::One(generation) => (Some(*generation), [].as_slice()),
            Tokens::Many(parts) => (None, &**parts),
        };
        let one = one.map(|generation| Part {
            generation,
            attachments: ALL,
        });
        one.into_iter().chain(many.iter().cloned())
    }

    fn with_parts(&self, mut parts: impl Iterator<Item = Part>) -> Self {
        let tokens = match (parts.next(), parts.next()) {
            (None, _) => Tokens::None,
            (Some(part), None) if part.attachments == ALL => Tokens::One(part.generation),
            (first, second) => Tokens::Many(first.into_iter().chain(second).chain(parts).collect()),
        };
        Self {
            binding: self.binding,
            tokens,
        }
    }

    /// Whether the credential came from a keyring's binding.
    pub(crate) const fn is_bound(&self) -> bool {
        self.binding.is_some()
    }

    /// The number of the keyring's binding.
    pub(crate) const fn binding(&self) -> Option<u32> {
        self.binding
    }

    #[inline]
    pub(crate) fn bind(&mut self, binding: u32) {
        self.binding = Some(binding);
    }
}

impl Default for CredentialId {
    fn default() -> Self {
        Self::fixed()
    }
}

impl Part {
    /// Moves the part behind `before` attachments, in a credential with `count` attachments.
    fn placed(self, before: usize, count: usize) -> Self {
        let Range { start, end } = self.attachments;
        Self {
            attachments: start.saturating_add(before)..end.min(count).saturating_add(before),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some<const COUNT: usize>() -> [Generation; COUNT] {
        std::array::from_fn(|_| Generation::next())
    }

    #[test]
    fn a_later_generation_is_greater() {
        assert!(Generation::next() < Generation::next());
    }

    #[test]
    fn two_combined_ids_hold_both_tokens() {
        let [a, b] = some();
        let both = CredentialId::refreshable(a).and(1, &CredentialId::refreshable(b));
        assert!(both.holds(a) && both.holds(b) && both.is_refreshable());
        assert_eq!(both.generation(), None);
        let one = CredentialId::fixed().and(0, &CredentialId::refreshable(b));
        assert_eq!(one, CredentialId::refreshable(b));
    }

    #[test]
    fn a_token_is_dropped_only_if_one_of_its_attachments_is_missing() {
        let [a, b, mark] = some();
        // The first part has two attachments, the second has one. Both have the mark.
        let both = CredentialId::refreshable(a).and(2, &CredentialId::refreshable(b));
        let all = both.marked(mark);
        for (missing, expected) in [
            (&[][..], &[a, b, mark][..]),
            (&[0], &[b]),
            (&[1], &[b]),
            (&[0, 1], &[b]),
            (&[2], &[a]),
            (&[0, 2], &[]),
            (&[0, 1, 2], &[]),
        ] {
            let kept: Vec<_> = all.without(missing).generations().collect();
            assert_eq!(kept, expected, "{missing:?}");
        }
    }

    #[test]
    fn a_mark_belongs_to_the_attachments_of_its_part() {
        let [a, b, mark] = some();
        let marked = CredentialId::refreshable(b).marked(mark);
        for (id, own, others) in [
            (CredentialId::refreshable(a).and(1, &marked), [1, 2], [0]),
            (marked.and(2, &CredentialId::refreshable(a)), [0, 1], [2]),
        ] {
            for missing in own {
                assert!(!id.without(&[missing]).holds(mark) && id.without(&[missing]).holds(a));
            }
            assert!(id.without(&others).holds(mark) && !id.without(&others).holds(a));
        }
    }

    #[test]
    fn an_id_holds_any_number_of_tokens() {
        let all = some::<40>();
        let ids = all.map(CredentialId::refreshable);
        let joined = ids.iter().enumerate();
        let joined = joined.fold(CredentialId::fixed(), |joined, (at, id)| joined.and(at, id));
        assert_eq!(joined.generations().collect::<Vec<_>>(), all);
        let kept = joined.without(&[39]);
        assert_eq!(kept.generations().collect::<Vec<_>>(), all[..39]);
    }
}
