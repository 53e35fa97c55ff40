//! `BASE64URL(header).BASE64URL(payload).BASE64URL(signature)` (RFC 7515, 3.1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::{SignError, SigningKey};

pub(super) fn signed(
    key: &SigningKey,
    header: &Map<String, Value>,
    claims: &Map<String, Value>,
) -> Result<SecretString, SignError> {
    let input = format!("{}.{}", encoded(header)?, encoded(claims)?);
    let signature = URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes())?);
    // The exact length: text in a larger buffer would be copied when it becomes a secret.
    let mut jwt = String::with_capacity(input.len() + 1 + signature.len());
    jwt.push_str(&input);
    jwt.push('.');
    jwt.push_str(&signature);
    Ok(jwt.into())
}

fn encoded(part: &Map<String, Value>) -> Result<String, SignError> {
    // A map with text as its keys is always JSON.
    let json = serde_json::to_vec(part).map_err(|_| SignError::Failed)?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}
