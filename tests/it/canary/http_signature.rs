//! HTTP message signatures.

use http::{HeaderValue, Request};
use multi_auth::{Authenticator, BodyView, RequestHead};
use multi_auth_sign::{Algorithm, HttpSignature, HttpSignatureBuilder, SigningKey};

use super::{Ledger, key, token};

fn builder() -> HttpSignatureBuilder {
    let secret = key().repeat(2);
    HttpSignature::builder(SigningKey::from_secret(Algorithm::HS256, secret.as_bytes()).unwrap())
}

pub(super) fn look(ledger: &mut Ledger) {
    ledger.see_debug("HttpSignatureBuilder of HttpSignature::builder", &builder());
    let components = ["@method", "@query", "authorization", "content-digest"];
    let signature = builder().components(components).nonce().build().unwrap();
    ledger.see_debug("HttpSignature", &signature);
    let secret = SigningKey::from_secret(Algorithm::HS256, key().repeat(2).as_bytes()).unwrap();
    let bot = HttpSignature::web_bot_auth(secret, "https://bot.example");
    ledger.see_debug("HttpSignature::web_bot_auth", &bot);
    ledger.see_error(
        "HttpSignature, a bot with a shared key",
        &bot.build().unwrap_err(),
    );

    let request = Request::post(format!("https://api.vendor.example/v1?k={}", token()));
    let mut credential = HeaderValue::try_from(&token()).unwrap();
    credential.set_sensitive(true);
    let request = request.header("authorization", credential).body(());
    let (parts, ()) = request.unwrap().into_parts();
    let body = key();
    let head = RequestHead::from_parts(&parts).with_body(BodyView::Bytes(body.as_bytes()));
    let credential = signature.ready(&head).unwrap().unwrap();
    ledger.see_debug("HttpSignature, a credential", &credential);
    let mut signed = parts.clone();
    credential.attach(&mut signed).unwrap();
    ledger.see_debug("HttpSignature, signed fields", &signed.headers);

    let missing = builder().components(["x-missing"]).build().unwrap();
    let error = missing.ready(&head).unwrap().unwrap_err();
    ledger.see_error("HttpSignature, a field that is missing", &error);
    let stream = RequestHead::from_parts(&parts).with_body(BodyView::Stream);
    ledger.see_error(
        "HttpSignature, a stream",
        &signature.ready(&stream).unwrap().unwrap_err(),
    );
    let mut odd = parts.clone();
    let value = HeaderValue::try_from(format!("{}\u{e9}", token()).as_bytes()).unwrap();
    odd.headers.insert("x-odd", value);
    let odd_head = RequestHead::from_parts(&odd);
    let covers = builder().components(["x-odd"]).build().unwrap();
    ledger.see_error(
        "HttpSignature, a field that is not ASCII",
        &covers.ready(&odd_head).unwrap().unwrap_err(),
    );

    for (site, builder) in [
        ("a label", builder().label(&token())),
        ("a component", builder().components([token() + " x"])),
        ("a tag", builder().tag(&(token() + "\n"))),
    ] {
        if let Err(error) = builder.build() {
            ledger.see_error(format!("HttpSignature, {site}"), &error);
        }
    }
}
