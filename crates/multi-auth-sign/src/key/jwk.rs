//! A private key as JSON (RFC 7517, RFC 7518, 6, and RFC 8037, 2).

use std::borrow::Cow;

use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;

use super::pair::{Pair, curve};
use crate::{Algorithm, KeyProblem};

/// The members that are read. Values of a key borrow from the text, so they need no wiping:
/// base64url has no character that JSON escapes.
#[derive(Deserialize)]
struct Jwk<'t> {
    #[serde(borrow)]
    kty: Option<Cow<'t, str>>,
    #[serde(borrow)]
    alg: Option<Cow<'t, str>>,
    #[serde(borrow, rename = "use")]
    usage: Option<Cow<'t, str>>,
    #[serde(borrow)]
    key_ops: Option<Vec<Cow<'t, str>>>,
    #[serde(borrow)]
    kid: Option<Cow<'t, str>>,
    #[serde(borrow)]
    crv: Option<Cow<'t, str>>,
    k: Option<&'t str>,
    d: Option<&'t str>,
    x: Option<&'t str>,
    y: Option<&'t str>,
    n: Option<&'t str>,
    e: Option<&'t str>,
    p: Option<&'t str>,
    q: Option<&'t str>,
    dp: Option<&'t str>,
    dq: Option<&'t str>,
    qi: Option<&'t str>,
    /// Further primes, which no vendor uses.
    oth: Option<serde::de::IgnoredAny>,
    /// The member of a set of keys.
    keys: Option<serde::de::IgnoredAny>,
}

type Bytes = Zeroizing<Vec<u8>>;

/// The key in `text` and its `kid`.
pub(super) fn read(algorithm: Algorithm, text: &str) -> Result<(Pair, Option<String>), KeyProblem> {
    if text.trim().is_empty() {
        return Err(KeyProblem::Empty);
    }
    // The parser's error may repeat a value, so it is dropped.
    let jwk: Jwk<'_> = serde_json::from_str(text).map_err(|_| KeyProblem::NotJwk)?;
    if jwk.keys.is_some() {
        return Err(KeyProblem::SeveralKeys);
    }
    jwk.check_type(algorithm)?;
    jwk.check_use(algorithm)?;
    let pair = match algorithm {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::PS512 => jwk.rsa(algorithm),
        Algorithm::ES256 | Algorithm::ES384 => jwk.ecdsa(algorithm),
        Algorithm::EdDSA => jwk.ed25519(),
        Algorithm::HS256 => Pair::hmac(&bytes("k", jwk.k)?),
    };
    Ok((pair?, jwk.kid.map(Cow::into_owned)))
}

impl Jwk<'_> {
    /// `kty` and `crv` are those of the algorithm, and there is a private part.
    fn check_type(&self, algorithm: Algorithm) -> Result<(), KeyProblem> {
        let kty = self.kty.as_deref().ok_or(KeyProblem::NotJwk)?;
        let found = match (kty, self.crv.as_deref()) {
            ("RSA", _) => "an RSA key",
            ("EC", Some("P-256")) => "a P-256 key",
            ("EC", Some("P-384")) => "a P-384 key",
            ("EC", Some("P-521")) => "a P-521 key",
            ("OKP", Some("Ed25519")) => "an Ed25519 key",
            ("oct", _) => "a shared secret",
            _ => "a key of another type or curve",
        };
        if found != algorithm.key() {
            return Err(KeyProblem::OtherKey { found });
        }
        if algorithm != Algorithm::HS256 && self.d.is_none() {
            let found = "a public key";
            return Err(KeyProblem::NotPrivate { found });
        }
        Ok(())
    }

    /// Checks that `alg`, `use` and `key_ops`, if present, allow signatures of this algorithm.
    fn check_use(&self, algorithm: Algorithm) -> Result<(), KeyProblem> {
        let allowed = [
            (
                "alg",
                self.alg
                    .as_deref()
                    .is_none_or(|alg| algorithm.is_named(alg)),
            ),
            (
                "use",
                self.usage.as_deref().is_none_or(|usage| usage == "sig"),
            ),
            (
                "key_ops",
                self.key_ops
                    .as_ref()
                    .is_none_or(|operations| operations.iter().any(|name| name == "sign")),
            ),
        ];
        match allowed.into_iter().find(|(_, allowed)| !allowed) {
            Some((member, _)) => Err(KeyProblem::Contradiction { member }),
            None => Ok(()),
        }
    }

    #[expect(clippy::many_single_char_names, reason = "the names of RFC 7518, 6.3")]
    fn rsa(&self, algorithm: Algorithm) -> Result<Pair, KeyProblem> {
        if self.oth.is_some() {
            return Err(KeyProblem::UnknownFormat);
        }
        let (n, e, d) = (
            bytes("n", self.n)?,
            bytes("e", self.e)?,
            bytes("d", self.d)?,
        );
        let (p, q) = (bytes("p", self.p)?, bytes("q", self.q)?);
        let (dp, dq, qi) = (
            bytes("dp", self.dp)?,
            bytes("dq", self.dq)?,
            bytes("qi", self.qi)?,
        );
        // The modulus has no leading zero (RFC 7518, 6.3.1.1), so 2,048 bits take 256 bytes.
        if n.len() < 256 {
            return Err(KeyProblem::TooShort);
        }
        let components = KeyPairComponents {
            public_key: PublicKeyComponents {
                n: &n[..],
                e: &e[..],
            },
            d: &d[..],
            p: &p[..],
            q: &q[..],
            dP: &dp[..],
            dQ: &dq[..],
            qInv: &qi[..],
        };
        let key = RsaKeyPair::from_components(&components);
        Pair::rsa(algorithm, key.map_err(|_| KeyProblem::Malformed)?)
    }

    fn ecdsa(&self, algorithm: Algorithm) -> Result<Pair, KeyProblem> {
        let (curve, length) = curve(algorithm).ok_or(KeyProblem::Malformed)?;
        let (d, x, y) = (
            sized("d", self.d, length)?,
            sized("x", self.x, length)?,
            sized("y", self.y, length)?,
        );
        // An uncompressed point (SEC 1, 2.3.3).
        let point = [&[4], &x[..], &y[..]].concat();
        let key = EcdsaKeyPair::from_private_key_and_public_key(curve, &d, &point);
        key.map(Pair::Ecdsa).map_err(|_| KeyProblem::Malformed)
    }

    fn ed25519(&self) -> Result<Pair, KeyProblem> {
        let (d, x) = (sized("d", self.d, 32)?, sized("x", self.x, 32)?);
        let key = Ed25519KeyPair::from_seed_and_public_key(&d, &x);
        key.map(Pair::Ed25519).map_err(|_| KeyProblem::Malformed)
    }
}

fn sized(member: &'static str, text: Option<&str>, length: usize) -> Result<Bytes, KeyProblem> {
    let bytes = bytes(member, text)?;
    if bytes.len() == length {
        Ok(bytes)
    } else {
        Err(KeyProblem::Malformed)
    }
}

/// Decodes base64url without padding (RFC 7515, 2).
fn bytes(member: &'static str, text: Option<&str>) -> Result<Bytes, KeyProblem> {
    let text = text.ok_or(KeyProblem::Missing { member })?;
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
    let decoded = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes);
    bytes.truncate(decoded.map_err(|_| KeyProblem::Malformed)?);
    Ok(bytes)
}
