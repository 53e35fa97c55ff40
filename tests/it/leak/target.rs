//! Where a redirect leads, in every spelling that has fooled somebody.

use super::stage::Stage;

/// The origin that has the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Name,
    International,
    Ipv4,
    Ipv6,
    Plain,
}

impl Home {
    pub(super) const ALL: [Self; 5] = [
        Self::Name,
        Self::International,
        Self::Ipv4,
        Self::Ipv6,
        Self::Plain,
    ];

    pub(super) fn url(self, stage: &Stage) -> String {
        match self {
            Self::Name => format!("https://api.vendor.test:{}", stage.secure),
            Self::International => format!("https://xn--bcher-kva.test:{}", stage.secure),
            Self::Ipv4 => format!("https://127.0.0.1:{}", stage.secure),
            Self::Ipv6 => format!("https://[::1]:{}", stage.secure),
            Self::Plain => format!("http://api.vendor.test:{}", stage.plain),
        }
    }
}

/// A target of a redirect.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: &'static str,
    /// The `Location`, where `S`, `P` and `O` stand for the ports of the secure, the plain and the
    /// other secure door, `~` for the origin that was asked first, and `?` at its end for the query
    /// that the redirecting server was asked with.
    location: &'static str,
}

impl Target {
    pub(super) fn location(&self, stage: &Stage, hop: usize) -> String {
        let home = stage.home();
        let mut location = String::new();
        for part in self.location.trim_end_matches('?').chars() {
            match part {
                'S' => location += &stage.secure.to_string(),
                'P' => location += &stage.plain.to_string(),
                'O' => location += &stage.other.to_string(),
                '~' => location += &home,
                other => location.push(other),
            }
        }
        let query = if self.location.ends_with('?') {
            QUERY
        } else {
            ""
        };
        format!("{location}/{hop}{query}")
    }
}

/// Stands for the query of the request that is redirected.
pub(super) const QUERY: &str = "?QUERY";

macro_rules! targets {
    ($($name:literal => $location:literal)+) => {
        pub(super) static ALL: &[Target] = &[$(Target { name: $name, location: $location }),+];
    };
}

targets! {
    "the same, absolute" => "~"
    "the same, relative" => "/relative"
    "the same, with dots" => "~/a/../b/%2e%2e"
    "the same, query repeated" => "~?"
    "another host, query repeated" => "https://evil.test:S?"
    "plain text, query repeated" => "http://api.vendor.test:P?"
    "a name" => "https://api.vendor.test:S"
    "upper case" => "HTTPS://API.Vendor.TEST:S"
    "percent-encoded" => "https://api%2evendor.test:S"
    "backslashes" => r"https:\\api.vendor.test:S\@evil.test:S"
    "no scheme" => "//api.vendor.test:S"
    "user of its own" => "https://user:pass@api.vendor.test:S"
    "international" => "https://xn--bcher-kva.test:S"
    "international, upper case" => "https://XN--BCHER-KVA.test:S"
    "another host" => "https://evil.test:S"
    "another host, no scheme" => "//evil.test:S"
    "sub-domain" => "https://x.api.vendor.test:S"
    "parent" => "https://vendor.test:S"
    "look-alike at the end" => "https://api.vendor.test.evil.test:S"
    "look-alike at the start" => "https://evil-api.vendor.test:S"
    "look-alike in other letters" => "https://xn--pi-7kc.vendor.test:S"
    "the name as a path" => "https://evil.test:S/api.vendor.test"
    "another port" => "https://api.vendor.test:O"
    "plain text" => "http://api.vendor.test:P"
    "plain text at another host" => "http://evil.test:P"
    "the name as a user" => "https://api.vendor.test@evil.test:S"
    "the name as user and port" => "https://api.vendor.test:S@evil.test:S"
    "two at signs" => "https://api.vendor.test@evil.test@other.test:S"
    "a dot at the end" => "https://api.vendor.test.:S"
    "IPv4" => "https://127.0.0.1:S"
    "IPv4, short" => "https://127.1:S"
    "IPv4, hexadecimal" => "https://0x7f.0.0.1:S"
    "IPv4, octal" => "https://0177.0.0.1:S"
    "IPv4, one number" => "https://2130706433:S"
    "IPv4, with a dot" => "https://127.0.0.1.:S"
    "IPv4, plain text" => "http://127.0.0.1:P"
    "IPv6" => "https://[::1]:S"
    "IPv6, long" => "https://[0:0:0:0:0:0:0:1]:S"
    "IPv4 in IPv6" => "https://[::ffff:127.0.0.1]:S"
    "IPv6, another port" => "https://[::1]:O"
    "localhost" => "https://localhost:S"
}
