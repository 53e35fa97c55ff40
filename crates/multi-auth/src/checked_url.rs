//! Checks a URL that credentials are sent to: absolute, https, without userinfo or fragment.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::{AuthError, UrlProblem};

/// Whether plain http is accepted for hosts other than loopback addresses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlainHttp {
    LoopbackOnly,
    Anywhere,
}

/// Parses `text` as a URL with a host and no userinfo, query or fragment.
pub(crate) fn parse_base(
    what: &'static str,
    text: &str,
    plain: PlainHttp,
) -> Result<Url, AuthError> {
    let url = parse(what, text, plain)?;
    if url.query().is_some() {
        return Err(AuthError::url(what, UrlProblem::Query));
    }
    Ok(url)
}

/// Parses `text` as a URL with a host and no userinfo or fragment.
pub(crate) fn parse(what: &'static str, text: &str, plain: PlainHttp) -> Result<Url, AuthError> {
    let refuse = |problem| Err(AuthError::url(what, problem));
    let Ok(url) = Url::parse(text) else {
        return refuse(UrlProblem::NotAbsolute);
    };
    match url.scheme() {
        "https" => {}
        "http" if plain == PlainHttp::Anywhere || is_loopback(&url) => {}
        "http" => return refuse(UrlProblem::PlainHttp),
        _ => return refuse(UrlProblem::Scheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(UrlProblem::Userinfo);
    }
    if url.fragment().is_some() {
        return refuse(UrlProblem::Fragment);
    }
    Ok(url)
}

/// The URL without its query, to be shown.
pub(crate) fn shown(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// Whether `url` is on this machine. Names below `localhost` should be (RFC 6761, 6.3), but some
/// resolvers send them to the network.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InputProblem;

    fn problem(text: &str) -> UrlProblem {
        match parse_base("protection space", text, PlainHttp::LoopbackOnly) {
            Err(AuthError::Invalid(InputProblem::Url { problem, .. })) => problem,
            other => panic!("{text} gave {other:?}"),
        }
    }

    #[test]
    fn a_url_that_hides_or_exposes_a_credential_is_refused() {
        for (text, expected) in [
            ("", UrlProblem::NotAbsolute),
            ("api.example.com", UrlProblem::NotAbsolute),
            ("https://", UrlProblem::NotAbsolute),
            ("ftp://api.example.com", UrlProblem::Scheme),
            ("http://api.example.com", UrlProblem::PlainHttp),
            ("http://127.0.0.1.example.com", UrlProblem::PlainHttp),
            ("http://localhost.example.com", UrlProblem::PlainHttp),
            ("http://a.localhost", UrlProblem::PlainHttp),
            ("https://user@api.example.com", UrlProblem::Userinfo),
            ("https://:pass@api.example.com", UrlProblem::Userinfo),
            ("https://api.example.com/#top", UrlProblem::Fragment),
            ("https://api.example.com/?key=1", UrlProblem::Query),
        ] {
            assert_eq!(problem(text), expected, "{text}");
        }
    }

    #[test]
    fn plain_http_is_accepted_on_this_machine() {
        for text in [
            "http://127.0.0.1:80",
            "http://127.9.9.9",
            "http://[::1]:8080",
            "http://localhost",
        ] {
            assert!(
                parse_base("protection space", text, PlainHttp::LoopbackOnly).is_ok(),
                "{text}"
            );
        }
    }
}
