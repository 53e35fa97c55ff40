//! The signature base: the text that is signed (RFC 9421, 2.5).

use http::{HeaderName, HeaderValue};
use multi_auth::RequestHead;
use percent_encoding::utf8_percent_encode;
use url::form_urlencoded;

use super::component::{Component, FORM, Source};
use super::digest::{CONTENT_DIGEST, ContentDigest, write_base64};
use crate::{SignError, authority, request_target};

/// The value of a component, if the request has it.
type Written = Result<Option<()>, SignError>;

/// A request, and what the signature adds to it.
pub(super) struct Signed<'r> {
    pub(super) request: &'r RequestHead<'r>,
    pub(super) digest: &'r ContentDigest,
}

impl Signed<'_> {
    /// Writes a line for each component to `base`, and the list of the components to `list`.
    pub(super) fn write(
        &self,
        components: &[Component],
        base: &mut Vec<u8>,
        list: &mut Vec<u8>,
    ) -> Result<(), SignError> {
        list.push(b'(');
        let mut separator: &[u8] = b"";
        for component in components {
            if self.write_line(component, base)? {
                list.extend_from_slice(separator);
                list.extend_from_slice(component.id.as_bytes());
                separator = b" ";
            }
        }
        list.push(b')');
        Ok(())
    }

    /// Returns whether the request has `component`. If it does not, nothing is written.
    fn write_line(&self, component: &Component, base: &mut Vec<u8>) -> Result<bool, SignError> {
        let start = base.len();
        base.extend_from_slice(component.id.as_bytes());
        base.extend_from_slice(b": ");
        if self.write_value(&component.source, base)?.is_none() {
            base.truncate(start);
            return if component.is_required {
                Err(missing(component))
            } else {
                Ok(false)
            };
        }
        if !base[start..].is_ascii() {
            return Err(not_ascii(component));
        }
        base.push(b'\n');
        Ok(true)
    }

    fn write_value(&self, source: &Source, base: &mut Vec<u8>) -> Written {
        let request = self.request;
        match source {
            Source::Method => base.extend_from_slice(request.method().as_str().as_bytes()),
            Source::TargetUri => {
                authority::write_scheme(request, base)?;
                base.extend_from_slice(b"://");
                authority::write(request, base)?;
                request_target::write(request, base);
            }
            Source::Authority => authority::write(request, base)?,
            Source::Scheme => authority::write_scheme(request, base)?,
            Source::RequestTarget => request_target::write(request, base),
            Source::Path => base.extend_from_slice(request_target::path(request).as_bytes()),
            Source::Query => {
                base.push(b'?');
                base.extend_from_slice(request.query().unwrap_or_default().as_bytes());
            }
            Source::QueryParam(name) => return write_query_param(request, name, base),
            Source::Field(name) => return Ok(self.write_field(name, base, write_text)),
            Source::Bytes(name) => return Ok(self.write_field(name, base, write_bytes)),
            Source::ContentDigest => return Ok(self.write_digest(base)),
            Source::Added(value) => base.extend_from_slice(value.as_bytes()),
        }
        Ok(Some(()))
    }

    fn write_digest(&self, base: &mut Vec<u8>) -> Option<()> {
        match self.digest {
            ContentDigest::Uncovered => None,
            ContentDigest::Given => self.write_field(&CONTENT_DIGEST, base, write_text),
            ContentDigest::Computed(value) => {
                base.extend_from_slice(value);
                Some(())
            }
        }
    }

    /// Writes the lines of the field `name`, with a comma between them (RFC 9421, 2.1).
    fn write_field(
        &self,
        name: &HeaderName,
        base: &mut Vec<u8>,
        write_value: fn(&HeaderValue, &mut Vec<u8>),
    ) -> Option<()> {
        let mut values = self.request.headers().get_all(name).iter();
        write_value(values.next()?, base);
        for value in values {
            base.extend_from_slice(b", ");
            write_value(value, base);
        }
        Some(())
    }
}

/// A value has no line folding to replace: [`HeaderValue`] refuses line breaks.
fn write_text(value: &HeaderValue, base: &mut Vec<u8>) {
    base.extend_from_slice(value.as_bytes().trim_ascii());
}

/// Writes a value as a byte sequence (RFC 9421, 2.1.3).
fn write_bytes(value: &HeaderValue, base: &mut Vec<u8>) {
    base.push(b':');
    write_base64(value.as_bytes().trim_ascii(), base);
    base.push(b':');
}

/// Writes the only parameter `name`, decoded and encoded again (RFC 9421, 2.2.8).
fn write_query_param(request: &RequestHead<'_>, name: &str, base: &mut Vec<u8>) -> Written {
    const SEVERAL: SignError = SignError::signature(
        "the query has several parameters of the name that the signature covers",
        "send one of them, or sign `@query` in place of `@query-param`",
    );
    let query = request.query().unwrap_or_default();
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let Some((_, value)) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(SEVERAL);
    }
    utf8_percent_encode(&value, FORM).for_each(|part| base.extend_from_slice(part.as_bytes()));
    Ok(Some(()))
}

fn missing(component: &Component) -> SignError {
    SignError::signature_of(
        format!("the request lacks {}, which is signed", component.id),
        "set it before the request reaches the signer, or name it with `optional_components`",
    )
}

fn not_ascii(component: &Component) -> SignError {
    SignError::signature_of(
        format!("the value of {} is not ASCII", component.id),
        "encode it, or cover a field with the parameter `;bs`",
    )
}
