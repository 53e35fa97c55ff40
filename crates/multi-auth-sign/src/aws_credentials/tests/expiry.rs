//! How an expiry is written.

use http::HeaderMap;

use super::super::expiry;
use super::*;

#[test]
fn an_expiry_is_rfc_3339_or_seconds() {
    for (text, expected) in [
        ("2018-01-02T03:04:05Z", Some(at(1_514_862_245))),
        ("2018-01-02T04:04:05+01:00", Some(at(1_514_862_245))),
        ("1514862245", Some(at(1_514_862_245))),
        ("1.514862245E9", Some(at(1_514_862_245))),
        ("2018-01-02", None),
        ("tomorrow", None),
        ("-1", None),
        ("NaN", None),
        ("1e300", None),
        ("", None),
    ] {
        assert_eq!(expiry::parse(text), expected, "{text}");
    }
    let fraction = expiry::parse("2018-01-02T03:04:05.5Z").unwrap();
    assert_eq!(fraction, at(1_514_862_245) + Duration::from_millis(500));
}

#[test]
fn an_expiry_becomes_a_lifetime_by_the_date_of_the_response() {
    let mut headers = HeaderMap::new();
    let token = expiry::add(Token::new("t"), at(784_111_837), &headers);
    assert_eq!(token.expiry(), Some(at(784_111_837)));

    headers.insert("date", "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
    let token = expiry::add(Token::new("t"), at(784_111_837), &headers);
    assert_eq!(token.lifetime(), Some(Duration::from_secs(60)));
    let expired = expiry::add(Token::new("t"), at(1), &headers);
    assert_eq!(expired.lifetime(), Some(Duration::ZERO));
}
