//! Signatures by a vendor's own rules.

use std::sync::Arc;

use http::Request;
use multi_auth::{Authenticator, BodyView, RequestHead};
use multi_auth_sign::{
    HashAlgorithm, HmacSigner, HmacSignerBuilder, NonceFormat, OutputEncoding, TemplateValue,
    TimestampFormat,
};

use super::{Ledger, key, token};

fn builder(secret: String) -> HmacSignerBuilder {
    let value = TemplateValue::hmac(HashAlgorithm::Sha256, "{key}{secret}{body}{form:n}");
    HmacSigner::builder()
        .value("signature", value.with_output(OutputEncoding::Base64))
        .timestamp(TimestampFormat::Milliseconds)
        .nonce(NonceFormat::Uuid)
        .secret("secret", secret)
        .header("x-signature", "{signature}{secret}")
        .query_parameter("s", "{signature}{secret}")
}

pub(super) fn look(ledger: &mut Ledger) {
    ledger.see_debug(
        "HmacSignerBuilder of HmacSigner::builder",
        &builder(token()),
    );
    let signer = builder(token()).build(key().as_bytes()).unwrap();
    ledger.see_debug("HmacSigner", &signer);
    let custom = NonceFormat::Custom(Arc::new(key));
    ledger.see_debug("NonceFormat::Custom", &custom);
    let value = TemplateValue::hash(HashAlgorithm::Sha1, "{key}").with_key("{secret}");
    ledger.see_debug("TemplateValue::hash", &value);
    ledger.see_debug(
        "TemplateValue::hmac",
        &TemplateValue::hmac(HashAlgorithm::Sha512, ""),
    );
    ledger.see_debug("TemplateValue::text", &TemplateValue::text("{secret}"));

    ledger.see_debug("HashAlgorithm", &HashAlgorithm::Sha384);
    ledger.see_debug("OutputEncoding", &OutputEncoding::Raw);
    ledger.see_debug("TimestampFormat", &TimestampFormat::Custom("%Y".into()));

    let request = Request::post("https://api.vendor.example/v1").body(());
    let (parts, ()) = request.unwrap().into_parts();
    let body = format!("n={}", token());
    let head = RequestHead::from_parts(&parts).with_body(BodyView::Bytes(body.as_bytes()));
    let credential = signer.ready(&head).unwrap().unwrap();
    ledger.see_debug("HmacSigner, a credential", &credential);
    let mut sent = parts.clone();
    credential.attach(&mut sent).unwrap();
    ledger.see_debug("HmacSigner, signed fields", &sent.headers);
    let other = format!("m={}", token());
    let head = RequestHead::from_parts(&parts).with_body(BodyView::Bytes(other.as_bytes()));
    let error = signer.ready(&head).unwrap().unwrap_err();
    ledger.see_error("HmacSigner, a form without its parameter", &error);

    for (site, builder) in [
        ("a line break", builder(token() + "\n")),
        ("a name twice", builder(token()).secret("secret", token())),
        (
            "an unknown name",
            builder(token()).header("x-a", &format!("{{{}}}", token())),
        ),
        ("the key itself", builder(token()).header("x-a", "{key}")),
        ("an odd name", builder(token()).secret(&token(), token())),
    ] {
        let error = builder.build(key().as_bytes()).unwrap_err();
        ledger.see_error(format!("HmacSigner, {site}"), &error);
    }
}
