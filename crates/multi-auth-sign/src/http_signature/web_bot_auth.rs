//! Web Bot Auth: `Signature-Agent: sig1="https://bot.example"`, and a signature over it
//! (draft-meunier-webbotauth-httpsig-protocol).

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::HttpSignature;
use super::builder::HttpSignatureBuilder;
use super::component::Component;
use super::nonce::{LONGEST, Nonce};
use crate::{SignError, SigningKey, header};

pub(super) const SIGNATURE_AGENT: HeaderName = HeaderName::from_static("signature-agent");

const TAG: &str = "web-bot-auth";

/// The draft recommends at most 24 hours.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// Who signs: the origin at which the public key is found.
#[derive(Clone, Debug)]
pub(super) struct SignatureAgent {
    url: String,
    /// The key of the member, if it is not the label of the signature.
    pub(super) member: Option<String>,
}

impl HttpSignature {
    /// Starts a signer for Web Bot Auth, by which a bot proves who operates it
    /// ([draft](https://datatracker.ietf.org/doc/draft-meunier-webbotauth-httpsig-protocol/)).
    ///
    /// `signature_agent` is the origin that publishes the public key in
    /// `/.well-known/http-message-signatures-directory`. [`SigningKey::public_jwk`] is its entry.
    ///
    /// ```
    /// use multi_auth::{AuthError, Keyring, SecretString};
    /// use multi_auth_sign::{Algorithm, HttpSignature, SigningKey};
    ///
    /// fn bot(private_key: SecretString) -> Result<Keyring, AuthError> {
    ///     let key = SigningKey::from_pem(Algorithm::EdDSA, private_key)?;
    ///     let signature = HttpSignature::web_bot_auth(key, "https://bot.example.com").build()?;
    ///     Ok(Keyring::builder().bind("https://shop.example.com", signature)?.build())
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// The signature covers `@authority` and `Signature-Agent`, which it adds. It has the tag
    /// `web-bot-auth`, a nonce, expires after 5 minutes, and names the key by its
    /// [thumbprint](SigningKey::thumbprint), which the draft requires: an ID of the key is not
    /// used. Until it expires, someone who sees it can send other requests to this authority. To
    /// limit that, cover more with
    /// [`components`](HttpSignatureBuilder::components), such as `@method` and `@path`.
    ///
    /// A request that has a `Signature-Agent` field fails.
    #[must_use]
    pub fn web_bot_auth(key: SigningKey, signature_agent: &str) -> HttpSignatureBuilder {
        let mut builder = Self::builder(key)
            .components(["@authority"])
            .tag(TAG)
            .expires_after(LIFETIME);
        builder.nonce = Some(Nonce::Random(LONGEST));
        builder.agent = Some(SignatureAgent {
            url: signature_agent.to_owned(),
            member: None,
        });
        builder
    }
}

impl SignatureAgent {
    /// The ID of `key` in the agent's directory.
    pub(super) fn key_id(key: &SigningKey) -> Result<String, SignError> {
        const SHARED: SignError = SignError::signature(
            "Web Bot Auth needs a public key, which a shared secret does not have",
            "sign with an Ed25519, EC or RSA key",
        );
        key.thumbprint().ok_or(SHARED)
    }

    /// The field that is added to requests, and the component that covers it.
    pub(super) fn field(&self, label: &str) -> Result<(HeaderValue, Component), SignError> {
        let member = self.member.as_deref().unwrap_or(label);
        let origin = origin(&self.url)?;
        // An origin has no character to escape.
        let value = format!(r#""{origin}""#);
        let field = header::value(format!("{member}={value}"))?;
        Ok((field, Component::signature_agent(member, &value)))
    }
}

/// The ASCII form of the origin `url` (RFC 6454, 6.2).
fn origin(url: &str) -> Result<String, SignError> {
    const NO_ORIGIN: SignError = SignError::signature(
        "the signature agent is not an https origin",
        "write it as `https://bot.example.com`, without a path",
    );
    let url: Url = url.parse().map_err(|_| NO_ORIGIN)?;
    let origin = url.origin().ascii_serialization();
    // What follows an origin is one slash.
    if url.scheme() != "https" || url.as_str() != format!("{origin}/") {
        return Err(NO_ORIGIN);
    }
    Ok(origin)
}
