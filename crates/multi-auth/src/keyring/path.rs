//! Path prefixes: `/v1` covers `/v1` and `/v1/reports`, but not `/v10` or `/v1/../admin`.

use std::collections::BTreeMap;
use std::ops::Bound::{Included, Unbounded};

use url::Url;

use super::ambiguity::is_ambiguous_path;

/// The bindings of one origin and account.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// The binding that covers every path.
    root: Option<u32>,
    /// The bindings of path prefixes.
    prefixes: BTreeMap<Box<str>, u32>,
}

/// Servers resolve the path in different ways, so it is unclear whether a prefix covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ambiguous;

impl Paths {
    /// Adds a binding. Returns `false` if the prefix has one already.
    #[must_use]
    pub(super) fn insert(&mut self, path: &str, binding: u32) -> bool {
        let prefix = path.strip_suffix('/').unwrap_or(path);
        if prefix.is_empty() {
            return self.root.replace(binding).is_none();
        }
        self.prefixes.insert(prefix.into(), binding).is_none()
    }

    /// All prefixes with their bindings. `/` covers every path.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        let root = self.root.map(|binding| ("/", binding));
        let prefixes = self.prefixes.iter();
        root.into_iter()
            .chain(prefixes.map(|(prefix, binding)| (&**prefix, *binding)))
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.root.is_none() && self.prefixes.is_empty()
    }

    /// The binding with the longest prefix that covers the path. `path` is not called if there are
    /// no prefixes.
    #[inline]
    pub(super) fn find<'p>(
        &self,
        path: impl FnOnce() -> &'p str,
    ) -> Result<Option<u32>, Ambiguous> {
        if self.prefixes.is_empty() {
            return Ok(self.root);
        }
        find_prefix(&self.prefixes, self.root, path())
    }
}

#[inline(never)]
fn find_prefix(
    prefixes: &BTreeMap<Box<str>, u32>,
    root: Option<u32>,
    path: &str,
) -> Result<Option<u32>, Ambiguous> {
    match longest(prefixes, path) {
        Some((prefix, binding)) if !is_ambiguous_path(&path[prefix.len()..]) => Ok(Some(binding)),
        // The binding of the origin covers the path no matter how a server resolves it.
        _ if root.is_some() => Ok(root),
        Some(_) => Err(Ambiguous),
        None if is_ambiguous_path(path) && longest(prefixes, &resolved(path)).is_some() => {
            Err(Ambiguous)
        }
        None => Ok(None),
    }
}

/// `path` without dot segments, by the URL standard.
#[cold]
fn resolved(path: &str) -> String {
    let url = Url::parse("https://any.example").map(|mut url| {
        url.set_path(path);
        url.path().to_owned()
    });
    url.unwrap_or_default()
}

/// The longest of `prefixes` that covers `path`, by whole segments.
///
/// The map is sorted, so all texts that begin with a prefix follow it. A prefix of `path` is
/// therefore also a prefix of the entry before `path`, and each step shortens the search to their
/// common part.
fn longest<'m>(prefixes: &'m BTreeMap<Box<str>, u32>, path: &str) -> Option<(&'m str, u32)> {
    let mut rest = path;
    loop {
        let mut before = prefixes.range::<str, _>((Unbounded, Included(rest)));
        let (prefix, binding) = before.next_back()?;
        let common = common_length(prefix, rest);
        if common == prefix.len() && matches!(rest.as_bytes().get(common), None | Some(b'/')) {
            return Some((prefix, *binding));
        }
        let within = rest.as_bytes().get(..=common).unwrap_or(rest.as_bytes());
        rest = &rest[..within.iter().rposition(|&byte| byte == b'/')?];
    }
}

fn common_length(one: &str, other: &str) -> usize {
    let pairs = one.bytes().zip(other.bytes());
    pairs.take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bindings of `prefixes`, each numbered by its place.
    fn paths(prefixes: &[&str]) -> Paths {
        let mut paths = Paths::default();
        for (prefix, number) in prefixes.iter().zip(0..) {
            assert!(paths.insert(prefix, number), "{prefix}");
        }
        paths
    }

    #[test]
    fn a_prefix_covers_itself_and_the_paths_below_it() {
        for (prefix, path, expected) in [
            ("/v1", "/v1", true),
            ("/v1", "/v1/", true),
            ("/v1", "/v1/reports", true),
            ("/v1", "/v1/group%2Fproject", true),
            ("/v1", "/v1/.well-known", true),
            ("/v1", "/v10", false),
            ("/v1", "/V1", false),
            ("/v1", "/v", false),
            ("/v1", "/", false),
            ("/v1", "", false),
            ("/v1", "*", false),
            ("/v1", "//v1", false),
            ("/v1", "/v1-x/y", false),
        ] {
            let found = paths(&[prefix]).find(|| path);
            assert_eq!(found, Ok(expected.then_some(0)), "{prefix} {path}");
        }
    }

    #[test]
    fn an_ambiguous_path_is_covered_only_by_a_binding_of_the_whole_origin() {
        for path in [
            "/v1/../admin",
            "/v1/%2e%2e",
            "/v1/..;/x",
            "/v1/%e2%80%a5/admin",
        ] {
            assert_eq!(paths(&["/v1"]).find(|| path), Err(Ambiguous), "{path}");
            assert_eq!(
                paths(&["/v1", "/v1/x"]).find(|| path),
                Err(Ambiguous),
                "{path}"
            );
            assert_eq!(paths(&["/v1", "/"]).find(|| path), Ok(Some(1)), "{path}");
            assert_eq!(paths(&["/v2"]).find(|| path), Ok(None), "{path}");
        }
        assert_eq!(paths(&["/v1"]).find(|| "/x/../v1/y"), Err(Ambiguous));
    }

    #[test]
    fn the_longest_prefix_wins_in_any_order() {
        for order in [["", "/a", "/a/b"], ["/a/b", "", "/a"], ["/a", "/a/b", ""]] {
            let mut paths = Paths::default();
            for prefix in order {
                assert!(paths.insert(prefix, u32::try_from(prefix.len()).unwrap()));
            }
            assert_eq!(paths.find(|| "/a/b/c"), Ok(Some(4)));
            assert_eq!(paths.find(|| "/a/c"), Ok(Some(2)));
            for path in ["/c", "/../c", "*"] {
                assert_eq!(paths.find(|| path), Ok(Some(0)), "{path}");
            }
            assert!(!paths.insert("/a/", 9));
            assert!(paths.insert("//", 9));
            assert_eq!(paths.find(|| "/c"), Ok(Some(0)));
        }
    }

    /// The prefixes are chosen so that the sorted map has others between a path and its prefix.
    #[test]
    fn a_prefix_is_found_as_by_a_linear_search() {
        let parts = ["/a", "/b", "/a-", "/", "/ab", "/a!", "/é", "/b0"];
        let two = parts
            .iter()
            .flat_map(|one| parts.map(|other| format!("{one}{other}")));
        let three = two
            .clone()
            .flat_map(|two| parts.map(|part| two.clone() + part));
        let all: Vec<_> = parts
            .iter()
            .map(|part| (*part).to_owned())
            .chain(two)
            .chain(three)
            .collect();
        for step in [1, 2, 3, 5, 7, 11, 50] {
            let mut found = Paths::default();
            let some: Vec<_> = all.iter().step_by(step).collect();
            for (prefix, number) in some.iter().zip(0..) {
                let _ = found.insert(prefix, number);
            }
            for path in &all {
                let covers = |prefix: &&str| {
                    path.strip_prefix(*prefix)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                let prefixes = &found.prefixes;
                let expected = prefixes
                    .keys()
                    .map(|key| &**key)
                    .filter(covers)
                    .max_by_key(|key| key.len());
                let longest = longest(prefixes, path).map(|(prefix, _)| prefix);
                assert_eq!(longest, expected, "{path}");
            }
        }
    }
}
