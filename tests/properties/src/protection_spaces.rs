//! A protection space in the first line of the input, a request's target in the second.

use http::{Extensions, HeaderMap, Method, Uri};
use multi_auth::{ApiKey, AuthError, BindingProblem, Keyring, ProtectionSpace, RequestHead};
use percent_encoding::percent_decode_str;
use url::Url;

/// A request gets the credential only if the URL standard places it at the origin of the protection
/// space and below its path. A request without percent-encoding in its path always gets it then.
pub fn protection_spaces(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let (space, target) = text.split_once('\n').unwrap_or((text, text));
    let (Ok(base), Ok(bound)) = (Url::parse(space), ProtectionSpace::new(space)) else {
        return;
    };
    let key = ApiKey::authorization("k-1").unwrap();
    let keyring = Keyring::builder().bind(bound, key).unwrap().build();

    let (headers, extensions) = (HeaderMap::new(), Extensions::new());
    let url = Url::parse(target).ok();
    if let Some(url) = &url {
        let head = RequestHead::from_url(&Method::GET, url, &headers, &extensions);
        let (served, below) = (is_served(&keyring, &head), is_below(&base, url));
        assert!(!served || below, "{base} {url}");
        // What is encoded may be in doubt; the rest is not.
        assert!(served || !below || url.path().contains('%'), "{base} {url}");
    }
    if let Ok(uri) = target.parse::<Uri>() {
        let head = RequestHead::from_uri(&Method::GET, &uri, &headers, &extensions);
        let url = url.filter(|url| is_below(&base, url));
        assert!(!is_served(&keyring, &head) || url.is_some(), "{base} {uri}");
    }
}

fn is_served(keyring: &Keyring, head: &RequestHead<'_>) -> bool {
    match keyring.ready(head).expect("a static key is ready") {
        Ok(credential) => !credential.is_empty(),
        Err(AuthError::Unbound {
            problem: BindingProblem::AmbiguousPath,
            ..
        }) => false,
        Err(error) => panic!("{error}"),
    }
}

/// The oracle: the origin as the `url` crate has it, the path segment by segment.
fn is_below(base: &Url, url: &Url) -> bool {
    let is_web = matches!(url.scheme(), "http" | "https" | "ws" | "wss");
    let same = base.host() == url.host()
        && base.port_or_known_default() == url.port_or_known_default()
        && (base.scheme() == "https") == matches!(url.scheme(), "https" | "wss");
    let prefix = base.path().strip_suffix('/').unwrap_or(base.path());
    let Some(rest) = url.path().strip_prefix(prefix) else {
        return false;
    };
    is_web && same && (prefix.is_empty() || is_plain_below(rest))
}

fn is_plain_below(rest: &str) -> bool {
    let decoded: Vec<u8> = percent_decode_str(rest).collect();
    let mut segments = decoded.split(|byte| matches!(byte, b'/' | b'\\'));
    (rest.is_empty() || rest.starts_with('/'))
        && segments.all(|segment| {
            let name = segment
                .split(|byte| b";:".contains(byte))
                .next()
                .unwrap_or_default();
            name.is_empty() || name.iter().any(|&byte| byte != b'.')
        })
}
