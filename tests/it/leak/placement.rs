//! The placement of the credential in the request.

use std::sync::LazyLock;

use http::request::Builder;
use multi_auth::{ApiKey, Bearer, Keyring, ProtectionSpace, Token, source_fn};
use multi_auth_sign::{
    Algorithm, AwsCredentials, Dpop, DpopBearer, HmacSigner, HttpSignature, SigV4, SigningKey,
};
use multi_auth_testing::Canary;

use super::client::Position;
use super::stage::Hop;

/// A kind of credential. Each has a different secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// `Authorization: Bearer`, from a source of tokens.
    Authorization,
    /// A header field that only its vendor uses.
    OwnHeader,
    Query,
    Cookie,
    /// A signature of AWS, in `Authorization` and three `X-Amz-` fields.
    Signature,
    /// A signature by templates, in a header field and a query parameter of its vendor.
    Templates,
    /// A signature in `Signature` and `Signature-Input`, which name the key.
    MessageSignature,
    /// A token in `Authorization`, and a proof with the same ID in `DPoP`.
    Proof,
    /// `Authorization`, set by the caller.
    ByTheCaller,
    /// The header field that its vendor knows, set by the caller.
    OwnHeaderByTheCaller,
}

static KEY: LazyLock<Canary> = LazyLock::new(|| Canary::new("matrix"));

impl Placed {
    pub(super) const ALL: [Self; 10] = [
        Self::Authorization,
        Self::OwnHeader,
        Self::Query,
        Self::Cookie,
        Self::Signature,
        Self::Templates,
        Self::MessageSignature,
        Self::Proof,
        Self::ByTheCaller,
        Self::OwnHeaderByTheCaller,
    ];

    pub(super) fn canary() -> &'static Canary {
        &KEY
    }

    /// The keyring that gives the credential to `home`.
    pub(super) fn keyring(self, home: &str) -> Keyring {
        let (key, scope) = (
            KEY.as_str(),
            ProtectionSpace::dangerous_plain_http(home).unwrap(),
        );
        let keyring = Keyring::builder();
        let keyring = match self {
            Self::Authorization => {
                let source = source_fn(|| async { Ok(Token::new(KEY.as_str())) });
                keyring.bind(scope, Bearer::new(source))
            }
            Self::OwnHeaderByTheCaller => {
                keyring.bind(scope, ApiKey::header("x-vendor-token", "none").unwrap())
            }
            Self::OwnHeader => keyring.bind(scope, ApiKey::header("x-vendor-token", key).unwrap()),
            Self::Query => keyring.bind(scope, ApiKey::query("api_key", key).unwrap()),
            Self::Cookie => keyring.bind(scope, ApiKey::cookie("session", key).unwrap()),
            Self::Signature => keyring.bind(scope, signer(key)),
            Self::Templates => keyring.bind(scope, templates(key)),
            Self::MessageSignature => keyring.bind(scope, message_signature(key)),
            Self::Proof => keyring.bind(scope, proof(key)),
            Self::ByTheCaller => keyring.bind(scope, ApiKey::header("x-none", "none").unwrap()),
        };
        keyring.unwrap().build()
    }

    /// The request as the caller makes it.
    pub(super) fn prepare(self, request: Builder) -> Builder {
        match self {
            Self::ByTheCaller => request.header("authorization", KEY.as_str()),
            Self::OwnHeaderByTheCaller => request.header("x-vendor-token", KEY.as_str()),
            Self::Authorization
            | Self::OwnHeader
            | Self::Query
            | Self::Cookie
            | Self::Signature
            | Self::Templates
            | Self::MessageSignature
            | Self::Proof => request,
        }
    }

    /// Whether a hop at the bound origin must carry the credential. Nobody else may say that
    /// something unsafe is done there.
    pub(super) fn must_arrive(self, position: Position, hop: &Hop, was_away: bool) -> bool {
        match (self, position) {
            _ if hop.number == 0 => true,
            _ if was_away && !hop.is_safe => false,
            // The redirect's URL replaces the one with the key, and no layer below attaches it
            // again.
            (Self::Query, Position::TowerBelow | Position::Unguarded) => false,
            (Self::ByTheCaller | Self::OwnHeaderByTheCaller, _)
            | (_, Position::TowerBelow | Position::Unguarded | Position::Proxied) => !was_away,
            (_, Position::Guarded | Position::GuardedStopping | Position::TowerAbove) => true,
        }
    }
}

/// A signer with `key` as its session token and, without its dash, as its ID.
fn signer(key: &str) -> SigV4 {
    let credentials = AwsCredentials::new(&key.replace('-', ""), "secret").unwrap();
    let credentials = credentials.with_session_token(key).unwrap();
    SigV4::new("us-east-1", "s3", credentials).unwrap()
}

/// A signer that sends `key` as a secret, once in a header field and once in the query.
fn templates(key: &str) -> HmacSigner {
    let builder = HmacSigner::builder().secret("api_key", key);
    let builder = builder.header("x-vendor-token", "{api_key}");
    let builder = builder.query_parameter("api_key", "{api_key}");
    builder.build(b"secret").unwrap()
}

/// A signer that names its key `id`.
fn message_signature(id: &str) -> HttpSignature {
    let key = SigningKey::from_secret(Algorithm::HS256, &[7; 32]).unwrap();
    let key = key.with_key_id(id).unwrap();
    HttpSignature::builder(key).build().unwrap()
}

/// The token `key`, with proofs that have it as their ID.
fn proof(key: &'static str) -> DpopBearer {
    /// The key of RFC 7515, A.3.1.
    const JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
    let signing = SigningKey::from_jwk(Algorithm::ES256, JWK).unwrap();
    let dpop = Dpop::builder(signing).id_from(move || key.to_owned());
    let token = source_fn(move || async move { Ok(Token::new(key)) });
    dpop.build().unwrap().bearer_from(Bearer::builder(token))
}
