use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use http::request::Parts;
use multi_auth::BodyView;

use super::*;
use crate::test_clock;

const KRAKEN: &str =
    "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==";

fn parts(method: &str, url: &str) -> Parts {
    let request = Request::builder().method(method).uri(url).body(());
    request.unwrap().into_parts().0
}

/// The request `parts` with `body`, signed by `signer`.
fn signed(signer: &HmacSigner, mut parts: Parts, body: &str) -> Result<Parts, AuthError> {
    let original = parts.clone();
    let head = RequestHead::from_parts(&original).with_body(BodyView::Bytes(body.as_bytes()));
    let credential = signer.ready(&head).unwrap()?;
    credential.attach(&mut parts).unwrap();
    Ok(parts)
}

fn value<'p>(parts: &'p Parts, name: &str) -> &'p str {
    parts.headers[name].to_str().unwrap()
}

fn sha256(message: &str) -> TemplateValue {
    TemplateValue::hmac(HashAlgorithm::Sha256, message)
}

/// The text of `template` for a request.
fn text(template: &str, parts: Parts, body: &str) -> Result<String, AuthError> {
    let value = TemplateValue::text(template);
    let builder =
        HmacSigner::builder().clock(test_clock::at(Duration::from_millis(1_499_827_319_559)));
    let signer = builder
        .value("text", value)
        .header("x-text", "{text}")
        .build(b"key")?;
    Ok(value_of(&signed(&signer, parts, body)?))
}

fn value_of(parts: &Parts) -> String {
    value(parts, "x-text").to_owned()
}

fn error(builder: HmacSignerBuilder) -> String {
    builder.build(b"key").unwrap_err().to_string()
}

#[test]
fn a_hash_inside_the_signature_is_that_of_krakens_example() {
    let inner = TemplateValue::hash(HashAlgorithm::Sha256, "{form:nonce}{body}");
    let signature = TemplateValue::hmac(HashAlgorithm::Sha512, "{path}{inner}");
    let kraken = HmacSigner::builder()
        .value("signature", signature.with_output(OutputEncoding::Base64))
        .value("inner", inner.with_output(OutputEncoding::Raw))
        .secret("api_key", "k-1")
        .header("API-Key", "{api_key}")
        .header("API-Sign", "{signature}");
    let kraken = kraken.build(&STANDARD.decode(KRAKEN).unwrap()).unwrap();
    let request = parts("POST", "https://api.kraken.com/0/private/AddOrder");
    let body = "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25";
    let sent = signed(&kraken, request.clone(), body).unwrap();
    assert_eq!(value(&sent, "api-key"), "k-1");
    let expected =
        "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==";
    assert_eq!(value(&sent, "api-sign"), expected);

    let error = signed(&kraken, request, "pair=XBTUSD")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the body has no parameter `nonce`: add it"),
        "{error}"
    );
    assert_eq!(kraken.needs_body(), BodyNeed::Bytes);
}

#[test]
fn each_name_stands_for_its_part_of_the_request() {
    let request = || {
        let mut parts = parts(
            "POST",
            "https://api.example.com:8443/a%20b?z=1&a=b+c&a=B%2f",
        );
        parts.headers.append("x-one", HeaderValue::from_static("1"));
        parts.headers.append("x-one", HeaderValue::from_static("2"));
        parts
    };
    for (template, expected) in [
        ("{method} {scheme}", "POST https"),
        ("{authority}", "api.example.com:8443"),
        ("{path}", "/a%20b"),
        ("{query}", "z=1&a=b+c&a=B%2f"),
        ("{sorted_query}", "a=B%2F&a=b%20c&z=1"),
        ("{request_target}", "/a%20b?z=1&a=b+c&a=B%2f"),
        (
            "{target_uri}",
            "https://api.example.com:8443/a%20b?z=1&a=b+c&a=B%2f",
        ),
        ("{body}", "y=2&x=~+"),
        ("{sorted_form}", "x=~%20&y=2"),
        ("{form:x}{form:y}", "~ 2"),
        ("{header:X-One}|{header:x-two}", "1, 2|"),
        ("{timestamp}", "1499827319"),
    ] {
        let found = text(template, request(), "y=2&x=~+").unwrap();
        assert_eq!(found, expected, "{template}");
    }
    let plain = |template| text(template, parts("GET", "https://api.example.com"), "").unwrap();
    assert_eq!(plain("{request_target}|{query}|{body}"), "/||");
    assert_eq!(plain("{target_uri}"), "https://api.example.com/");
}

#[test]
fn a_parameter_that_signs_the_query_comes_last() {
    let signer = HmacSigner::builder()
        .clock(test_clock::at(Duration::from_millis(1_499_827_319_559)))
        .timestamp(TimestampFormat::Milliseconds)
        .value("signature", sha256("{query}{body}"))
        .query_parameter("signature", "{signature}")
        .query_parameter("timestamp", "{timestamp}")
        .build(b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j")
        .unwrap();
    let query =
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000";
    let request = parts(
        "POST",
        &format!("https://api.binance.com/api/v3/order?{query}"),
    );
    let sent = signed(&signer, request, "").unwrap();
    let signature = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
    let expected = format!("{query}&timestamp=1499827319559&signature={signature}");
    assert_eq!(sent.uri.query(), Some(&*expected));

    let none = signed(&signer, parts("GET", "https://api.binance.com/api"), "").unwrap();
    assert!(
        none.uri
            .query()
            .unwrap()
            .starts_with("timestamp=1499827319559&signature=")
    );
}

#[test]
fn a_request_with_a_part_of_the_signature_is_sent_as_it_is() {
    let signer = HmacSigner::builder()
        .value("signature", sha256("{query}"))
        .header("x-signature", "{signature}")
        .query_parameter("timestamp", "{timestamp}");
    let signer = signer.build(b"key").unwrap();
    let mut own = parts("GET", "https://api.example.com/");
    own.headers
        .insert("x-signature", HeaderValue::from_static("own"));
    for request in [own, parts("GET", "https://api.example.com/?timestamp=1")] {
        let sent = signed(&signer, request.clone(), "").unwrap();
        assert_eq!((sent.uri, sent.headers), (request.uri, request.headers));
    }
}

#[test]
fn a_value_may_be_for_some_methods_and_messages_alone() {
    let hash = TemplateValue::hash(HashAlgorithm::Sha256, "{body}").with_longest_message(3);
    let signer = HmacSigner::builder()
        .value(
            "hash",
            hash.for_methods([http::Method::POST]).unless_empty(),
        )
        .header("x-hash", "[{hash}]");
    let signer = signer.build(b"key").unwrap();
    let hash = |method, body| {
        let sent = signed(&signer, parts(method, "https://api.example.com/"), body).unwrap();
        value(&sent, "x-hash").to_owned()
    };
    let abc = "[ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad]";
    assert_eq!(hash("POST", "abc"), abc);
    assert_eq!(hash("POST", "abcd"), abc);
    assert_eq!(hash("POST", ""), "[]");
    assert_eq!(hash("PUT", "abc"), "[]");
}

#[test]
fn the_key_of_an_hmac_may_be_a_template() {
    let signer = HmacSigner::builder()
        .value("plain", sha256("what do ya want for nothing?"))
        .value(
            "same",
            sha256("what do ya want for nothing?").with_key("{half}fe"),
        )
        .secret("half", "Je")
        .header("x-plain", "{plain}")
        .header("x-same", "{same}");
    let signer = signer.build(b"Jefe").unwrap();
    let sent = signed(&signer, parts("GET", "https://api.example.com/"), "").unwrap();
    // RFC 4231, 4.3.
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(value(&sent, "x-plain"), expected);
    assert_eq!(value(&sent, "x-same"), expected);
}

#[test]
fn a_signer_that_cannot_work_is_not_built() {
    let new = HmacSigner::builder;
    let header = |template: &str| new().header("x-a", template);
    for (builder, expected) in [
        (new(), "the signature is not sent: name a header field"),
        (
            header("{signature}"),
            "a template names an unknown `{signature}`",
        ),
        (
            header("{key}"),
            "the field or parameter `x-a` of the signature would send the key itself",
        ),
        (
            header("{v}").value(
                "v",
                TemplateValue::text("{key}").with_output(OutputEncoding::Base64),
            ),
            "the key itself",
        ),
        (
            header("{v}").value("v", sha256("").with_output(OutputEncoding::Raw)),
            "would send bytes that are no text",
        ),
        (
            header("{v}")
                .value("v", sha256("{w}"))
                .value("w", sha256("{v}")),
            "name each other in a circle",
        ),
        (
            header("{v}").value("v", sha256("{v}")),
            "name each other in a circle",
        ),
        (
            header("{v}").value("v", TemplateValue::text("").with_key("{key}")),
            "has a key and is no HMAC: remove its key",
        ),
        (
            header("{v}").value("v", sha256("")).secret("v", "s"),
            "have the name `v`",
        ),
        (header("").value("body", sha256("")), "has an invalid name"),
        (header("").secret("A", "s"), "has an invalid name"),
        (
            header("").header("X-A", ""),
            "sets a field or a parameter twice",
        ),
        (new().header("host", ""), "belongs to the connection"),
        (new().header("a b", ""), "header name"),
        (new().query_parameter("", ""), "query parameter"),
        (header("{s}").secret("s", "a\nb"), "line break"),
        (
            header("").timestamp(TimestampFormat::Custom("%".into())),
            "the format of the timestamp is invalid",
        ),
    ] {
        let error = error(builder);
        assert!(
            error.to_lowercase().contains(&expected.to_lowercase()),
            "{expected}: {error}"
        );
    }
    let error = header("").build(b"").unwrap_err().to_string();
    assert_eq!(
        error,
        "the key of the signature is empty: give the vendor's key"
    );
}

#[test]
fn debug_shows_no_secret() {
    let builder = HmacSigner::builder()
        .value("signature", sha256("{body}"))
        .secret("api_key", "k-secret")
        .nonce(NonceFormat::Custom(Arc::new(|| "n".to_owned())))
        .header("x-signature", "{signature}");
    assert!(!format!("{builder:?}").contains("k-secret"));
    let signer = builder.build(b"secret").unwrap();
    assert_eq!(
        format!("{signer:?}"),
        r#"HmacSigner { sends: ["x-signature"], .. }"#
    );
}

#[test]
fn a_parameter_without_a_text_is_an_error_that_names_it() {
    let only_put = TemplateValue::text("{method}").for_methods([http::Method::PUT]);
    let raw = sha256("{method}").with_output(OutputEncoding::Raw);
    let raw = HmacSigner::builder().value("inner", raw);
    for builder in [
        HmacSigner::builder().value("v", only_put),
        HmacSigner::builder().value("v", TemplateValue::text("{body}")),
        raw.value("v", TemplateValue::text("{inner}")),
    ] {
        let signer = builder.query_parameter("sign", "{v}").build(b"key");
        let request = parts("GET", "https://api.example/");
        let error = signer.and_then(|signer| signed(&signer, request, ""));
        let error = error.unwrap_err();
        assert!(!error.is_transient(), "{error}");
        assert!(error.to_string().contains("`sign`"), "{error}");
    }
}
