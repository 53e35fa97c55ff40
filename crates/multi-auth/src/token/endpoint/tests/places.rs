//! Tokens that are not a member of a JSON body, and expiries that are in the token.

use http::header::SET_COOKIE;
use http::{HeaderName, HeaderValue};

use super::*;
use crate::TokenRequestBody;

fn with_header(body: &str, name: &HeaderName, values: &[&'static str]) -> Arc<Canned> {
    let mut canned = Arc::into_inner(Canned::new(200, "text/plain", body.as_bytes())).unwrap();
    for value in values {
        let value = HeaderValue::from_static(value);
        canned.headers.append(name.clone(), value);
    }
    Arc::new(canned)
}

async fn value(endpoint: TokenEndpointBuilder) -> Result<String, TokenRequestProblem> {
    let token = obtain(endpoint).await?;
    Ok(token.value().expose_secret().to_owned())
}

#[tokio::test]
async fn the_empty_pointer_is_the_whole_body_as_json_text_or_plain_text() {
    for (media_type, body, expected) in [
        ("application/json", "\"t-1\"", Some("t-1")),
        ("text/plain", "t-1\r\n", Some("t-1")),
        (
            "text/plain",
            "12345678901234567890",
            Some("12345678901234567890"),
        ),
        ("application/json", "eyJ.eyJ.x", Some("eyJ.eyJ.x")),
        ("text/plain", "12e45678901234", Some("12e45678901234")),
        ("text/plain", "\u{feff}t-1\n", Some("t-1")),
        ("application/json", r#"{"a":1}"#, None),
        ("application/json", "null", None),
        ("text/html", "<p>", None),
        ("text/plain", " ", None),
    ] {
        let canned = Canned::new(200, media_type, body.as_bytes());
        let read = value(token_endpoint(&canned).token_at("")).await;
        assert_eq!(read.as_deref().ok(), expected, "{body}");
    }
}

#[tokio::test]
async fn a_token_is_read_from_a_header_field_whatever_the_body_is() {
    let name = HeaderName::from_static("x-subject-token");
    for body in ["", "not JSON", r#"{"token":{}}"#] {
        let canned = with_header(body, &name, &["t-1"]);
        let read = value(token_endpoint(&canned).token_in_header(name.clone())).await;
        assert_eq!(read.unwrap(), "t-1", "{body}");
    }
    for values in [&[][..], &[""]] {
        let canned = with_header("", &name, values);
        let problem = value(token_endpoint(&canned).token_in_header(name.clone())).await;
        let problem = problem.unwrap_err().to_string();
        assert!(problem.contains("x-subject-token"), "{problem}");
    }
}

/// A login page sets a cookie for its anonymous reader.
#[tokio::test]
async fn a_web_page_is_no_response_of_a_token_endpoint() {
    let name = HeaderName::from_static("x-subject-token");
    let canned = with_header("<!DOCTYPE html><p>Log in</p>", &name, &["t-1"]);
    let read = value(token_endpoint(&canned).token_in_header(name)).await;
    assert!(matches!(read, Err(TokenRequestProblem::Html)), "{read:?}");
    let canned = with_header("<p>", &SET_COOKIE, &["SESSION=t-1"]);
    assert!(
        value(token_endpoint(&canned).token_in_cookie("SESSION"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn an_error_code_in_the_body_refuses_although_the_header_has_a_token() {
    let name = HeaderName::from_static("x-subject-token");
    let canned = with_header(r#"{"error":"invalid_client"}"#, &name, &["t-1"]);
    let problem = value(token_endpoint(&canned).token_in_header(name)).await;
    let is_denied = matches!(
        problem,
        Err(TokenRequestProblem::Denied {
            code: "invalid_client",
            ..
        })
    );
    assert!(is_denied, "{problem:?}");
}

#[tokio::test]
async fn a_token_is_read_from_the_cookie_of_its_exact_name() {
    for (values, expected) in [
        (&["SESSION=t-1; Path=/; HttpOnly"][..], Some("t-1")),
        (&["OTHER=x", " SESSION = t=1== ;Secure"], Some("t=1==")),
        (&["SESSION=old", "SESSION=new"], Some("new")),
        (&["session=t-1"], None),
        (&["XSESSION=t-1", "a=b; SESSION=t-1"], None),
        (&["SESSION="], None),
        (&["SESSION"], None),
        (&["SESSION=t-1; Max-Age=3600"], Some("t-1")),
        (&["SESSION=deleted; Path=/; max-age=0"], None),
        (&["SESSION=t-1", "SESSION=x; Max-Age=-1"], Some("t-1")),
    ] {
        let canned = with_header("", &SET_COOKIE, values);
        let read = value(token_endpoint(&canned).token_in_cookie("SESSION")).await;
        assert_eq!(read.as_deref().ok(), expected, "{values:?}");
    }
}

/// The payload is `{"exp":1632942771}`, with and without padding.
#[tokio::test]
async fn the_expiry_of_a_jwt_is_its_claim_exp_unless_the_response_has_one() {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_632_942_771);
    let minute = Duration::from_secs(60);
    for (body, expected) in [
        (
            r#"{"access_token":"h.eyJleHAiOjE2MzI5NDI3NzF9.s"}"#,
            Some(Validity::Until(at)),
        ),
        (
            r#"{"access_token":"h.eyJleHAiOjE2MzI5NDI3NzF9==.s"}"#,
            Some(Validity::Until(at)),
        ),
        (
            r#"{"access_token":"h.eyJleHAiOjE2MzI5NDI3NzF9.s","expires_in":60}"#,
            Some(Validity::For(minute)),
        ),
        (r#"{"access_token":"h.e30.s"}"#, None),
        // {"exp":null}
        (r#"{"access_token":"h.eyJleHAiOm51bGx9.s"}"#, None),
    ] {
        let endpoint = token_endpoint(&Canned::json(body)).expires_by_jwt();
        assert_eq!(
            obtain(endpoint).await.unwrap().validity(),
            expected,
            "{body}"
        );
    }
    let dated = Canned::at(
        r#"{"access_token":"h.eyJleHAiOjE2MzI5NDI3NzF9.s"}"#,
        "Wed, 29 Sep 2021 19:11:51 GMT",
    );
    let token = obtain(token_endpoint(&dated).expires_by_jwt())
        .await
        .unwrap();
    assert_eq!(
        token.validity(),
        Some(Validity::For(Duration::from_secs(60)))
    );
    for token in ["opaque", "a.!!.c", "a.bm90IGpzb24.c"] {
        let body = format!(r#"{{"access_token":"{token}"}}"#);
        let endpoint = token_endpoint(&Canned::json(&body)).expires_by_jwt();
        let problem = obtain(endpoint).await.unwrap_err().to_string();
        assert!(
            problem.contains("exp") && !problem.contains(token),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn a_lifetime_in_minutes_is_read_in_minutes() {
    let canned = Canned::json(r#"{"access_token":"t","minutes":"30"}"#);
    let endpoint = token_endpoint(&canned).expires_in_minutes("/minutes");
    let expected = Validity::For(Duration::from_secs(1800));
    assert_eq!(obtain(endpoint).await.unwrap().validity(), Some(expected));
}

#[tokio::test]
async fn a_text_body_is_sent_unchanged_with_its_media_type() {
    let canned = Canned::json(r#"{"access_token":"t"}"#);
    let body = TokenRequestBody::text(HeaderValue::from_static("text/xml"), "<a>k</a>");
    assert_eq!(format!("{body:?}"), "Text");
    obtain(token_endpoint(&canned).body(body)).await.unwrap();
    let sent = canned.sent.lock().unwrap();
    assert_eq!(sent[0].body(), b"<a>k</a>");
    assert_eq!(sent[0].headers()[CONTENT_TYPE], "text/xml");
}
