//! Whatever spelling a keyring takes for a bound origin, a client connects to that origin, and the
//! other way round.

use http::{Extensions, HeaderMap, Method, Uri};
use multi_auth::{ApiKey, Keyring, RequestHead};
use multi_auth_properties::cases;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use url::Url;

const BOUND: &[&str] = &[
    "https://api.example",
    "https://api.example:8443",
    "http://127.0.0.1:80",
    "https://[::1]:444",
    "https://[::ffff:127.0.0.1]",
    "https://xn--bcher-kva.example",
    "https://api.example.",
];

const SCHEMES: &[&str] = &["https", "http", "HTTPS", "wss", "ws", "Https"];

const PIECES: &[&str] = &[
    "api.example",
    "API.example",
    "api.example.",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "[::1]",
    "[0:0::1]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7f00:1]",
    "[::1%25eth0]",
    "[::1%eth0]",
    "bücher.example",
    "BÜCHER.example",
    "xn--bcher-kva.example",
    "XN--BCHER-KVA.example",
    "api\u{ad}.example",
    "api。example",
    "ａpi.example",
    "%61pi.example",
    "evil.example",
    "@",
    "user@",
    "u:p@",
    ":",
    ":443",
    ":0443",
    ":8443",
    ":08443",
    ":80",
    ":444",
    ":65979",
    ":+443",
    ":4 43",
    "\\",
    "/",
    "?",
    "#",
    "\t",
    " ",
    ".",
    ",",
    "[",
    "]",
    "::1",
    "%2f",
    "%40",
    "%00",
];

fn is_served(keyring: &Keyring, head: &RequestHead<'_>) -> bool {
    matches!(keyring.ready(head), Some(Ok(credential)) if !credential.is_empty())
}

/// Where a client connects: the name that it resolves, the port, whether by TLS.
fn way(uri: &Uri) -> Option<(String, u16, bool)> {
    let is_tls = matches!(
        uri.scheme_str()?.to_ascii_lowercase().as_str(),
        "https" | "wss"
    );
    let host = uri.host()?.to_ascii_lowercase();
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    // A name that is an IP address is not a name.
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let host = bare
        .parse::<std::net::IpAddr>()
        .map_or(host.clone(), |address| address.to_string());
    Some((host, port, is_tls))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(4096), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_served_goes_to_the_bound_origin(
        bound in select(BOUND), scheme in select(SCHEMES), pieces in vec(select(PIECES), 1..5),
    ) {
        let key = ApiKey::authorization("k-1").unwrap();
        let keyring = Keyring::builder().bind(bound, key).unwrap().build();
        let expected = way(&bound.parse().unwrap());
        let text = format!("{scheme}://{}", pieces.concat());
        let (headers, extensions) = (HeaderMap::new(), Extensions::new());
        if let Ok(uri) = text.parse::<Uri>() {
            let head = RequestHead::from_uri(&Method::GET, &uri, &headers, &extensions);
            let served = is_served(&keyring, &head);
            prop_assert!(!served || way(&uri) == expected, "{bound} {text}");
            let plain = pieces.len() == 1 && way(&uri) == expected;
            prop_assert!(served || !plain, "{bound} {text}: not served");
        }
        if let Ok(url) = Url::parse(&text) {
            let head = RequestHead::from_url(&Method::GET, &url, &headers, &extensions);
            let served = is_served(&keyring, &head);
            let sent = url.as_str().parse::<Uri>().ok();
            // As reqwest sends it.
            prop_assert!(!served || sent.as_ref().is_none_or(|sent| way(sent) == expected), "{bound} {text}");
            prop_assert!(served || sent.as_ref().and_then(way) != expected, "{bound} {text}: not served");
        }
    }
}
