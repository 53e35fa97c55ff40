//! What a template says about one request.

use std::borrow::Cow;

use http::header::HOST;
use multi_auth::{RequestHead, SecretString};
use percent_encoding::utf8_percent_encode;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use url::form_urlencoded;

use super::sink::Sink;
use super::template::{Part, Template};
use crate::SignError;
use crate::host::Host;
use crate::percent::NOT_UNRESERVED;
use crate::request_target;

/// What the templates of a signer name, for one request.
pub(super) struct Facts<'f> {
    pub(super) request: &'f RequestHead<'f>,
    /// The query with the parameters of the signature.
    pub(super) query: Option<Cow<'f, str>>,
    pub(super) timestamp: String,
    pub(super) nonce: String,
    pub(super) key: &'f [u8],
    pub(super) secrets: &'f [(Box<str>, SecretString)],
    /// The values that are computed, in their order.
    pub(super) values: Vec<Zeroizing<Vec<u8>>>,
}

impl Facts<'_> {
    /// The text of `template`.
    pub(super) fn text(&self, template: &Template) -> Result<Zeroizing<Vec<u8>>, SignError> {
        // A buffer that grows leaves a copy behind.
        let mut length = 0_usize;
        self.write(template, &mut length)?;
        let mut text = Zeroizing::new(Vec::with_capacity(length));
        self.write(template, &mut *text)?;
        Ok(text)
    }

    /// Writes the text of `template` to `sink`.
    pub(super) fn write(&self, template: &Template, sink: &mut impl Sink) -> Result<(), SignError> {
        template
            .parts
            .iter()
            .try_for_each(|part| self.write_part(part, sink))
    }

    fn write_part(&self, part: &Part, sink: &mut impl Sink) -> Result<(), SignError> {
        let request = self.request;
        match part {
            Part::Text(text) => sink.put(text.as_bytes()),
            Part::Method => sink.put(request.method().as_str().as_bytes()),
            Part::Scheme => sink.put(request.scheme().unwrap_or_default().as_bytes()),
            Part::Authority => self.write_authority(sink)?,
            Part::Path => sink.put(request_target::path(self.request).as_bytes()),
            Part::Query => sink.put(self.query.as_deref().unwrap_or_default().as_bytes()),
            Part::SortedQuery => sink.put(&sorted(
                self.query.as_deref().unwrap_or_default().as_bytes(),
            )),
            Part::RequestTarget => self.write_target(sink),
            Part::TargetUri => {
                sink.put(request.scheme().unwrap_or_default().as_bytes());
                sink.put(b"://");
                self.write_authority(sink)?;
                self.write_target(sink);
            }
            Part::Body => sink.put(self.body()),
            Part::SortedForm => sink.put(&sorted(self.body())),
            Part::Timestamp => sink.put(self.timestamp.as_bytes()),
            Part::Nonce => sink.put(self.nonce.as_bytes()),
            Part::Key => sink.put(self.key),
            Part::Header(name) => self.write_header(name, sink),
            Part::Form(name) => sink.put(self.form(name)?.as_bytes()),
            Part::Secret(at) => sink.put(self.secrets[*at].1.expose_secret().as_bytes()),
            Part::Value(at) => sink.put(&self.values[*at]),
        }
        Ok(())
    }

    fn write_target(&self, sink: &mut impl Sink) {
        sink.put(request_target::path(self.request).as_bytes());
        if let Some(query) = &self.query {
            sink.put(b"?");
            sink.put(query.as_bytes());
        }
    }

    fn write_authority(&self, sink: &mut impl Sink) -> Result<(), SignError> {
        match Host::of(self.request)? {
            Some(host) => sink.put(host.as_bytes()),
            None => self.write_header(&HOST, sink),
        }
        Ok(())
    }

    /// Writes the values of a field, with commas between them (RFC 9110, 5.3).
    fn write_header(&self, name: &http::HeaderName, sink: &mut impl Sink) {
        for (at, value) in self.request.headers().get_all(name).iter().enumerate() {
            if at > 0 {
                sink.put(b", ");
            }
            sink.put(value.as_bytes());
        }
    }

    /// The body. A stream does not get here: the signer needs bytes.
    fn body(&self) -> &[u8] {
        self.request.body().bytes().unwrap_or_default()
    }

    /// The parameter `name` of the form in the body.
    fn form(&self, name: &str) -> Result<Cow<'_, str>, SignError> {
        const REMEDY: &str = "add it to the form of the request, which is signed with it";
        let found = form_urlencoded::parse(self.body()).find(|(own, _)| own == name);
        let missing =
            || SignError::signature_of(format!("the body has no parameter `{name}`"), REMEDY);
        found.map(|(_, value)| value).ok_or_else(missing)
    }
}

/// The parameters in `text`, encoded as RFC 3986 requires and sorted by name and then by value.
fn sorted(text: &[u8]) -> Vec<u8> {
    let encode = |text: &str| utf8_percent_encode(text, NOT_UNRESERVED).to_string();
    let parameters = form_urlencoded::parse(text);
    let mut parameters: Vec<_> = parameters
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    parameters.sort_unstable();
    let parameters: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    parameters.join("&").into_bytes()
}
