//! Checks settings, and writes what is the same in each signature.

use std::time::Duration;

use super::HttpSignatureBuilder;
use crate::SignError;
use crate::http_signature::component::Component;
use crate::http_signature::parameters::{GREATEST, Parameters, is_key, quoted, registered};
use crate::http_signature::web_bot_auth::SignatureAgent;
use crate::http_signature::{HttpSignature, Settings};

/// What a signature covers if the caller does not say.
const REQUIRED: [&str; 4] = ["@method", "@authority", "@path", "@query"];
const OPTIONAL: [&str; 2] = ["content-digest", "content-type"];

impl HttpSignatureBuilder {
    /// Builds the signer.
    ///
    /// # Errors
    ///
    /// [`SignError::Signature`] if RFC 9421 has no name for the key's algorithm (PS256), if a
    /// component is unknown or has a parameter that is not supported, or if the label, the tag,
    /// the key's ID or the lifetime cannot be written in a structured field (RFC 8941).
    pub fn build(self) -> Result<HttpSignature, SignError> {
        if !is_key(&self.label) {
            return Err(LABEL);
        }
        let parameters = self.parameters()?;
        let mut components = self.covered()?;
        let agent = self.agent.as_ref().map(|agent| agent.field(&self.label));
        let agent = agent.transpose()?.map(|(field, component)| {
            components.push(component);
            field
        });
        Ok(HttpSignature::new(Settings {
            key: self.key,
            label: format!("{}=", self.label).into(),
            components: components.into(),
            parameters,
            hash: self.hash,
            agent,
            clock: self.clock,
        }))
    }

    /// The covered components. A component that is named twice is covered once (RFC 9421, 2).
    fn covered(&self) -> Result<Vec<Component>, SignError> {
        let defaults = OPTIONAL.iter().filter(|_| self.required.is_none());
        let optional = defaults
            .copied()
            .chain(self.optional.iter().map(|text| &**text));
        let required: Vec<&str> = match &self.required {
            Some(required) => required.iter().map(|text| &**text).collect(),
            None => REQUIRED.to_vec(),
        };
        let required = required.into_iter().map(|text| (text, true));
        let mut covered: Vec<Component> = Vec::new();
        for (text, is_required) in required.chain(optional.map(|text| (text, false))) {
            let component = Component::parse(text, is_required)?;
            if covered.iter().all(|other| other.id != component.id) {
                covered.push(component);
            }
        }
        Ok(covered)
    }

    fn parameters(&self) -> Result<Parameters, SignError> {
        let algorithm = registered(self.key.algorithm()).ok_or(ALGORITHM)?;
        let id = match &self.agent {
            Some(_) => Some(SignatureAgent::key_id(&self.key)?),
            None => self.key.key_id().map(str::to_owned),
        };
        let id = id.map(|id| quoted(&id).ok_or(KEY_ID)).transpose()?;
        let id = id.map(|id| format!(";keyid={id}")).unwrap_or_default();
        let algorithm = if self.has_algorithm {
            format!(r#";alg="{algorithm}""#)
        } else {
            String::new()
        };
        let tag = self.tag.as_deref().map(|tag| quoted(tag).ok_or(TAG));
        let tag = tag.transpose()?.map(|tag| format!(";tag={tag}"));
        Ok(Parameters {
            has_created: self.has_created,
            key: (id + &algorithm).into(),
            lifetime: self.lifetime.map(seconds).transpose()?,
            nonce: self.nonce.clone(),
            tag: tag.unwrap_or_default().into(),
        })
    }
}

fn seconds(lifetime: Duration) -> Result<u64, SignError> {
    let seconds = Some(lifetime.as_secs()).filter(|seconds| (1..GREATEST).contains(seconds));
    seconds.ok_or(LIFETIME)
}

const LABEL: SignError = SignError::signature(
    "the label of the signature is not a key",
    "write it in lower case, such as `sig1`: letters, digits and `_-.*`, a letter first",
);

const ALGORITHM: SignError = SignError::signature(
    "HTTP message signatures have no name for the algorithm of the key",
    "use the key with PS512 or RS256, as the server prescribes",
);

const KEY_ID: SignError = SignError::signature(
    "the key's ID has other characters than visible ASCII",
    "give the key another ID with `with_key_id`",
);

const TAG: SignError = SignError::signature(
    "the tag has other characters than visible ASCII",
    "write the tag that the server prescribes",
);

const LIFETIME: SignError = SignError::signature(
    "a signature is valid for less than a second, or longer than times are written",
    "give a lifetime between them, such as 5 minutes",
);
