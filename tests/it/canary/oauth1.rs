//! OAuth 1.0a.

use http::Request;
use multi_auth::{Authenticator, BodyView, RequestHead};
use multi_auth_sign::{OAuth1, OAuth1Builder};

use super::{Ledger, key, token};

fn builder() -> OAuth1Builder {
    // A configuration may keep the consumer key and the token with the secrets.
    OAuth1::builder(&key(), key()).token(&token(), token())
}

pub(super) fn look(ledger: &mut Ledger) {
    ledger.see_debug("OAuth1Builder of OAuth1::builder", &builder());
    for (site, builder) in [
        ("a line break", OAuth1::builder("c", key() + "\n")),
        ("a token secret", builder().token("t", token() + "\u{7}")),
        ("a realm", builder().realm(&(token() + "\""))),
    ] {
        let error = builder.build().unwrap_err();
        ledger.see_error(format!("OAuth1, {site}"), &error);
    }

    let url = format!("https://api.vendor.example/v1?k={}", token());
    let request = Request::post(url).header("content-type", "application/x-www-form-urlencoded");
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let body = format!("a={}", key());
    let head = RequestHead::from_parts(&parts).with_body(BodyView::Bytes(body.as_bytes()));
    for (site, builder) in [
        ("HMAC-SHA1", builder()),
        ("HMAC-SHA256", builder().hmac_sha256().body_hash()),
        // The field has both secrets.
        ("PLAINTEXT", builder().dangerous_plaintext()),
    ] {
        let oauth1 = builder.build().unwrap();
        ledger.see_debug(format!("OAuth1, {site}"), &oauth1);
        let credential = oauth1.ready(&head).unwrap().unwrap();
        ledger.see_debug(format!("OAuth1, a credential by {site}"), &credential);
        let mut signed = parts.clone();
        credential.attach(&mut signed).unwrap();
        ledger.see_debug(format!("OAuth1, signed fields by {site}"), &signed.headers);
    }
    let stream = RequestHead::from_parts(&parts).with_body(BodyView::Stream);
    let error = builder()
        .build()
        .unwrap()
        .ready(&stream)
        .unwrap()
        .unwrap_err();
    ledger.see_error("OAuth1, a stream", &error);
}
