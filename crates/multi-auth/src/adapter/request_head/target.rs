//! Where a request goes. It is read from the URL when it is needed: most look-ups need the
//! authority as written, and parsing it costs more than the rest of a look-up.

use http::Uri;
use url::Url;

/// The target of a request, of whichever type.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    Uri(&'a Uri),
    Url(&'a Url),
    /// A target that names no origin (RFC 9112, 3.2.1), and the one that it is sent to.
    At(&'a Uri, &'a Url),
}

impl<'a> Target<'a> {
    pub(super) fn at(self, origin: &'a Url) -> Self {
        match self {
            Self::Uri(uri) if uri.authority().is_none() => Self::At(uri, origin),
            Self::Uri(_) | Self::Url(_) | Self::At(..) => self,
        }
    }

    #[inline]
    pub(super) fn is_at(self) -> bool {
        matches!(self, Self::At(..))
    }

    pub(super) fn scheme(self) -> Option<&'a str> {
        match self {
            Self::Uri(uri) => uri.scheme_str(),
            Self::Url(url) | Self::At(_, url) => Some(url.scheme()),
        }
    }

    /// Whether it is asked by TLS, and host and port as they are written, with the user before
    /// them; `None` if it is asked by neither http nor https.
    #[expect(clippy::inline_always, reason = "as the rest of the look-up is")]
    #[inline(always)]
    pub(super) fn origin(self) -> Option<(bool, &'a str)> {
        let (scheme, authority) = match self {
            Self::Uri(uri) => (uri.scheme_str()?, uri.authority()?.as_str()),
            Self::Url(url) | Self::At(_, url) => (url.scheme(), url.authority()),
        };
        match scheme {
            "https" | "wss" => Some((true, authority)),
            "http" | "ws" => Some((false, authority)),
            _ => None,
        }
    }

    pub(super) fn host(self) -> Option<&'a str> {
        match self {
            Self::Uri(uri) => host(uri),
            Self::Url(url) | Self::At(_, url) => url.host_str(),
        }
    }

    pub(super) fn port(self) -> Option<u16> {
        let written = match self {
            Self::Uri(uri) => uri.port_u16(),
            Self::Url(url) | Self::At(_, url) => url.port(),
        };
        written.or_else(|| default_port(self.scheme()?))
    }

    pub(super) fn path(self) -> &'a str {
        match self {
            Self::Uri(uri) | Self::At(uri, _) => uri.path(),
            Self::Url(url) => url.path(),
        }
    }

    pub(super) fn query(self) -> Option<&'a str> {
        match self {
            Self::Uri(uri) | Self::At(uri, _) => uri.query(),
            Self::Url(url) => url.query(),
        }
    }
}

/// The host of `uri`, with what follows it in the authority unless that is a port: it then matches
/// nothing. [`Uri`] takes `host:4,43`, `host:+443` and `[::1]x:443`, and reports a host and perhaps
/// a port.
fn host(uri: &Uri) -> Option<&str> {
    let authority = uri.authority()?;
    let host = authority.host();
    let named = authority.as_str().rsplit('@').next().unwrap_or_default();
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    Some(match named.strip_prefix(host) {
        Some("") => host,
        Some(rest) if rest.strip_prefix(':').is_some_and(is_port) && is_whole(uri, rest) => host,
        Some(_) | None => named,
    })
}

/// Whether `port`, with its colon, is the port that `uri` reports: one that is too large is none.
fn is_whole(uri: &Uri, port: &str) -> bool {
    port == ":" || uri.port_u16().is_some()
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" | "wss" => Some(443),
        "http" | "ws" => Some(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_target_does_not_name_is_none() {
        for (text, expected) in [
            ("/v1", (None, None, None)),
            ("*", (None, None, None)),
            ("a.example:8443", (None, Some("a.example"), Some(8443))),
            ("a.example", (None, Some("a.example"), None)),
            ("foo://a.example/", (Some("foo"), Some("a.example"), None)),
            (
                "http://a.example/",
                (Some("http"), Some("a.example"), Some(80)),
            ),
            (
                "wss://a.example:1/",
                (Some("wss"), Some("a.example"), Some(1)),
            ),
            (
                "https://u@[::1]/",
                (Some("https"), Some("[::1]"), Some(443)),
            ),
        ] {
            let uri: Uri = text.parse().expect("a valid target");
            let target = Target::Uri(&uri);
            let read = (target.scheme(), target.host(), target.port());
            assert_eq!(read, expected, "{text}");
        }
        let url: Url = "data:text/plain,x".parse().expect("a valid URL");
        let target = Target::Url(&url);
        let read = (target.scheme(), target.host(), target.port());
        assert_eq!(read, (Some("data"), None, None));
    }
}
