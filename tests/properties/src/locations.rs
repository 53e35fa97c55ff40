//! `Location` fields in responses to requests with a query key. The first line of the input is the
//! key, the rest is the field.

use http::header::{HeaderValue, LOCATION};
use http::{Extensions, HeaderMap, Method, Uri};
use multi_auth::{Placement, RequestHead};
use percent_encoding::percent_decode_str;
use url::Url;

/// The remaining `Location` does not contain the key. A `Location` without the key stays unchanged.
pub fn locations(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (key, location) = text.split_once('\n').unwrap_or(("key-0123456789", &text));
    let placement = Placement::query("api_key").unwrap();
    let (Ok(credential), Ok(field)) = (
        placement.credential(&key.into()),
        HeaderValue::try_from(location),
    ) else {
        return;
    };
    let keys = credential.query_keys().expect("it is in the query");
    let mut headers = HeaderMap::new();
    headers.insert(LOCATION, field.clone());
    let (none, said) = (HeaderMap::new(), Extensions::new());
    let asked = Uri::from_static("https://api.example/v1");
    let asked = RequestHead::from_uri(&Method::GET, &asked, &none, &said);
    keys.remove_from_location(&asked, &mut headers);

    let base = Url::parse("https://api.example/v1").unwrap();
    let left = headers.get(LOCATION);
    let text = left.map_or("", |left| std::str::from_utf8(left.as_bytes()).unwrap());
    if key.len() >= 8
        && let Ok(target) = base.join(text)
    {
        let query = target.query().unwrap_or_default();
        let mut params = query.split('&');
        assert!(!params.any(|param| has(param, key)), "{key} {text}");
        assert!(!text.contains(key), "{key} {text}");
    }
    let is_plain =
        !location.contains(['%', '+', '\t']) && !location.contains(&key.replace('+', " "));
    let has_name = location.to_lowercase().contains("api_key");
    if is_plain && !has_name && key.len() >= 8 && location.len() < 1024 {
        assert_eq!(left, Some(&field), "{key} {location}");
    }
}

/// Whether `param`, decoded as a form, contains the key. It compares bytes: in text, invalid UTF-8
/// becomes U+FFFD, which may be part of a key.
fn has(param: &str, key: &str) -> bool {
    let decoded: Vec<u8> = percent_decode_str(&param.replace('+', " ")).collect();
    let mut pieces = decoded.windows(key.len());
    pieces.any(|piece| piece == key.as_bytes())
}
