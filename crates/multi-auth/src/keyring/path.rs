//! Path prefixes: `/v1` covers `/v1` and `/v1/reports`, and neither `/v10` nor `/v1/../admin`.

use crate::percent::decoded;

/// The bindings of one origin and account.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// The one that covers every path.
    root: Option<u32>,
    /// Those of narrower prefixes, the longest first.
    narrower: Box<[(Box<str>, u32)]>,
}

impl Paths {
    /// Adds a binding; `false` if the prefix has one already.
    #[must_use]
    pub(super) fn insert(&mut self, path: &str, binding: u32) -> bool {
        let prefix = path.strip_suffix('/').unwrap_or(path);
        if prefix.is_empty() {
            return self.root.replace(binding).is_none();
        }
        if self.narrower.iter().any(|(own, _)| **own == *prefix) {
            return false;
        }
        let longer = |(own, _): &(Box<str>, u32)| own.len() >= prefix.len();
        let at = self.narrower.partition_point(longer);
        let mut narrower = std::mem::take(&mut self.narrower).into_vec();
        narrower.insert(at, (prefix.into(), binding));
        self.narrower = narrower.into();
        true
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.root.is_none() && self.narrower.is_empty()
    }

    /// The binding with the longest prefix that covers `path`, which is asked for only where it matters.
    #[inline]
    pub(super) fn find<'p>(&self, path: impl FnOnce() -> &'p str) -> Option<u32> {
        if self.narrower.is_empty() {
            return self.root;
        }
        self.find_narrower(path())
    }

    #[inline(never)]
    fn find_narrower(&self, path: &str) -> Option<u32> {
        let mut narrower = self.narrower.iter();
        let found = narrower.find(|(prefix, _)| covers(prefix, path));
        found.map_or(self.root, |(_, binding)| Some(*binding))
    }
}

fn covers(prefix: &str, path: &str) -> bool {
    let Some(rest) = path.strip_prefix(prefix) else {
        return false;
    };
    (rest.is_empty() || rest.starts_with('/')) && !has_dot_segment(rest)
}

/// Whether a server may read `path` as leading elsewhere: `..`, `%2e%2E`, `..%2f`, `..\`, `..;a`,
/// `%252e%252e`, `..%00`, `%09..`, and dots or slashes in overlong UTF-8.
fn has_dot_segment(path: &str) -> bool {
    // As many layers of decoding as servers in a row are known to undo.
    let path = decoded(decoded(decoded(path.bytes())));
    let mut segment = Segment::Start;
    let mut before = 0;
    for byte in path {
        let is_overlong = matches!((before, byte), (0xe0, 0x80..=0x9f) | (0xf0, 0x80..=0x8f));
        // Whoever reads it as a URL once more drops these first (URL standard, 4.4): `%09..`.
        let is_dropped = matches!(byte, b'\t' | b'\n' | b'\r');
        before = byte;
        segment = match (byte, segment) {
            _ if is_overlong || is_dropped => return true,
            (0xc0 | 0xc1 | 0xf5.., _) | (b'u' | b'U', Segment::Percent) => return true,
            (byte, Segment::Dots) if ends_a_name(byte) => return true,
            (b'/' | b'\\', _) => Segment::Start,
            (b'.', Segment::Start | Segment::Dots) => Segment::Dots,
            (b'%', _) => Segment::Percent,
            _ => Segment::Other,
        };
    }
    segment == Segment::Dots
}

/// Whether some server takes `byte` for the end of a segment's name.
fn ends_a_name(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\' | b';' | b'?' | b'#' | b' ') || byte.is_ascii_control()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Start,
    /// Dots and nothing else so far.
    Dots,
    /// A percent sign that encodes nothing, as in `%u002e`.
    Percent,
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_covers_itself_and_what_lies_below_it() {
        for (prefix, path, expected) in [
            ("/v1", "/v1", true),
            ("/v1", "/v1/", true),
            ("/v1", "/v1/reports", true),
            ("/v1", "/v1/group%2Fproject", true),
            ("/v1", "/v1/.well-known", true),
            ("/v1", "/v1/a..b", true),
            ("/v1", "/v10", false),
            ("/v1", "/V1", false),
            ("/v1", "/", false),
            ("/v1", "//v1", false),
            ("/v1", "/v1/100%25", true),
            ("/v1", "/v1/..%2cx", true),
            ("/v1", "/v1/%C3%BC", true),
        ] {
            assert_eq!(covers(prefix, path), expected, "{prefix} {path}");
        }
    }

    #[test]
    fn a_path_that_may_lead_elsewhere_is_not_covered() {
        for path in [
            "/v1/..",
            "/v1/../admin",
            "/v1/./x",
            "/v1/x/..",
            "/v1/%2e%2E/x",
            "/v1/.%2e",
            "/v1/x%2f..%2Fy",
            "/v1/..%5cx",
            "/v1/..\\x",
            "/v1/..;a=b/x",
            "/v1/%252e%252e/admin",
            "/v1/%25252e./admin",
            "/v1/..%255c..",
            "/v1/..%00/admin",
            "/v1/..%20/admin",
            "/v1/..%3fx/admin",
            "/v1/..%23/admin",
            "/v1/%c0%ae%c0%ae/admin",
            "/v1/%e0%80%ae%e0%80%ae/admin",
            "/v1/..%e0%80%afx",
            "/v1/%f0%80%80%ae/admin",
            "/v1/%u002e%u002e/admin",
            "/v1/..\u{7f}/admin",
            "/v1/%09../admin",
            "/v1/%250a../admin",
            "/v1/%252%0de%2e/admin",
        ] {
            assert!(!covers("/v1", path), "{path}");
        }
    }

    #[test]
    fn the_longest_prefix_wins_whatever_the_order() {
        for order in [["", "/a", "/a/b"], ["/a/b", "", "/a"], ["/a", "/a/b", ""]] {
            let mut paths = Paths::default();
            for prefix in order {
                assert!(paths.insert(prefix, u32::try_from(prefix.len()).unwrap()));
            }
            assert_eq!(paths.find(|| "/a/b/c"), Some(4));
            assert_eq!(paths.find(|| "/a/c"), Some(2));
            for path in ["/c", "/../c", "*"] {
                assert_eq!(paths.find(|| path), Some(0), "{path}");
            }
            assert!(!paths.insert("/a/", 9));
            assert!(paths.insert("//", 9));
            assert_eq!(paths.find(|| "/c"), Some(0));
        }
    }
}
