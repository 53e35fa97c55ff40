//! The signature of the scheme `http_signature`.

use multi_auth_sign::Algorithm;

use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::document::HttpSignatureTable;
use crate::scheme::{HttpSignatureSettings, Scheme};

const ALGORITHM: Advice = Advice::new(
    "is not an algorithm of HTTP message signatures",
    "write EdDSA, ES256, ES384, HS256, PS512 or RS256",
);

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::EdDSA,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::HS256,
    Algorithm::PS512,
    Algorithm::RS256,
];

impl VendorCheck<'_> {
    pub(super) fn http_signature(&self) -> Result<Scheme> {
        let signing = self.signing(&ALGORITHMS, ALGORITHM)?;
        let table = self.entry.http_signature.as_ref();
        let usual = HttpSignatureTable::default();
        let HttpSignatureTable {
            components,
            optional_components,
            label,
            tag,
            expires_after,
            nonce,
            algorithm_parameter,
            content_digest_sha512,
            signature_agent,
        } = table.map_or(&usual, |table| table.get_ref());
        let settings = HttpSignatureSettings {
            signing,
            components: components.clone(),
            optional_components: optional_components.clone(),
            label: label.clone(),
            tag: tag.clone(),
            expires_after: self.length("http_signature.expires_after", expires_after.as_ref())?,
            has_nonce: *nonce,
            has_algorithm: *algorithm_parameter,
            is_sha512: *content_digest_sha512,
            signature_agent: signature_agent.clone(),
        };
        settings.check().map_err(|problem| {
            let span = table.map_or_else(|| self.span.clone(), toml::Spanned::span);
            self.refused("http_signature", span, problem.into())
        })?;
        Ok(Scheme::HttpSignature(Box::new(settings)))
    }
}
