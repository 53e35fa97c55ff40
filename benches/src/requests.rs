//! Requests and keyrings to measure with: a token of 256 bytes, three header fields on each
//! request.

use std::time::Duration;

use http::request::Parts;
use http::{HeaderValue, Request};
use multi_auth::{
    Account, ApiKey, Authenticator, Bearer, Keyring, Placement, ProtectionSpace, RequestHead,
    ResponseHead, Rotating, Token, source_fn,
};
use multi_auth_sign::{
    Algorithm, AwsCredentials, AzureSharedKey, Digest, Dpop, HashAlgorithm, HmacSigner,
    HttpSignature, OAuth1, OutputEncoding, SigV4, SigningKey, TemplateValue,
};

/// How many requests a row of the counted table makes, after as many that are not counted.
pub const REPEATS: u32 = 1000;

const TARGET: &str = "https://api.vendor.example/v1/processes?page=2";

fn token_text() -> String {
    "t".repeat(256)
}

/// What the floor inserts.
pub fn ready_value() -> HeaderValue {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token_text())).unwrap();
    value.set_sensitive(true);
    value
}

/// A request with three header fields.
pub fn request() -> Request<()> {
    Request::get(TARGET)
        .header("accept", "application/json")
        .header("user-agent", "costs/1")
        .header("x-trace", "1")
        .body(())
        .unwrap()
}

/// Its head.
pub fn head() -> Parts {
    request().into_parts().0
}

/// As many heads as are counted.
pub fn heads() -> Vec<Parts> {
    (0..REPEATS).map(|_| head()).collect()
}

/// The same for reqwest.
pub fn reqwest() -> Vec<reqwest::Request> {
    let one = || reqwest::Request::try_from(request().map(|()| "")).unwrap();
    (0..REPEATS).map(|_| one()).collect()
}

/// A keyring with `origins` bound, the asked one among them.
fn keyring(origins: u32, authenticator: impl Authenticator + 'static) -> Keyring {
    let mut builder = Keyring::builder()
        .bind("https://api.vendor.example", authenticator)
        .unwrap();
    for number in 1..origins {
        let key = ApiKey::authorization("k-1").unwrap();
        let origin = format!("https://api.vendor-{number}.example");
        builder = builder.bind(origin, key).unwrap();
    }
    builder.build()
}

/// A keyring with a fixed key.
pub fn static_key(origins: u32) -> Keyring {
    let key = ApiKey::new(Placement::bearer(), token_text()).unwrap();
    keyring(origins, key)
}

/// A keyring with so many path prefixes at one origin, the one that is asked the last in order.
pub fn prefixes(count: u32) -> Keyring {
    let mut builder = Keyring::builder();
    for number in 1..count {
        let key = ApiKey::authorization("k-1").unwrap();
        let prefix = format!("https://api.vendor.example/tenants/{number:06}");
        builder = builder.bind(prefix, key).unwrap();
    }
    let key = ApiKey::new(Placement::bearer(), token_text()).unwrap();
    let last = builder.bind("https://api.vendor.example/v1/processes", key);
    last.unwrap().build()
}

/// A keyring with a signer of AWS.
pub fn sigv4() -> Keyring {
    let credentials =
        AwsCredentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let signer = SigV4::new("us-east-1", "execute-api", credentials.unwrap());
    keyring(1, signer.unwrap())
}

/// A keyring with a signer for Azure Storage, with the public key of Azurite.
pub fn azure() -> Keyring {
    const KEY: &str =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    keyring(1, AzureSharedKey::new("devstoreaccount1", KEY).unwrap())
}

/// A keyring with a signer of OAuth 1.0a.
pub fn oauth1() -> Keyring {
    let signer = OAuth1::builder("dpf43f3p2l4k3l03", "kd94hf93k423kf44");
    let signer = signer.token("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00");
    keyring(1, signer.build().unwrap())
}

/// A keyring with a signer by the rules of Coinbase.
pub fn hmac() -> Keyring {
    let message = "{timestamp}{method}{request_target}{body}";
    let signature = TemplateValue::hmac(HashAlgorithm::Sha256, message);
    let signer = HmacSigner::builder()
        .value("signature", signature.with_output(OutputEncoding::Base64))
        .secret("api_key", token_text())
        .header("cb-access-key", "{api_key}")
        .header("cb-access-sign", "{signature}")
        .header("cb-access-timestamp", "{timestamp}");
    keyring(
        1,
        signer.build(b"a shared key of 32 random bytes.").unwrap(),
    )
}

/// A keyring with a signer of HTTP messages.
pub fn http_signature() -> Keyring {
    let key = SigningKey::from_jwk(Algorithm::EdDSA, ED25519).unwrap();
    let signer = HttpSignature::builder(key.with_key_id("key-1").unwrap());
    keyring(1, signer.build().unwrap())
}

/// The private key of RFC 8037, A.1.
pub const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// A keyring with a token that is bound to a key, which proves each request.
pub fn dpop() -> Keyring {
    let key = SigningKey::from_jwk(Algorithm::ES256, P256).unwrap();
    let source = source_fn(|| async { Ok(Token::new(token_text())) });
    let bearer = Dpop::new(key).unwrap().bearer_from(Bearer::builder(source));
    obtained(keyring(1, bearer))
}

/// The private key of RFC 7515, A.3.1.
pub const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

/// The challenge of RFC 7616, 3.9.1, with SHA-256.
pub const CHALLENGE: &str = r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;

/// A keyring with the answer to a Digest challenge.
pub fn digest() -> Keyring {
    let digest = Digest::new("Mufasa", "Circle of Life").unwrap();
    let (parts, ()) = request().into_parts();
    let head = RequestHead::from_parts(&parts);
    let first = digest.ready(&head).unwrap().unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert("www-authenticate", CHALLENGE.parse().unwrap());
    let response = ResponseHead::new(http::StatusCode::UNAUTHORIZED, &headers);
    assert!(digest.judge(first.id(), &response).is_replay());
    keyring(1, digest)
}

/// A keyring with a fixed key that can be replaced.
pub fn rotating_key() -> Keyring {
    let key = ApiKey::new(Placement::bearer(), token_text()).unwrap();
    keyring(1, Rotating::new(key))
}

/// A keyring with a token that was obtained and has no end.
pub fn token(origins: u32) -> Keyring {
    obtained(keyring(
        origins,
        Bearer::new(source_fn(|| async { Ok(Token::new(token_text())) })),
    ))
}

/// A keyring with a token that was obtained and lives for a day.
pub fn token_that_ends() -> Keyring {
    let source = source_fn(|| async {
        Ok(Token::new(token_text()).with_lifetime(Duration::from_secs(86_400)))
    });
    obtained(keyring(1, Bearer::new(source)))
}

fn obtained(keyring: Keyring) -> Keyring {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let (parts, ()) = request().into_parts();
    let head = RequestHead::from_parts(&parts);
    runtime.block_on(keyring.authenticate(&head)).unwrap();
    keyring
}

/// A keyring with so many accounts at one origin, and one of them.
pub fn accounts(count: u32) -> (Keyring, Account) {
    let scope = ProtectionSpace::new("https://api.vendor.example").unwrap();
    let mut builder = Keyring::builder();
    for number in 0..count {
        let account = Account::new(format!("account-{number}"));
        let key = ApiKey::authorization("k-1").unwrap();
        builder = builder
            .bind(scope.clone().with_account(account), key)
            .unwrap();
    }
    (
        builder.build(),
        Account::new(format!("account-{}", count / 2)),
    )
}
