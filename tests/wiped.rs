//! What is left of keys in the memory of the process once nothing uses them.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs::{File, read_to_string};
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use http::{HeaderMap, Request, StatusCode};
use multi_auth::{
    ApiKey, AuthError, Authenticator, Basic, Bearer, Immuta, Keyring, Placement, RequestHead,
    ResponseHead, Rotating, Rotation, SecretString, Token, Verdict, source_fn,
};
use multi_auth_reqwest::ReqwestTransport;
use multi_auth_sign::{Algorithm, SigningKey};
use secrecy::zeroize::Zeroizing;

/// A key that is never in memory, but rebuilt from masked bytes when it is needed.
struct Masked(Vec<u8>);

const MASK: u8 = 0x5f;

impl Masked {
    /// The letters of `seed`, so many of them that chance makes none like it.
    fn new(seed: u8) -> Self {
        let letter = |at: u8| b'a' + at.wrapping_mul(7).wrapping_add(seed.wrapping_mul(11)) % 26;
        Self((0..48).map(|at| letter(at) ^ MASK).collect())
    }

    fn secret(&self) -> SecretString {
        let mut text = String::with_capacity(self.0.len());
        text.extend(self.0.iter().map(|byte| char::from(byte ^ MASK)));
        text.into()
    }

    /// Its last 40 letters between two texts.
    fn between(&self, before: &str, after: &str) -> SecretString {
        let mut text = String::with_capacity(before.len() + 40 + after.len());
        text.push_str(before);
        text.extend(self.0[8..].iter().map(|byte| char::from(byte ^ MASK)));
        text.push_str(after);
        text.into()
    }

    /// What is looked for: an allocator writes to the first bytes of what is given back.
    fn end(&self) -> &[u8] {
        &self.0[self.0.len() / 2..]
    }

    fn is_at(&self, memory: &[u8]) -> bool {
        memory
            .iter()
            .zip(self.end())
            .all(|(byte, masked)| byte ^ MASK == *masked)
    }

    /// How often it is in writable memory.
    fn count(&self) -> usize {
        let mut memory = File::open("/proc/self/mem").unwrap();
        let maps = read_to_string("/proc/self/maps").unwrap();
        let ranges = maps
            .lines()
            .filter(|line| line.contains(" rw"))
            .filter_map(|line| {
                let (start, end) = line.split(' ').next()?.split_once('-')?;
                let number = |text| u64::from_str_radix(text, 16).ok();
                number(start).zip(number(end))
            });
        ranges
            .map(|(start, end)| self.count_in(&mut memory, start, end))
            .sum()
    }

    fn count_in(&self, memory: &mut File, start: u64, end: u64) -> usize {
        let mut found = 0;
        let mut at = start;
        let mut piece = vec![0; 1 << 16];
        while at < end && memory.seek(SeekFrom::Start(at)).is_ok() {
            // What the system keeps for itself cannot be read.
            let Ok(length @ 24..) = memory.read(&mut piece) else {
                break;
            };
            let places = piece[..length].windows(self.end().len());
            found += places.filter(|place| self.is_at(place)).count();
            // What was found is not to be found in here again.
            piece[..length].fill(0);
            at += u64::try_from(length - 23).unwrap();
        }
        found
    }
}

type Build = fn(SecretString) -> Result<Arc<dyn Authenticator>, AuthError>;

fn boxed(
    built: Result<impl Authenticator + 'static, AuthError>,
) -> Result<Arc<dyn Authenticator>, AuthError> {
    built.map(|built| Arc::new(built) as Arc<dyn Authenticator>)
}

fn schemes() -> Vec<(&'static str, Build)> {
    vec![
        ("a header", |key| boxed(ApiKey::header("x-api-key", key))),
        ("a prefix", |key| {
            boxed(ApiKey::new(
                Placement::authorization().with_prefix("Token ")?,
                key,
            ))
        }),
        ("a query", |key| boxed(ApiKey::query("api_key", key))),
        ("a cookie", |key| boxed(ApiKey::cookie("session", key))),
        ("a user", |key| boxed(Basic::new(key, "password"))),
        ("Immuta's key", |key| {
            boxed(Immuta::new("https://immuta.example")?.raw_key(key))
        }),
        ("Immuta's token request", |key| {
            let immuta = Immuta::new("https://immuta.example")?;
            boxed(immuta.bearer(key, ReqwestTransport::new().unwrap()))
        }),
    ]
}

/// Attaches what `keyring` has to a request that is dropped then, and judges its success.
fn use_once(keyring: &Keyring) {
    let request = Request::get("https://api.example/").body(()).unwrap();
    let mut parts = request.into_parts().0;
    let head = RequestHead::from_parts(&parts);
    let Some(Ok(credential)) = keyring.ready(&head) else {
        return;
    };
    let id = credential.id().clone();
    if !credential.is_in_query() {
        // A URL is not wiped.
        credential.attach(&mut parts).unwrap();
    }
    let headers = HeaderMap::new();
    let answer = ResponseHead::new(StatusCode::OK, &headers);
    assert_eq!(keyring.judge(&id, &answer), Verdict::Accept);
}

/// In one test, for one reads the other's memory.
#[test]
fn nothing_is_left_of_a_key_that_serves_no_more() {
    for ((name, build), seed) in schemes().into_iter().zip(1..) {
        let masked = Masked::new(seed);
        let keyring = Keyring::builder();
        let keyring = keyring.bind("https://api.example", build(masked.secret()).unwrap());
        let keyring = keyring.unwrap().build();
        use_once(&keyring);
        // Base64 is looked for nowhere, so a user's name is not found.
        assert!(
            masked.count() > 0 || name == "a user",
            "{name} is not found while it serves"
        );
        drop(keyring);
        assert_eq!(masked.count(), 0, "{name}");
    }
    rotate();
    read_a_token();
    read_signing_keys();
}

/// A token and its part, which a scheme reads, are gone when the token is cleared.
fn read_a_token() {
    let [value, part] = [111, 112].map(Masked::new);
    let (given, of) = (Masked(value.0.clone()), Masked(part.0.clone()));
    let bearer = Bearer::new(source_fn(move || {
        let token = Token::new(given.secret()).with_part("part", of.secret());
        std::future::ready(Ok(token))
    }));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let token = runtime.block_on(bearer.token()).unwrap();
    drop(runtime);
    assert!(value.count() > 0 && part.count() > 0);
    drop((token, bearer.ready_token()));
    bearer.clear();
    assert_eq!(
        (value.count(), part.count()),
        (0, 0),
        "a token that was read"
    );
}

/// The last 40 characters of a PEM or JWK text, which is base64 of the key. The key that they
/// encode is read, and signs.
fn read_signing_keys() {
    let (pem, jwk, other) = (Masked::new(121), Masked::new(122), Masked::new(123));
    // PKCS#8 of Ed25519 (RFC 8410, 7) as far as the key's third byte. Any bytes are a key.
    let head = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAA";
    let key = SigningKey::from_pem(
        Algorithm::EdDSA,
        pem.between(head, "\n-----END PRIVATE KEY-----"),
    );
    assert_eq!(key.unwrap().sign(b"message").unwrap().len(), 64);
    assert_eq!(pem.count(), 0, "a PEM text that was read");

    let key = SigningKey::from_jwk(
        Algorithm::HS256,
        jwk.between(r#"{"kty":"oct","k":"AAAA"#, r#""}"#),
    );
    assert_eq!(key.unwrap().sign(b"message").unwrap().len(), 32);
    let refused = SigningKey::from_jwk(
        Algorithm::EdDSA,
        jwk.between(r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":""#, r#""}"#),
    );
    assert!(refused.is_err());
    assert_eq!(jwk.count(), 0, "a JWK that was read");

    // The key itself: a seed of 32 letters, in base64url.
    let key = SigningKey::from_pem(Algorithm::EdDSA, seed_as_pem(&other)).unwrap();
    assert!(other.count() > 0, "the key is not found while it serves");
    key.sign(b"message").unwrap();
    drop(key);
    assert_eq!(other.count(), 0, "a signing key");
}

fn seed_as_pem(masked: &Masked) -> SecretString {
    use base64::Engine;
    let head = [
        0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ];
    let mut der = Zeroizing::new(Vec::with_capacity(48));
    der.extend_from_slice(&head);
    der.extend(masked.0[16..].iter().map(|byte| byte ^ MASK));
    let mut text = String::with_capacity(256);
    text.push_str("-----BEGIN PRIVATE KEY-----\n");
    base64::engine::general_purpose::STANDARD.encode_string(&*der, &mut text);
    text.push_str("\n-----END PRIVATE KEY-----");
    text.into()
}

fn rotate() {
    let [first, second, third] = [101, 102, 103].map(Masked::new);
    let key = |masked: &Masked| ApiKey::header("x-api-key", masked.secret()).unwrap();
    let rotating = Rotating::new(key(&first));
    let keyring = Keyring::builder().bind("https://api.example", rotating.clone());
    let keyring = keyring.unwrap().build();
    use_once(&keyring);

    rotating.rotate(key(&second)).unwrap();
    assert!(first.count() > 0 && second.count() > 0);
    use_once(&keyring);
    assert_eq!(rotating.rotation(), Rotation::Settled);
    assert_eq!(first.count(), 0, "the first key after a settled rotation");

    rotating.replace(key(&third)).unwrap();
    assert_eq!(second.count(), 0, "a key that was replaced");
    assert!(third.count() > 0);
}
