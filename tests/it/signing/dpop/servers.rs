//! DPoP at Apache with `mod_oauth2`, which checks each proof except for the hash of its token.
//!
//! `.ci/apache DIRECTORY` installs it, and
//! `APACHE=DIRECTORY cargo test -p multi-auth-tests --test it -- --ignored at_apache` runs this
//! test.

use std::future::ready;

use http::request::Parts;
use http::{Request, StatusCode};
use jsonwebtoken::{EncodingKey, Header};
use multi_auth::{Authenticator, Bearer, Keyring, RequestHead, Token, source_fn};
use multi_auth_sign::{Algorithm, Dpop, DpopBearer, SigningKey};
use serde_json::json;

use super::dpop;
use crate::adapter::Adapter;
use crate::signing::apache::Apache;

/// The secret that signs access tokens.
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Another key than that of the tokens (RFC 8037, A.1).
const OTHER: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

async fn apache() -> Apache {
    let settings = format!(
        "AuthType oauth2\nOAuth2AcceptTokenIn header name=authorization&type=dpop\n\
         OAuth2TokenVerify plain {SECRET} type=dpop&verify.exp=required\nRequire valid-user\n"
    );
    let modules = ["authn_core", "authz_core", "authz_user", "oauth2"];
    Apache::start(&modules, &settings, &[]).await
}

/// An access token that is bound to the key of `dpop` (RFC 9449, 6.1).
fn access_token(dpop: &Dpop) -> String {
    let now = jsonwebtoken::get_current_timestamp();
    let key = json!({ "jkt": dpop.thumbprint() });
    let claims = json!({ "sub": "ada", "iat": now, "exp": now + 600, "cnf": key });
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::default(), &claims, &secret).unwrap()
}

/// Sends `token` with proofs of `dpop`.
fn bearer(dpop: &Dpop, token: &str) -> DpopBearer {
    let token = token.to_owned();
    let source = source_fn(move || ready(Ok(Token::new(token.clone()))));
    dpop.bearer_from(Bearer::builder(source))
}

async fn get(adapter: Adapter, bearer: DpopBearer, url: &str) -> StatusCode {
    let (origin, _) = url.rsplit_once('/').unwrap();
    let keyring = Keyring::builder().bind(origin, bearer).unwrap().build();
    adapter.client(&keyring).get(url).await.unwrap().status
}

/// A request with the credential of `bearer`, which is not sent.
async fn signed(bearer: &DpopBearer, url: &str) -> Parts {
    let (mut parts, ()) = Request::get(url).body(()).unwrap().into_parts();
    let credential = bearer.authenticate(&RequestHead::from_parts(&parts)).await;
    credential.unwrap().attach(&mut parts).unwrap();
    parts
}

/// The status of `GET url` with the fields of `parts`.
async fn sent(url: &str, parts: &Parts) -> StatusCode {
    let request = reqwest::Client::new().get(url);
    let request = request.headers(parts.headers.clone());
    request.send().await.unwrap().status()
}

#[tokio::test]
#[ignore = "needs Apache"]
async fn dpop_at_apache_is_accepted_and_a_replayed_or_other_proof_is_not() {
    let apache = apache().await;
    let page = format!("{}/index.html", apache.url());
    let dpop = dpop();
    let token = access_token(&dpop);
    let thief = Dpop::new(SigningKey::from_jwk(Algorithm::EdDSA, OTHER).unwrap()).unwrap();
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        for query in ["", "?part=1"] {
            let url = format!("{page}{query}");
            assert_eq!(
                get(adapter, bearer(&dpop, &token), &url).await,
                200,
                "{url}"
            );
        }
        assert_eq!(get(adapter, bearer(&thief, &token), &page).await, 401);
        // This token is not bound to the key of the proofs.
        let other = access_token(&thief);
        assert_eq!(get(adapter, bearer(&dpop, &other), &page).await, 401);
    }
    let bearer = bearer(&dpop, &token);
    let first = signed(&bearer, &page).await;
    assert_eq!(sent(&page, &first).await, 200);
    assert_eq!(sent(&page, &first).await, 401, "a second time");
    let other_url = signed(&bearer, &apache.url()).await;
    assert_eq!(sent(&page, &other_url).await, 401, "for another URL");
    let mut without_proof = signed(&bearer, &page).await;
    without_proof.headers.remove("dpop");
    assert_eq!(sent(&page, &without_proof).await, 401, "without a proof");
}
