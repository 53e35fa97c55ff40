//! A map from names that an attacker may choose: origins and accounts.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::LazyLock;

use foldhash::SharedSeed;
use foldhash::quality::{FoldHasher, SeedableRandomState};

/// A map from names. Each map hashes with its own random key, so an attacker cannot choose names
/// that collide.
#[derive(Debug)]
pub(super) struct Map<V>(HashMap<Box<str>, V, RandomKeyed>);

impl<V> Map<V> {
    #[inline(always)]
    pub(super) fn get(&self, name: &str) -> Option<&V> {
        self.0.get(name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All names with their values, in arbitrary order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// The value for `name`, which is added if it is missing.
    pub(super) fn entry(&mut self, name: &str) -> &mut V
    where
        V: Default,
    {
        self.0.entry(name.into()).or_default()
    }
}

impl<V> Default for Map<V> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

/// A hash with a random key. `SipHash` costs 155 instructions more per look-up.
#[derive(Clone, Debug)]
struct RandomKeyed(SeedableRandomState);

impl Default for RandomKeyed {
    fn default() -> Self {
        // The default seeds of foldhash come from addresses and are easier to guess.
        static SHARED: LazyLock<SharedSeed> = LazyLock::new(|| SharedSeed::from_u64(random()));
        Self(SeedableRandomState::with_seed(random(), &SHARED))
    }
}

impl BuildHasher for RandomKeyed {
    type Hasher = FoldHasher<'static>;

    #[inline]
    fn build_hasher(&self) -> FoldHasher<'static> {
        self.0.build_hasher()
    }

    #[inline]
    fn hash_one<T: Hash>(&self, name: T) -> u64 {
        self.0.hash_one(name)
    }
}

/// A random number of this process.
fn random() -> u64 {
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_many_names_has_its_own_value() {
        let mut map = Map::default();
        let name = |number| format!("api.vendor-{number}.example");
        for number in 0..10_000_u32 {
            *map.entry(&name(number)) = number;
            *map.entry(&name(number)) += 1;
        }
        for number in 0..10_000 {
            assert_eq!(map.get(&name(number)), Some(&(number + 1)));
        }
        assert_eq!(map.get("api.vendor-10000.example"), None);
    }

    /// The greatest number of `names` that share one of `slots` slots.
    fn most_in_a_slot(names: &[String], slots: u64, hasher: &RandomKeyed) -> usize {
        let mut taken = HashMap::<u64, usize>::new();
        for name in names {
            *taken
                .entry(hasher.hash_one(name.as_str()) % slots)
                .or_default() += 1;
        }
        taken.into_values().max().unwrap_or_default()
    }

    #[test]
    fn names_that_collide_in_one_map_are_spread_in_another() {
        const SLOTS: u64 = 1024;
        let found_in = RandomKeyed::default();
        let names = (0..).map(|number| format!("tenant-{number}.vendor.example"));
        let colliding: Vec<_> = names
            .filter(|name| found_in.hash_one(name.as_str()) % SLOTS == 0)
            .take(768)
            .collect();
        assert_eq!(most_in_a_slot(&colliding, SLOTS, &found_in), 768);
        for _ in 0..10 {
            // A random hash gives 5 or 6; one map in 10^9 has more than 15.
            let most = most_in_a_slot(&colliding, SLOTS, &RandomKeyed::default());
            assert!(most <= 15, "{most}");
        }
    }

    #[test]
    fn names_that_differ_in_a_few_letters_are_spread() {
        let hasher = RandomKeyed::default();
        let lists: [Vec<String>; 4] = [
            (0..12_288)
                .map(|number| format!("tenant-{number:06}.vendor.example"))
                .collect(),
            (0..12_288)
                .map(|port| format!("localhost:{port}"))
                .collect(),
            (0..12_288)
                .map(|at| format!("10.20.{}.{}", at / 256, at % 256))
                .collect(),
            (0..12_288)
                .map(|length| "a".repeat(length % 200) + &length.to_string())
                .collect(),
        ];
        for names in lists {
            let most = most_in_a_slot(&names, 16_384, &hasher);
            assert!(most <= 15, "{most}");
        }
    }
}
