//! Keys of the file that sign: a JWT as a bearer token, and an assertion for a token (RFC 7523).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::sources::secret_file;
use super::{keyring, parse};

/// A P-256 key in a file, and its public part: the two numbers in base64url.
fn key(folder: &TempDir) -> (String, [String; 2]) {
    let pair = rcgen::KeyPair::generate().unwrap();
    let file = secret_file(folder, "key.pem", &pair.serialize_pem());
    let point = pair.public_key_raw();
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let public = [number(&point[1..33]), number(&point[33..])];
    (file.display().to_string(), public)
}

/// The header and the claims of `jwt`, whose signature is verified.
fn verified(jwt: &str, [x, y]: &[String; 2], audience: &str) -> (jsonwebtoken::Header, Value) {
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[audience]);
    let key = DecodingKey::from_ec_components(x, y).unwrap();
    let claims = decode::<Value>(jwt, &key, &validation).unwrap().claims;
    (decode_header(jwt).unwrap(), claims)
}

async fn sent(server: &ScriptedServer, text: &str) -> Vec<RecordedRequest> {
    let keyring = keyring(text).await.unwrap();
    let client = guarded_client(keyring).build().unwrap();
    let url = format!("{}/v1", server.url());
    client.get(&url).send().await.unwrap();
    client.get(&url).send().await.unwrap();
    server.requests()
}

fn bearer(request: &RecordedRequest) -> &str {
    let value = request.header("authorization").unwrap();
    value.strip_prefix("Bearer ").unwrap()
}

#[tokio::test]
async fn a_signed_jwt_is_a_bearer_token_until_it_expires() {
    let (server, folder) = (
        ScriptedServer::start().await.unwrap(),
        TempDir::new().unwrap(),
    );
    let (file, public_key) = key(&folder);
    let text = format!(
        "[vendors.v]\nurl = '{}/v1'\nscheme = 'jwt'\nalgorithm = 'ES256'\nkey_id = 'k-1'\n\
         key = {{ file = '{file}' }}\n\
         jwt = {{ issuer = 'i-1', subject = 's-1', audience = 'a-1', lifetime = '10m', \
         backdated_by = '60s', random_id = true, claims = {{ scope = 'read', n = [1] }}, \
         header = {{ x5t = 'x-1' }} }}\n\
         also = {{ scheme = 'header', name = 'x-kind', key = {{ dangerous_inline = 'KEYPAIR_JWT' }} }}",
        server.url()
    );
    let requests = sent(&server, &text).await;
    let (header, claims) = verified(bearer(&requests[0]), &public_key, "a-1");
    assert_eq!(header.kid.as_deref(), Some("k-1"));
    assert_eq!(header.x5t.as_deref(), Some("x-1"));
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!("i-1"), &json!("s-1"))
    );
    assert_eq!(
        (&claims["scope"], &claims["n"]),
        (&json!("read"), &json!([1]))
    );
    let times = ["exp", "iat"].map(|name| claims[name].as_u64().unwrap());
    assert_eq!(times[0] - times[1], 11 * 60);
    assert!(claims["jti"].is_string());
    // The second request carries the same one.
    assert_eq!(bearer(&requests[0]), bearer(&requests[1]));
    assert_eq!(requests[0].header("x-kind"), Some("KEYPAIR_JWT"));
}

#[tokio::test]
async fn the_hash_of_the_public_key_can_be_a_part_of_the_issuer() {
    let (server, folder) = (
        ScriptedServer::start().await.unwrap(),
        TempDir::new().unwrap(),
    );
    let (file, public_key) = key(&folder);
    let text = format!(
        "[vendors.v]\nurl = '{}/v1'\nscheme = 'jwt'\nalgorithm = 'ES256'\nkey = {{ file = '{file}' }}\n\
         jwt = {{ issuer = 'ACCOUNT.USER.SHA256:{{public_key_sha256}}', audience = 'a' }}",
        server.url()
    );
    let requests = sent(&server, &text).await;
    let (_, claims) = verified(bearer(&requests[0]), &public_key, "a");
    let issuer = claims["iss"].as_str().unwrap();
    let hash = issuer.strip_prefix("ACCOUNT.USER.SHA256:").unwrap();
    assert_eq!(hash.len(), 44, "{issuer}");
}

#[tokio::test]
async fn an_assertion_obtains_a_token_and_authenticates_no_client() {
    let (server, folder) = (
        ScriptedServer::start().await.unwrap(),
        TempDir::new().unwrap(),
    );
    let (file, public_key) = key(&folder);
    let token = json!({ "access_token": "t-1", "expires_in": 3600 });
    server.push(ScriptedResponse::default().with_json(&token));
    let text = format!(
        "[vendors.v]\nurl = '{url}/v1'\nscheme = 'jwt_bearer'\ntoken_url = '{url}/token'\n\
         algorithm = 'ES256'\nkey = {{ file = '{file}' }}\nscope = 'read'\n\
         jwt = {{ issuer = 'i-1', audience = '{url}/token' }}",
        url = server.url()
    );
    let requests = sent(&server, &text).await;
    let paths: Vec<_> = requests
        .iter()
        .map(|request| request.path.as_str())
        .collect();
    assert_eq!(paths, ["/token", "/v1", "/v1"]);
    assert_eq!(requests[0].header("authorization"), None);
    let body = requests[0].text();
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    let rest = body.strip_prefix(grant).unwrap();
    let (assertion, rest) = rest.split_once('&').unwrap();
    assert_eq!(rest, "scope=read");
    let audience = format!("{}/token", server.url());
    verified(assertion, &public_key, &audience);
    assert_eq!(bearer(&requests[1]), "t-1");
}

#[test]
fn an_invalid_jwt_is_reported_by_its_field() {
    const VENDOR: &str =
        "[vendors.v]\nurl = 'https://v.example'\nscheme = 'jwt'\nkey = { env = 'K' }\n";
    for (lines, expected) in [
        ("", "vendors.v.jwt: is missing: describe it"),
        (
            "jwt = { issuer = '' }",
            "vendors.v.jwt: the issuer is empty",
        ),
        (
            "jwt = { lifetime = 'soon' }",
            "vendors.v.jwt.lifetime: is not a duration",
        ),
        (
            "jwt = { claims = { exp = 1 } }",
            "vendors.v.jwt: a registered claim was given by name",
        ),
        (
            "jwt = { header = { alg = 'none' } }",
            "vendors.v.jwt: a header member",
        ),
        ("jwt = { isuer = 'canary' }", "vendors.v.jwt"),
        (
            "jwt = {}\nalgorithm = 'none'",
            "vendors.v.algorithm: is not a signature algorithm",
        ),
        (
            "jwt = {}\nclient_auth = 'none'",
            "vendors.v.client_auth: is not used by this scheme",
        ),
        (
            "jwt = {}\ntoken_url = 'https://l.example'",
            "vendors.v.token_url: is not used by this scheme",
        ),
    ] {
        let error = parse(&format!("{VENDOR}{lines}")).unwrap_err().to_string();
        assert!(error.contains(expected), "{lines}: {error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn a_key_of_another_kind_is_an_error_without_the_key() {
    let text = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'jwt'\n\
                key = { dangerous_inline = 'canary' }\njwt = { issuer = 'i' }";
    let error = keyring(text).await.unwrap_err().to_string();
    assert!(error.contains("is not PEM"), "{error}");
    assert!(!error.contains("canary"), "{error}");
}
