//! The token request: method, query, a body built for each attempt, token types, parts.

use std::sync::atomic::{AtomicUsize, Ordering};

use http::{HeaderValue, Method, Uri};

use super::*;
use crate::{
    Credential, CredentialId, Generation, RequestHead, ResponseHead, TokenRequestBody, Verdict,
};

#[tokio::test]
async fn method_query_and_body_are_sent_as_described() {
    let canned = Canned::json(r#"{"access_token":"t"}"#);
    let get = token_endpoint(&canned)
        .method(Method::GET)
        .query([("resource", "https://a.example/?b&c"), ("d", "ü")]);
    obtain(get).await.unwrap();
    let sent = canned.sent.lock().unwrap().pop().unwrap();
    assert_eq!((sent.method(), sent.body().len()), (&Method::GET, 0));
    let expected =
        "https://auth.example/token?tenant=1&resource=https%3A%2F%2Fa.example%2F%3Fb%26c&d=%C3%BC";
    assert_eq!(*sent.uri(), expected.parse::<Uri>().unwrap());

    let bare = TokenEndpoint::builder("https://auth.example/token", Arc::clone(&canned)).unwrap();
    obtain(bare.query([("a", "b")])).await.unwrap();
    let sent = canned.sent.lock().unwrap().pop().unwrap();
    assert_eq!(sent.uri().query(), Some("a=b"));
}

#[tokio::test]
async fn debug_prints_no_value_of_a_token_request() {
    let canned = Canned::json(r#"{"error":"invalid_request"}"#);
    let token_endpoint = token_endpoint(&canned).query([("key", "canary")]);
    let body = TokenRequestBody::form([("key", "canary")]);
    let text = TokenRequestBody::json_text("canary");
    let shown = format!("{token_endpoint:?} {body:?} {text:?}");
    assert!(
        !shown.contains("canary") && shown.contains("key"),
        "{shown}"
    );
    let error = token_endpoint.build().token().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
}

#[tokio::test]
async fn a_body_is_built_for_each_attempt_and_its_failure_sends_nothing() {
    let canned = Canned::json(r#"{"access_token":"t"}"#);
    let made = AtomicUsize::new(0);
    let fresh =
        token_endpoint(&canned).body_with(move || match made.fetch_add(1, Ordering::Relaxed) {
            2 => Err(AuthError::permanent("the key is locked")),
            number => Ok(TokenRequestBody::form([(
                "assertion",
                format!("a-{number}"),
            )])),
        });
    let fresh = fresh.build();
    for number in 0..2 {
        fresh.token().await.unwrap();
        let sent = canned.sent.lock().unwrap().pop().unwrap();
        assert_eq!(sent.body(), format!("assertion=a-{number}").as_bytes());
        assert_eq!(
            sent.headers()["content-type"],
            "application/x-www-form-urlencoded"
        );
    }
    let error = fresh.token().await.unwrap_err();
    assert!(matches!(error, AuthError::Other { .. }), "{error:?}");
    assert_eq!(canned.sent.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn only_the_configured_token_types_are_accepted() {
    let accepts = async |accepted: &[&str], member: &str| {
        let canned = Canned::json(&format!(r#"{{"access_token":"t"{member}}}"#));
        obtain(token_endpoint(&canned).token_types(accepted.iter().copied())).await
    };
    for (accepted, member) in [
        (&["DPoP"][..], r#","token_type":"dpop""#),
        (&["N_A"], r#","token_type":"N_A""#),
        (&["DPoP", "Bearer"], r#","token_type":"bearer""#),
        (&["Bearer"], ""),
    ] {
        assert!(
            accepts(accepted, member).await.is_ok(),
            "{accepted:?} {member}"
        );
    }
    for (accepted, member) in [
        (&["DPoP"][..], r#","token_type":"Bearer""#),
        (&["DPoP"], ""),
        (&["DPoP"], r#","token_type":null"#),
        (&["N_A"], r#","token_type":"DPoP""#),
        (&[], ""),
    ] {
        let problem = accepts(accepted, member).await.unwrap_err();
        assert!(
            matches!(problem, TokenRequestProblem::TokenType),
            "{accepted:?} {member}"
        );
    }
}

#[tokio::test]
async fn parts_are_read_at_their_pointers() {
    let json = r#"{"access_token":"t","instance_url":"https://eu1.example","d":{"id":"i"}}"#;
    let token = token_endpoint(&Canned::json(json))
        .part_at("instance_url", "/instance_url")
        .part_at("id", "/d/id")
        .optional_part_at("refresh_token", "/refresh_token");
    let token = obtain(token).await.unwrap();
    let parts: Vec<_> = token
        .parts()
        .map(|(name, part)| (name, part.expose_secret()))
        .collect();
    assert_eq!(
        parts,
        [("id", "i"), ("instance_url", "https://eu1.example")]
    );

    for (json, pointer) in [
        (r#"{"access_token":"t"}"#, "/part"),
        (r#"{"access_token":"t","part":""}"#, "/part"),
    ] {
        let problem = obtain(token_endpoint(&Canned::json(json)).part_at("part", pointer))
            .await
            .unwrap_err();
        assert!(matches!(problem, TokenRequestProblem::Missing { member } if member == "/part"));
    }
    let number = token_endpoint(&Canned::json(r#"{"access_token":"t","part":7}"#));
    let problem = obtain(number.optional_part_at("part", "/part"))
        .await
        .unwrap_err();
    assert!(
        matches!(problem, TokenRequestProblem::Malformed { .. }),
        "{problem:?}"
    );
}

/// Attaches the endpoint's last nonce and the length of the body, as a proof does.
#[derive(Debug, Default)]
struct Prover {
    nonce: Mutex<Option<HeaderValue>>,
    judged: AtomicUsize,
}

impl Authenticator for Prover {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let crate::BodyView::Bytes(body) = request.body() else {
            return Some(Err(AuthError::NotReady));
        };
        let nonce = self.nonce.lock().unwrap().clone();
        let nonce = nonce
            .as_ref()
            .map_or("none", |nonce| nonce.to_str().unwrap());
        let proof = format!("{} {nonce} {}", request.method(), body.len());
        let proof = Credential::header(
            http::HeaderName::from_static("dpop"),
            proof.parse().unwrap(),
        );
        Some(Ok(
            proof.with_id(CredentialId::refreshable(Generation::next()))
        ))
    }

    fn judge(&self, _: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        self.judged.fetch_add(1, Ordering::Relaxed);
        let Some(nonce) = response.headers().get("dpop-nonce") else {
            return Verdict::Accept;
        };
        let old = self.nonce.lock().unwrap().replace(nonce.clone());
        if old.as_ref() == Some(nonce) {
            Verdict::Accept
        } else {
            Verdict::Refresh
        }
    }

    fn placements(&self) -> Vec<crate::Placement> {
        vec![crate::Placement::header("dpop").unwrap()]
    }
}

/// Requires a nonce, and refuses an assertion that it has seen.
#[derive(Debug, Default)]
struct Strict {
    seen: Mutex<Vec<Request<Vec<u8>>>>,
}

#[async_trait]
impl Transport for Strict {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let mut seen = self.seen.lock().unwrap();
        let is_replayed = seen.iter().any(|old| old.body() == request.body());
        let proof = request.headers()["dpop"].to_str().unwrap().to_owned();
        seen.push(request);
        let response = Response::builder();
        Ok(match () {
            () if is_replayed => response
                .status(400)
                .body(br#"{"error":"invalid_grant"}"#.to_vec()),
            () if proof == "POST n-1 12" => response.body(br#"{"access_token":"t"}"#.to_vec()),
            () => response
                .status(400)
                .header("dpop-nonce", "n-1")
                .body(br#"{"error":"use_dpop_nonce"}"#.to_vec()),
        }
        .unwrap())
    }
}

#[tokio::test]
async fn a_repeated_token_request_is_built_again_and_each_response_is_judged_once() {
    let (strict, prover) = (Arc::new(Strict::default()), Arc::new(Prover::default()));
    let made = AtomicUsize::new(0);
    let endpoint = TokenEndpoint::builder("https://auth.example/token", Arc::clone(&strict))
        .unwrap()
        .authorized_by(Arc::clone(&prover))
        .body_with(move || {
            let number = made.fetch_add(1, Ordering::Relaxed);
            Ok(TokenRequestBody::form([("jti", format!("j-{number:06}"))]))
        })
        .build();
    endpoint.token().await.unwrap();
    let sent = strict.seen.lock().unwrap();
    let bodies: Vec<_> = sent
        .iter()
        .map(|request| str::from_utf8(request.body()).unwrap())
        .collect();
    assert_eq!(bodies, ["jti=j-000000", "jti=j-000001"]);
    assert_eq!(prover.judged.load(Ordering::Relaxed), 2);
}
