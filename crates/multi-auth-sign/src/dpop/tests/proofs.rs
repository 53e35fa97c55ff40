//! The parts of a proof.

use std::collections::HashSet;

use multi_auth::AuthError;
use serde_json::json;

use super::*;

/// The token of RFC 9449, 7.1.
const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

fn prover(id: &'static str, now: u64) -> Dpop {
    let builder = Dpop::builder(key()).clock(test_clock::at(Duration::from_secs(now)));
    builder.id_from(|| id.to_owned()).build().unwrap()
}

fn prove(dpop: &Dpop, method: &str, url: &str, token: Option<&str>, nonce: Option<&str>) -> String {
    let mut parts = get(url);
    parts.method = method.parse().unwrap();
    let token = token.map(Into::into);
    let request = RequestHead::from_parts(&parts);
    let proof = dpop.prover.prove(&request, token.as_ref(), nonce);
    proof.unwrap().to_str().unwrap().to_owned()
}

#[test]
fn the_claims_are_byte_for_byte_those_of_rfc_9449() {
    // Figures 2 and 13. Their signatures are of a key whose private part is not published.
    let of_token_request = prove(
        &prover("-BwC3ESc6acc2lTc", 1_562_262_616),
        "POST",
        "https://server.example.com/token",
        None,
        None,
    );
    assert_eq!(
        of_token_request.split('.').nth(1).unwrap(),
        "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wb\
         GUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ"
    );
    let of_request = prove(
        &prover("e1j3V_bKic8-LAEB", 1_562_262_618),
        "GET",
        "https://resource.example.org/protectedresource",
        Some(TOKEN),
        None,
    );
    assert_eq!(
        of_request.split('.').nth(1).unwrap(),
        "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtc\
         GxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc0\
         5yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9"
    );
}

#[test]
fn the_header_has_the_public_key_and_no_other_member() {
    let proof = prove(&dpop(), "GET", "https://a.example/", None, None);
    let expected = json!({
        "typ": "dpop+jwt",
        "alg": "ES256",
        "jwk": {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        },
    });
    assert_eq!(part(&proof, 0), expected);
    let named = key().with_key_id("2026-01").unwrap();
    let named = prove(
        &Dpop::new(named).unwrap(),
        "GET",
        "https://a.example/",
        None,
        None,
    );
    assert_eq!(part(&named, 0), expected);
}

#[test]
fn hash_and_nonce_are_there_only_if_there_is_a_token_or_a_nonce() {
    let dpop = prover("i", 7);
    let url = "https://a.example/";
    for (token, nonce, expected) in [
        (None, None, json!({})),
        (None, Some("n-1"), json!({"nonce": "n-1"})),
        (
            Some(TOKEN),
            Some("n-1"),
            json!({"nonce": "n-1", "ath": "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"}),
        ),
    ] {
        let proof = prove(&dpop, "DELETE", url, token, nonce);
        let mut claims = json!({"jti": "i", "htm": "DELETE", "htu": url, "iat": 7});
        claims
            .as_object_mut()
            .unwrap()
            .extend(expected.as_object().unwrap().clone());
        assert_eq!(part(&proof, 1), claims);
    }
}

#[test]
fn no_two_proofs_have_one_id() {
    let dpop = dpop();
    let id = |_| {
        let proof = prove(&dpop, "GET", "https://a.example/", None, None);
        part(&proof, 1)["jti"].as_str().unwrap().to_owned()
    };
    let ids: HashSet<String> = (0..500).map(id).collect();
    assert_eq!(ids.len(), 500);
    // 128 bits in base64url.
    assert!(ids.iter().all(|id| id.len() == 22));
}

#[test]
fn the_thumbprint_is_that_of_rfc_8037() {
    let key = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let key = SigningKey::from_jwk(Algorithm::EdDSA, key).unwrap();
    let dpop = Dpop::new(key).unwrap();
    assert_eq!(
        dpop.thumbprint(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn a_shared_secret_is_refused() {
    let key = SigningKey::from_secret(Algorithm::HS256, &[7; 32]).unwrap();
    let error = Dpop::new(key).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a DPoP proof has the public part of its key, which a shared secret (HS256) does not have: \
         give a private key, such as one for ES256"
    );
}

/// A clock that shows 1969.
#[derive(Debug)]
struct Early;

impl Clock for Early {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH - Duration::from_secs(1)
    }
}

#[tokio::test]
async fn a_request_fails_if_the_clock_shows_a_time_before_1970() {
    let dpop = Dpop::builder(key()).clock(Arc::new(Early)).build().unwrap();
    let parts = get("https://a.example/");
    let failed = numbered(&dpop)
        .authenticate(&RequestHead::from_parts(&parts))
        .await;
    let error: AuthError = SignError::Clock.into();
    assert_eq!(failed.unwrap_err().to_string(), error.to_string());
}
