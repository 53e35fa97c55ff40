//! A signature by the vendor's own rules, and the scheme built from it.

use http::Method;
use multi_auth::{AuthError, Placement, SecretString};
use multi_auth_sign::{
    HashAlgorithm, HmacSigner, HmacSignerBuilder, NonceFormat, OutputEncoding, TemplateValue,
    TimestampFormat,
};

use super::Secrets;
use super::signing::decoded;
use crate::document::{
    HmacAlgorithm, HmacTable, HmacValueTable, KeyEncoding, NonceName, OutputName, TimestampName,
};
use crate::template;

/// A signature as an entry describes it. It holds no secret.
#[derive(Clone, Debug)]
pub(crate) struct HmacSettings {
    pub(crate) table: HmacTable,
    pub(crate) encoding: KeyEncoding,
}

impl HmacSettings {
    /// Checks all that is not a secret. `secrets` are the names of the secrets.
    pub(crate) fn check<'s>(
        &self,
        secrets: impl Iterator<Item = &'s str>,
    ) -> Result<(), AuthError> {
        let value = |name: &str| (name.to_owned(), SecretString::from("any"));
        let others = secrets.map(value).collect();
        let secrets = Secrets {
            key: "any".into(),
            others,
        };
        self.builder(&secrets).build(b"any").map(drop)
    }

    /// The signature and the other values.
    pub(crate) fn values(&self) -> impl Iterator<Item = &HmacValueTable> {
        self.table.values.values().chain([&self.table.signature])
    }

    /// Whether a template names `name`.
    pub(crate) fn names(&self, name: &str) -> bool {
        let table = &self.table;
        let values = self
            .values()
            .flat_map(|value| [Some(&value.message), value.key.as_ref()])
            .flatten();
        let mut texts = values
            .chain(table.headers.values())
            .chain(table.query.values());
        texts.any(|text| template::names(text).any(|own| own == name))
    }

    pub(super) fn signer(&self, secrets: &Secrets) -> Result<HmacSigner, AuthError> {
        let key = decoded(self.encoding, &secrets.key)?;
        self.builder(secrets).build(&key)
    }

    fn builder(&self, secrets: &Secrets) -> HmacSignerBuilder {
        let table = &self.table;
        let mut builder = HmacSigner::builder()
            .timestamp(table.timestamp.format())
            .nonce(table.nonce.format())
            .value("signature", table.signature.value());
        for (name, value) in &table.values {
            builder = builder.value(name, value.value());
        }
        for (name, secret) in &secrets.others {
            builder = builder.secret(name, secret.clone());
        }
        for (name, template) in &table.headers {
            builder = builder.header(name, template);
        }
        for (name, template) in &table.query {
            builder = builder.query_parameter(name, template);
        }
        builder
    }

    /// The header fields and query parameters.
    pub(super) fn places(&self) -> Vec<Placement> {
        let table = &self.table;
        let headers = table.headers.keys().map(|name| Placement::header(name));
        let query = table.query.keys().map(|name| Placement::query(name));
        // The entry was checked.
        headers.chain(query).filter_map(Result::ok).collect()
    }

    /// What is sent, with `****` for each name.
    pub(super) fn sends(&self) -> Vec<String> {
        let masked = |template: &str| {
            let mask = |piece: template::Piece<'_>| match piece {
                template::Piece::Text(text) => text.to_owned(),
                template::Piece::Name(_) => "****".to_owned(),
            };
            template::pieces(template)
                .into_iter()
                .map(mask)
                .collect::<String>()
        };
        let headers = self.table.headers.iter();
        let headers = headers.map(|(name, text)| format!("{name}: {}", masked(text)));
        let query = self.table.query.iter();
        headers
            .chain(query.map(|(name, text)| format!("?{name}={}", masked(text))))
            .collect()
    }
}

impl HmacValueTable {
    fn value(&self) -> TemplateValue {
        let message = &self.message;
        let mut value = match self.algorithm.map(HmacAlgorithm::parts) {
            None => TemplateValue::text(message),
            Some((true, hash)) => TemplateValue::hmac(hash, message),
            Some((false, hash)) => TemplateValue::hash(hash, message),
        };
        if let Some(key) = &self.key {
            value = value.with_key(key);
        }
        if let Some(output) = self.output {
            value = value.with_output(output.encoding());
        }
        if let Some(bytes) = self.longest_message {
            value = value.with_longest_message(bytes);
        }
        if self.unless_empty {
            value = value.unless_empty();
        }
        // The entry was checked.
        value.for_methods(self.methods.iter().filter_map(|name| method(name)))
    }
}

/// The method `name`, in capitals.
pub(crate) fn method(name: &str) -> Option<Method> {
    let is_upper = name.bytes().all(|byte| byte.is_ascii_uppercase());
    name.parse().ok().filter(|_| is_upper)
}

impl HmacAlgorithm {
    /// Whether it is an HMAC, and its hash.
    fn parts(self) -> (bool, HashAlgorithm) {
        match self {
            Self::HmacSha1 => (true, HashAlgorithm::Sha1),
            Self::HmacSha256 => (true, HashAlgorithm::Sha256),
            Self::HmacSha384 => (true, HashAlgorithm::Sha384),
            Self::HmacSha512 => (true, HashAlgorithm::Sha512),
            Self::Sha1 => (false, HashAlgorithm::Sha1),
            Self::Sha256 => (false, HashAlgorithm::Sha256),
            Self::Sha384 => (false, HashAlgorithm::Sha384),
            Self::Sha512 => (false, HashAlgorithm::Sha512),
        }
    }
}

impl OutputName {
    fn encoding(self) -> OutputEncoding {
        match self {
            Self::Hex => OutputEncoding::Hex,
            Self::HexUpper => OutputEncoding::HexUpper,
            Self::Base64 => OutputEncoding::Base64,
            Self::Base64url => OutputEncoding::Base64Url,
            Self::Raw => OutputEncoding::Raw,
        }
    }
}

impl TimestampName {
    fn format(&self) -> TimestampFormat {
        match self {
            Self::Seconds => TimestampFormat::Seconds,
            Self::Milliseconds => TimestampFormat::Milliseconds,
            Self::Microseconds => TimestampFormat::Microseconds,
            Self::Rfc3339 => TimestampFormat::Rfc3339,
            Self::Rfc3339Milliseconds => TimestampFormat::Rfc3339Milliseconds,
            Self::HttpDate => TimestampFormat::HttpDate,
            Self::Format(format) => TimestampFormat::Custom(format.as_str().into()),
        }
    }
}

impl NonceName {
    fn format(self) -> NonceFormat {
        match self {
            Self::Hex => NonceFormat::Hex,
            Self::Uuid => NonceFormat::Uuid,
            Self::Base64 => NonceFormat::Base64,
            Self::IncreasingMilliseconds => NonceFormat::IncreasingMilliseconds,
            Self::IncreasingMicroseconds => NonceFormat::IncreasingMicroseconds,
        }
    }
}

// The examples are those of the catalogue's vendors.
#[cfg(test)]
#[cfg(feature = "catalogue")]
mod tests;
