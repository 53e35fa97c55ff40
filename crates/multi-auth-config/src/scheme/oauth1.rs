//! A signature by OAuth 1.0a, and the scheme built from it.

use multi_auth::AuthError;
use multi_auth_sign::{OAuth1, OAuth1Builder};
use secrecy::ExposeSecret;

use super::Secrets;
use crate::document::OAuth1Method;

/// The secrets that an entry may have besides the key.
pub(crate) const CONSUMER_KEY: &str = "consumer_key";
pub(crate) const TOKEN: &str = "token";
pub(crate) const TOKEN_SECRET: &str = "token_secret";

/// A signature as an entry describes it. It holds no secret.
#[derive(Clone, Debug)]
pub(crate) struct OAuth1Settings {
    /// The consumer key, if it is no secret of the entry.
    pub(crate) consumer_key: Option<String>,
    /// The token, if there is one and it is no secret of the entry.
    pub(crate) token: Option<String>,
    pub(crate) realm: Option<String>,
    pub(crate) method: OAuth1Method,
    pub(crate) has_body_hash: bool,
}

impl OAuth1Settings {
    /// Checks all that is not a secret.
    pub(crate) fn check(&self) -> Result<(), AuthError> {
        let other = |name: &str| (name.to_owned(), "any".into());
        let secrets = Secrets {
            key: "any".into(),
            others: [CONSUMER_KEY, TOKEN, TOKEN_SECRET].map(other).into(),
        };
        self.signer(&secrets).map(drop)
    }

    pub(super) fn signer(&self, secrets: &Secrets) -> Result<OAuth1, AuthError> {
        let other = |name: &str| secrets.others.get(name);
        let text = |name: &str| other(name).map(ExposeSecret::expose_secret);
        let consumer = self.consumer_key.as_deref().or_else(|| text(CONSUMER_KEY));
        let mut builder = OAuth1::builder(consumer.unwrap_or_default(), secrets.key.clone());
        let token = self.token.as_deref().or_else(|| text(TOKEN));
        if let (Some(token), Some(secret)) = (token, other(TOKEN_SECRET)) {
            builder = builder.token(token, secret.clone());
        }
        self.with_settings(builder).build()
    }

    fn with_settings(&self, mut builder: OAuth1Builder) -> OAuth1Builder {
        if let Some(realm) = &self.realm {
            builder = builder.realm(realm);
        }
        if self.method == OAuth1Method::HmacSha256 {
            builder = builder.hmac_sha256();
        }
        if self.has_body_hash {
            builder = builder.body_hash();
        }
        builder
    }
}
