//! The JWT of the schemes `jwt` and `jwt_bearer`.

use multi_auth_sign::Algorithm;
use toml::Spanned;

use super::check::{Result, VendorCheck};
use crate::document::{JwtTable, SchemeName};
use crate::scheme::{JwtSettings, Scheme, SigningSettings};
use crate::{Advice, ConfigError};

const NO_JWT: &str =
    "describe it, as in jwt = { issuer = \"my-app\", audience = \"https://api.example.com\" }";

const ALGORITHM: Advice = Advice::new(
    "is not a signature algorithm",
    "write RS256, PS256, PS512, ES256, ES384, EdDSA or HS256",
);

const ENCODING: Advice = Advice::new(
    "is used with HS256 only",
    "remove it: a private key is PEM or a JWK",
);

const ALGORITHMS: [Algorithm; 7] = [
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
    Algorithm::HS256,
];

impl VendorCheck<'_> {
    /// A bearer token that the program signs itself.
    pub(super) fn self_signed(&self) -> Result<Scheme> {
        let placement = self.placement(&SchemeName::Jwt)?;
        Ok(Scheme::Jwt(Box::new(self.jwt()?), placement))
    }

    pub(super) fn jwt(&self) -> Result<JwtSettings> {
        let entry = self.entry;
        let table = self.required("jwt", entry.jwt.as_ref(), NO_JWT)?;
        self.jwt_of(table, self.signing(&ALGORITHMS, ALGORITHM)?)
    }

    /// The JWT of `table`, signed as `signing` says.
    pub(super) fn jwt_of(
        &self,
        table: &Spanned<JwtTable>,
        signing: SigningSettings,
    ) -> Result<JwtSettings> {
        let JwtTable {
            issuer,
            subject,
            audience,
            lifetime,
            backdated_by,
            random_id,
            not_before,
            claims,
            header,
        } = table.get_ref();
        let settings = JwtSettings {
            signing,
            issuer: issuer.clone(),
            subject: subject.clone(),
            audience: audience.clone(),
            lifetime: self.length("jwt.lifetime", lifetime.as_ref())?,
            backdated_by: self.length("jwt.backdated_by", backdated_by.as_ref())?,
            random_id: *random_id,
            not_before: *not_before,
            claims: claims.clone(),
            header: header.clone(),
        };
        let wrong = |error: multi_auth_sign::SignError| -> ConfigError {
            let advice = Advice::of(error.fact().into_owned(), error.remedy().into_owned());
            self.invalid("jwt", table.span(), advice)
        };
        settings.check().map_err(wrong)?;
        Ok(settings)
    }

    /// The signing key, whose algorithm is one of `algorithms`.
    pub(super) fn signing(
        &self,
        algorithms: &[Algorithm],
        advice: Advice,
    ) -> Result<SigningSettings> {
        let algorithm = match &self.entry.algorithm {
            None => Algorithm::RS256,
            Some(name) => {
                let is_named = |one: &&Algorithm| one.to_string() == *name.get_ref();
                let found = algorithms.iter().find(is_named);
                *found.ok_or_else(|| self.invalid("algorithm", name.span(), advice))?
            }
        };
        self.signing_with(algorithm)
    }

    /// The signing key of `algorithm`.
    pub(super) fn signing_with(&self, algorithm: Algorithm) -> Result<SigningSettings> {
        let encoding = self.entry.key_encoding.as_ref();
        if let Some(encoding) = encoding.filter(|_| algorithm != Algorithm::HS256) {
            return Err(self.invalid("key_encoding", encoding.span(), ENCODING));
        }
        let key_id = self.entry.key_id.as_ref();
        Ok(SigningSettings {
            algorithm,
            key_id: key_id.map(|id| id.get_ref().clone()),
            encoding: encoding
                .map(|encoding| *encoding.get_ref())
                .unwrap_or_default(),
        })
    }
}
