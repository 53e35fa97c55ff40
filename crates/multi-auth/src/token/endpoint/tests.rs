mod calls;
mod headers;
mod lifetimes;
mod places;
mod proofs;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Request, Response, StatusCode};
use secrecy::ExposeSecret;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use super::*;
use crate::token::Validity;
use crate::{ApiKey, Basic, InputProblem, SecretProblem};

/// Answers every request with the same response, and records the requests.
#[derive(Debug, Default)]
struct Canned {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    sent: Mutex<Vec<Request<Vec<u8>>>>,
}

impl Canned {
    fn json(body: &str) -> Arc<Self> {
        Self::new(200, "application/json", body.as_bytes())
    }

    /// A JSON response with a `Date`.
    fn at(body: &str, date: &'static str) -> Arc<Self> {
        let mut canned = Arc::into_inner(Self::json(body)).unwrap();
        let date = http::HeaderValue::from_static(date);
        canned.headers.insert(http::header::DATE, date);
        Arc::new(canned)
    }

    fn new(status: u16, media_type: &'static str, body: &[u8]) -> Arc<Self> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, http::HeaderValue::from_static(media_type));
        headers.insert(RETRY_AFTER, http::HeaderValue::from_static("7"));
        let status = StatusCode::from_u16(status).unwrap();
        Arc::new(Self {
            status,
            headers,
            body: body.to_vec(),
            sent: Mutex::default(),
        })
    }
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        self.sent.lock().unwrap().push(request);
        let mut response = Response::new(self.body.clone());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        Ok(response)
    }
}

fn token_endpoint(transport: &Arc<Canned>) -> TokenEndpointBuilder {
    TokenEndpoint::builder("https://auth.example/token?tenant=1", Arc::clone(transport)).unwrap()
}

async fn token(body: &str) -> Result<Token, TokenRequestProblem> {
    obtain(token_endpoint(&Canned::json(body))).await
}

async fn obtain(token_endpoint: TokenEndpointBuilder) -> Result<Token, TokenRequestProblem> {
    token_endpoint
        .build()
        .token()
        .await
        .map_err(|error| match error {
            AuthError::TokenRequest { problem, .. } => problem,
            other => panic!("{other:?}"),
        })
}

async fn status(status: u16, media_type: &'static str, body: &str) -> TokenRequestProblem {
    obtain(token_endpoint(&Canned::new(
        status,
        media_type,
        body.as_bytes(),
    )))
    .await
    .unwrap_err()
}

#[tokio::test]
async fn a_json_body_a_form_and_a_header_are_sent_as_described() {
    let canned = Canned::json(r#"{"access_token":"t"}"#);
    let json = token_endpoint(&canned).json([("apikey", "k \"1\"")]);
    let form = token_endpoint(&canned).form([("grant_type", "a b"), ("key", "ü&=")]);
    let header = token_endpoint(&canned).authorized_by(ApiKey::authorization("k-1").unwrap());
    for token_endpoint in [json, form, header] {
        obtain(token_endpoint).await.unwrap();
    }
    let sent = canned.sent.lock().unwrap();
    let field = |at: usize, name: &str| {
        sent[at]
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap())
    };

    assert!(
        sent.iter()
            .all(|request| request.method() == http::Method::POST)
    );
    assert_eq!(sent[0].body(), br#"{"apikey":"k \"1\""}"#);
    assert_eq!(field(0, "content-type"), Some("application/json"));
    assert_eq!(sent[1].body(), b"grant_type=a+b&key=%C3%BC%26%3D");
    assert_eq!(
        field(1, "content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!((sent[2].body().len(), field(2, "content-type")), (0, None));
    assert_eq!(field(2, "authorization"), Some("k-1"));
    assert!(sent[2].headers()["authorization"].is_sensitive());
}

#[tokio::test]
async fn a_missing_or_mistyped_token_is_an_error_that_names_the_member() {
    for body in [
        "{}",
        "[]",
        "1",
        r#"{"access_token":null}"#,
        r#"{"access_token":""}"#,
    ] {
        let problem = token(body).await.unwrap_err();
        assert!(
            matches!(problem, TokenRequestProblem::Missing { member } if member == "/access_token"),
            "{body}"
        );
    }
    let problem = token(r#"{"access_token":7}"#).await.unwrap_err();
    assert!(matches!(
        problem,
        TokenRequestProblem::Malformed {
            expected: "text",
            ..
        }
    ));
}

#[tokio::test]
async fn an_error_code_is_an_error_for_any_status() {
    let denied = |problem| {
        matches!(
            problem,
            TokenRequestProblem::Denied {
                code: "invalid_grant",
                ..
            }
        )
    };
    let body = r#"{"error":"invalid_grant","error_description":"canary"}"#;
    assert!(denied(token(body).await.unwrap_err()));
    assert!(denied(status(400, "application/json", body).await));
}

#[tokio::test]
async fn a_busy_endpoint_is_transient_for_any_status() {
    for code in ["temporarily_unavailable", "slow_down", "server_error"] {
        let body = format!(r#"{{"error":"{code}"}}"#);
        for number in [200, 400, 401, 403, 429, 503] {
            let problem = status(number, "application/json", body.as_str()).await;
            assert!(problem.is_transient(), "{number} {code}: {problem:?}");
        }
    }
}

#[tokio::test]
async fn the_error_code_decides_the_kind_of_a_refusal() {
    use crate::OAuthErrorKind::{Key, Permission, Request};
    for (number, code, expected) in [
        (400, "invalid_client", Key),
        (400, "invalid_request", Request),
        (400, "invalid_scope", Request),
        (400, "unauthorized_client", Permission),
        (403, "invalid_grant", Key),
        (403, "access_denied", Permission),
    ] {
        let body = format!(r#"{{"error":"{code}"}}"#);
        let problem = status(number, "application/json", body.as_str()).await;
        let is_expected =
            matches!(problem, TokenRequestProblem::Denied { kind, .. } if kind == expected);
        assert!(is_expected, "{number} {code}: {problem:?}");
        assert!(!problem.is_transient());
    }
    let client = status(401, "application/json", r#"{"error":"invalid_client"}"#).await;
    assert!(
        matches!(
            client,
            TokenRequestProblem::Denied {
                code: "invalid_client",
                kind: Key
            }
        ),
        "{client:?}"
    );
    // Another code says nothing about a 401.
    let refused = status(401, "application/json", r#"{"error":"invalid_scope"}"#).await;
    assert!(
        matches!(refused, TokenRequestProblem::Refused),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_form_encoded_response_is_read_like_json() {
    let body = b"access_token=t%201&expires_in=3600&token_type=bearer";
    let form = Canned::new(
        200,
        "application/x-www-form-urlencoded; charset=utf-8",
        body,
    );
    let token = obtain(token_endpoint(&form)).await.unwrap();
    assert_eq!(token.value().expose_secret(), "t 1");
    assert_eq!(
        token.validity(),
        Some(Validity::For(Duration::from_secs(3600)))
    );
}

#[tokio::test]
async fn a_response_over_the_size_limit_is_an_error() {
    let body = format!(r#"{{"access_token":"{}"}}"#, "t".repeat(MAX));
    assert!(matches!(
        token(&body).await.unwrap_err(),
        TokenRequestProblem::Transport(_)
    ));
    assert!(
        token(&format!(
            "{body:.0}{{\"access_token\":\"t\"}}{}",
            " ".repeat(64)
        ))
        .await
        .is_ok()
    );
}

const MAX: usize = crate::adapter::MAX_RESPONSE_BYTES;

#[tokio::test]
async fn an_empty_response_is_a_transient_error() {
    for body in ["", "  \n"] {
        let problem = token(body).await.unwrap_err();
        assert!(matches!(problem, TokenRequestProblem::Empty) && problem.is_transient());
    }
}

#[tokio::test]
async fn only_bearer_tokens_are_accepted_by_default() {
    for name in [r#""bearer""#, r#""BEARER""#, r#""""#, "null"] {
        let body = format!(r#"{{"access_token":"t","token_type":{name}}}"#);
        assert!(token(&body).await.is_ok(), "{name}");
    }
    for name in [r#""mac""#, r#""N_A""#, r#""DPoP""#, "7"] {
        let body = format!(r#"{{"access_token":"t","token_type":{name}}}"#);
        assert!(
            matches!(
                token(&body).await.unwrap_err(),
                TokenRequestProblem::TokenType
            ),
            "{name}"
        );
    }
}

#[tokio::test]
async fn token_and_expiry_are_read_at_their_pointers() {
    let canned = Canned::json(r#"{"data":{"token":"t-1","exp":1790000000}}"#);
    let nested = token_endpoint(&canned)
        .token_at("/data/token")
        .expires_at("/data/exp");
    let token = obtain(nested).await.unwrap();
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    assert_eq!(
        (token.value().expose_secret(), token.validity()),
        ("t-1", Some(Validity::Until(end)))
    );

    let whole = token_endpoint(&Canned::json(r#""t-2""#)).token_at("");
    assert_eq!(obtain(whole).await.unwrap().value().expose_secret(), "t-2");
}

#[tokio::test]
async fn a_flag_that_is_false_is_a_refusal() {
    let refused =
        token_endpoint(&Canned::json(r#"{"access_token":"t","ok":false}"#)).refused_unless("/ok");
    assert!(matches!(
        obtain(refused).await.unwrap_err(),
        TokenRequestProblem::Refused
    ));
}

#[tokio::test]
async fn each_error_status_has_its_own_problem() {
    let json = "application/json";
    assert!(matches!(
        status(401, json, "{}").await,
        TokenRequestProblem::Refused
    ));
    assert!(matches!(
        status(403, json, "{}").await,
        TokenRequestProblem::Forbidden
    ));
    assert!(matches!(
        status(307, json, "").await,
        TokenRequestProblem::Redirect { .. }
    ));
    assert!(matches!(
        status(404, json, "").await,
        TokenRequestProblem::Status(_)
    ));
    for transient in [408, 429, 500, 503] {
        assert!(status(transient, json, "").await.is_transient());
    }
    assert!(matches!(
        status(200, "text/html", "hello").await,
        TokenRequestProblem::Html
    ));
    assert!(matches!(
        status(200, json, "<!doctype html>").await,
        TokenRequestProblem::Html
    ));
    assert!(matches!(
        status(200, json, "{").await,
        TokenRequestProblem::NotJson
    ));
}

#[tokio::test]
async fn an_error_has_the_retry_after_of_the_response() {
    let canned = Canned::new(429, "application/json", b"");
    let error = token_endpoint(&canned).build().token().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn debug_prints_neither_query_nor_body() {
    let canned = Canned::json(r#"{"error":"canary \n"}"#);
    let token_endpoint =
        token_endpoint(&canned).authorized_by(Basic::new("canary", "canary").unwrap());
    assert!(!format!("{token_endpoint:?}").contains("tenant"));
    let error = token_endpoint.build().token().await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("https://auth.example/token") && !shown.contains("tenant"));
    assert!(!shown.contains("canary"));
}

#[test]
fn plain_http_needs_the_dangerous_constructor() {
    let url = "http://internal:8080/token";
    assert!(TokenEndpoint::dangerous_plain_http(url, Canned::json("")).is_ok());
    let with_password = "http://u:p@internal:8080/token";
    assert!(TokenEndpoint::dangerous_plain_http(with_password, Canned::json("")).is_err());
}

#[test]
fn an_endpoint_that_exposes_the_key_is_refused() {
    for url in [
        "http://auth.example/token",
        "https://u:p@auth.example",
        "token",
        "https://a.example/#x",
    ] {
        assert!(
            TokenEndpoint::builder(url, Canned::json("")).is_err(),
            "{url}"
        );
    }
    assert!(matches!(
        ApiKey::authorization("k\n"),
        Err(AuthError::Invalid(InputProblem::Secret {
            problem: SecretProblem::TrailingNewline,
            ..
        }))
    ));
}
