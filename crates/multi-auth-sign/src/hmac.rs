//! Signatures by a vendor's own rules: an HMAC over parts of the request, in header fields or query
//! parameters.

mod algorithm;
mod builder;
mod compile;
mod computed;
mod facts;
mod nonce;
mod sink;
mod template;
mod timestamp;
mod value;

pub use algorithm::{HashAlgorithm, OutputEncoding};
pub use builder::HmacSignerBuilder;
pub use nonce::NonceFormat;
pub(crate) use nonce::Nonces;
pub use timestamp::TimestampFormat;
pub use value::TemplateValue;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use multi_auth::adapter::Outgoing;
use multi_auth::{
    AuthError, Authenticator, BodyNeed, Clock, Credential, Placement, RequestHead, SecretString,
};
use secrecy::zeroize::Zeroizing;

use self::compile::Placed;
use self::computed::Computed;
use self::facts::Facts;
use self::template::Reads;
use crate::{SignError, header};

/// Signs requests by the rules of one vendor, which templates describe.
///
/// Coinbase Exchange signs the time, the method, the request target and the body
/// ([Coinbase](https://docs.cdp.coinbase.com/exchange/rest-api/authentication)):
///
/// ```
/// use multi_auth::Keyring;
/// use multi_auth_sign::{HashAlgorithm, HmacSigner, OutputEncoding, TemplateValue};
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// # let key = b"0123456789";
/// let signature = TemplateValue::hmac(HashAlgorithm::Sha256, "{timestamp}{method}{request_target}{body}");
/// let coinbase = HmacSigner::builder()
///     .value("signature", signature.with_output(OutputEncoding::Base64))
///     .secret("api_key", "b2a9a8c9f6a9")
///     .header("CB-ACCESS-KEY", "{api_key}")
///     .header("CB-ACCESS-TIMESTAMP", "{timestamp}")
///     .header("CB-ACCESS-SIGN", "{signature}")
///     .build(key)?;
/// let keyring = Keyring::builder()
///     .bind("https://api.exchange.coinbase.com", coinbase)?
///     .build();
/// # Ok(())
/// # }
/// ```
///
/// # Names in templates
///
/// | name | text |
/// |---|---|
/// | `{method}` | the method, such as `GET` |
/// | `{scheme}`, `{authority}` | `https`, and the host and port as in the field `Host` |
/// | `{path}` | the path as it is sent |
/// | `{query}` | the query as it is sent, without `?` |
/// | `{request_target}` | the path, and `?` and the query if there is one (RFC 9112, 3.2.1) |
/// | `{target_uri}` | scheme, `://`, authority and request target (RFC 9110, 7.1) |
/// | `{sorted_query}` | the parameters of the query, sorted by name and value, encoded as RFC 3986 requires |
/// | `{body}` | the body |
/// | `{sorted_form}` | the parameters of the form in the body, as with `{sorted_query}` |
/// | `{form:NAME}` | a parameter of the form in the body |
/// | `{header:NAME}` | a header field that the request has, or nothing |
/// | `{timestamp}` | the time, as [`TimestampFormat`] writes it |
/// | `{nonce}` | a number that is used once, as [`NonceFormat`] makes it |
/// | `{key}` | the key itself, only inside a hash |
/// | the name of a value or a secret | its text |
///
/// # What is signed
///
/// What the templates name, as it is when the request reaches the adapter. A layer below the
/// adapter must not change it. If the request has one of the signature's fields or parameters, it
/// is sent as it is. A template that names the body needs it in memory: a stream is an error.
#[derive(Clone)]
pub struct HmacSigner(Arc<Settings>);

struct Settings {
    key: Zeroizing<Vec<u8>>,
    secrets: Vec<(Box<str>, SecretString)>,
    /// Each names only values before it.
    values: Vec<Computed>,
    headers: Vec<(HeaderName, Placed)>,
    parameters: Vec<Placed>,
    timestamp: TimestampFormat,
    nonces: Nonces,
    clock: Arc<dyn Clock>,
    /// What all templates need.
    reads: Reads,
}

impl HmacSigner {
    /// Starts a signer without templates.
    #[must_use]
    pub fn builder() -> HmacSignerBuilder {
        HmacSignerBuilder::new()
    }

    fn sign(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let settings = &*self.0;
        let mut facts = settings.facts(request)?;
        settings.compute(&mut facts, false)?;
        let mut signed = Credential::empty();
        if !settings.parameters.is_empty() {
            signed = settings.parameters(&facts, false)?;
            facts.query = changed(request, &signed)?;
        }
        settings.compute(&mut facts, true)?;
        signed = signed.and(settings.parameters(&facts, true)?)?;
        signed.and(settings.headers(&facts)?)
    }
}

impl Settings {
    fn facts<'f>(&'f self, request: &'f RequestHead<'f>) -> Result<Facts<'f>, SignError> {
        let now = self.clock.wall();
        Ok(Facts {
            query: request.query().map(Cow::Borrowed),
            timestamp: if self.reads.contain(Reads::TIMESTAMP) {
                self.timestamp.write(now)?
            } else {
                String::new()
            },
            nonce: if self.reads.contain(Reads::NONCE) {
                self.nonces.next(now)?
            } else {
                String::new()
            },
            request,
            key: &self.key,
            secrets: &self.secrets,
            values: vec![Zeroizing::default(); self.values.len()],
        })
    }

    /// Computes the values that read the query, or those that do not.
    fn compute(&self, facts: &mut Facts<'_>, read_query: bool) -> Result<(), SignError> {
        for (at, value) in self.values.iter().enumerate() {
            if value.reads.contain(Reads::QUERY) == read_query {
                facts.values[at] = value.compute(facts)?;
            }
        }
        Ok(())
    }

    /// The parameters that read the query, or those that do not.
    fn parameters(&self, facts: &Facts<'_>, read_query: bool) -> Result<Credential, AuthError> {
        let mut all = Credential::empty();
        for placed in self
            .parameters
            .iter()
            .filter(|placed| placed.template.reads.contain(Reads::QUERY) == read_query)
        {
            let text = facts.text(&placed.template)?;
            let text = str::from_utf8(&text).ok().filter(|text| !text.is_empty());
            let text = text.ok_or_else(|| no_value(&placed.name))?;
            all = all.and(placed.place.credential(&text.into())?)?;
        }
        Ok(all)
    }

    fn headers(&self, facts: &Facts<'_>) -> Result<Credential, AuthError> {
        let fields = self.headers.iter().map(|(name, placed)| {
            let value = header::value(facts.text(&placed.template)?);
            Ok((name.clone(), value.map_err(|_| not_valid(name))?))
        });
        let fields: Result<Vec<(HeaderName, HeaderValue)>, SignError> = fields.collect();
        Credential::headers(fields?)
    }

    fn placed(&self) -> impl Iterator<Item = &Placed> {
        let headers = self.headers.iter().map(|(_, placed)| placed);
        headers.chain(&self.parameters)
    }
}

/// The error for a text that cannot be sent in the field `name`.
fn not_valid(name: &HeaderName) -> SignError {
    let what = format!(
        "the field `{name}` of the signature has a character that is not valid in a header field"
    );
    SignError::signature_of(what, "remove it from the request or from the template")
}

/// The error for a text that cannot be sent in the query parameter `name`.
fn no_value(name: &str) -> SignError {
    let what = format!("the query parameter `{name}` of the signature is empty, or no UTF-8");
    SignError::signature_of(what, "correct the template, or the request that it reads")
}

/// The query of `request` with the parameters of `credential`.
fn changed<'r>(
    request: &RequestHead<'r>,
    credential: &Credential,
) -> Result<Option<Cow<'r, str>>, AuthError> {
    if credential.is_empty() {
        return Ok(request.query().map(Cow::Borrowed));
    }
    let mut target = Target {
        query: request.query().map(str::to_owned),
        headers: HeaderMap::new(),
    };
    credential.clone().attach(&mut target)?;
    Ok(target.query.map(Cow::Owned))
}

/// A request to which parameters are attached, to see its query.
struct Target {
    query: Option<String>,
    headers: HeaderMap,
}

impl Outgoing for Target {
    fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    fn set_query(&mut self, query: &str) -> Result<(), AuthError> {
        self.query = Some(query.to_owned());
        Ok(())
    }
}

impl Authenticator for HmacSigner {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        if self.0.placed().any(|placed| placed.place.is_taken(request)) {
            return Some(Ok(Credential::empty()));
        }
        Some(self.sign(request))
    }

    fn placements(&self) -> Vec<Placement> {
        self.0.placed().map(|placed| placed.place.clone()).collect()
    }

    fn needs_body(&self) -> BodyNeed {
        if self.0.reads.contain(Reads::BODY) {
            BodyNeed::Bytes
        } else {
            BodyNeed::Nothing
        }
    }
}

impl fmt::Debug for HmacSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.placed().map(|placed| &placed.name).collect();
        f.debug_struct("HmacSigner")
            .field("sends", &names)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
