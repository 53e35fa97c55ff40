//! Path prefixes: `/v1` covers `/v1` and `/v1/reports`, and neither `/v10` nor `/v1/../admin`.

/// The bindings of one origin and account, the longest prefix first.
#[derive(Debug, Default)]
pub(super) struct Paths(Vec<(Box<str>, u32)>);

impl Paths {
    /// Adds a binding; `false` if the prefix has one already.
    #[must_use]
    pub(super) fn insert(&mut self, path: &str, binding: u32) -> bool {
        let prefix = path.trim_end_matches('/');
        if self.0.iter().any(|(own, _)| **own == *prefix) {
            return false;
        }
        let at = self.0.partition_point(|(own, _)| own.len() >= prefix.len());
        self.0.insert(at, (prefix.into(), binding));
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The binding with the longest prefix that covers `path`.
    pub(super) fn find(&self, path: &str) -> Option<u32> {
        self.0
            .iter()
            .find(|(prefix, _)| covers(prefix, path))
            .map(|(_, binding)| *binding)
    }
}

fn covers(prefix: &str, path: &str) -> bool {
    let Some(rest) = path.strip_prefix(prefix) else {
        return false;
    };
    prefix.is_empty() || ((rest.is_empty() || rest.starts_with('/')) && !has_dot_segment(rest))
}

/// Whether a server may read `path` as leading elsewhere: `..`, `%2e%2E`, `..%2f`, `..\`, `..;a`.
fn has_dot_segment(path: &str) -> bool {
    let mut rest = path.as_bytes();
    let mut segment = Segment::Start;
    while let Some((byte, width)) = decode_first(rest) {
        rest = &rest[width..];
        match (byte, segment) {
            (b'/' | b'\\' | b';', Segment::Dots) => return true,
            (b'/' | b'\\', _) => segment = Segment::Start,
            (b'.', Segment::Start | Segment::Dots) => segment = Segment::Dots,
            _ => segment = Segment::Other,
        }
    }
    segment == Segment::Dots
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Start,
    /// Dots and nothing else so far.
    Dots,
    Other,
}

/// The first byte of `path`, percent-decoded, and how many bytes spell it.
fn decode_first(path: &[u8]) -> Option<(u8, usize)> {
    let hex = |at: usize| {
        path.get(at)
            .and_then(|&digit| char::from(digit).to_digit(16))
    };
    match (*path.first()?, hex(1), hex(2)) {
        (b'%', Some(high), Some(low)) => Some((u8::try_from(high * 16 + low).ok()?, 3)),
        (byte, ..) => Some((byte, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_covers_itself_and_what_lies_below_it() {
        for (prefix, path, expected) in [
            ("", "/anything", true),
            ("", "/../anything", true),
            ("", "*", true),
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
            assert_eq!(paths.find("/a/b/c"), Some(4));
            assert_eq!(paths.find("/a/c"), Some(2));
            assert_eq!(paths.find("/c"), Some(0));
            assert!(!paths.insert("/a/", 9));
        }
    }
}
