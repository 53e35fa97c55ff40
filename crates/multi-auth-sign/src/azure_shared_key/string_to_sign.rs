//! The string to sign: the text that a signature covers.

use std::io::Write;

use http::HeaderName;
use http::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_UNMODIFIED_SINCE, RANGE,
};
use multi_auth::{BodyView, RequestHead};

use super::{Service, X_MS_VERSION, order, resource};
use crate::SignError;

const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

/// A request, and the fields that the signature adds to it.
pub(super) struct StringToSign<'s, 'r> {
    pub(super) request: &'s RequestHead<'r>,
    pub(super) account: &'s str,
    /// The value of `x-ms-date`.
    pub(super) date: &'s str,
    /// The value of `x-ms-version`, if the request has none.
    pub(super) version: Option<&'s [u8]>,
}

impl StringToSign<'_, '_> {
    pub(super) fn write(&self, service: Service) -> Result<Vec<u8>, SignError> {
        let mut text = Vec::with_capacity(384);
        text.extend_from_slice(self.request.method().as_str().as_bytes());
        text.push(b'\n');
        match service {
            Service::Blob => self.write_blob(&mut text)?,
            Service::Table => self.write_table(&mut text),
        }
        Ok(text)
    }

    fn write_blob(&self, text: &mut Vec<u8>) -> Result<(), SignError> {
        if let Some(version) = self.request.headers().get(X_MS_VERSION) {
            check_version(version.as_bytes())?;
        }
        self.write_field(&CONTENT_ENCODING, text);
        self.write_field(&CONTENT_LANGUAGE, text);
        self.write_length(text)?;
        self.write_field(&CONTENT_MD5, text);
        self.write_field(&CONTENT_TYPE, text);
        // `Date` is empty, because the request has `x-ms-date`.
        text.push(b'\n');
        self.write_field(&IF_MODIFIED_SINCE, text);
        self.write_field(&IF_MATCH, text);
        self.write_field(&IF_NONE_MATCH, text);
        self.write_field(&IF_UNMODIFIED_SINCE, text);
        self.write_field(&RANGE, text);
        self.write_vendor_fields(text);
        resource::write_path(self.request, self.account, text);
        resource::write_query(self.request, text);
        Ok(())
    }

    fn write_table(&self, text: &mut Vec<u8>) {
        self.write_field(&CONTENT_MD5, text);
        self.write_field(&CONTENT_TYPE, text);
        text.extend_from_slice(self.date.as_bytes());
        text.push(b'\n');
        resource::write_path(self.request, self.account, text);
        resource::write_comp(self.request, text);
    }

    /// Writes the value of a field. The service refuses a request that has it twice.
    fn write_field(&self, name: &HeaderName, text: &mut Vec<u8>) {
        if let Some(value) = self.request.headers().get(name) {
            text.extend_from_slice(value.as_bytes().trim_ascii());
        }
        text.push(b'\n');
    }

    /// Writes the length of the body, or nothing if it is zero.
    fn write_length(&self, text: &mut Vec<u8>) -> Result<(), SignError> {
        const STREAM: SignError = SignError::signature(
            "the body is a stream, whose length is signed",
            "give the body as bytes (with tower, add `with_replay(ReplayClone)` or `BufferBody` to the layer), or set `Content-Length`",
        );
        match (
            self.request.headers().get(CONTENT_LENGTH),
            self.request.body(),
        ) {
            (Some(given), _) if given == "0" => {}
            (Some(given), _) => text.extend_from_slice(given.as_bytes().trim_ascii()),
            (None, BodyView::Empty) => {}
            (None, body) => {
                let length = body.bytes().ok_or(STREAM)?.len();
                // A vector takes every byte.
                let _ = write!(text, "{length}");
            }
        }
        text.push(b'\n');
        Ok(())
    }

    /// Writes a line for each field whose name begins with `x-ms-`.
    ///
    /// Microsoft's page replaces linear white space with a space. Its SDKs and Azurite sign spaces
    /// within a value as they are: only folded lines are meant, which no header map has.
    fn write_vendor_fields(&self, text: &mut Vec<u8>) {
        let headers = self.request.headers();
        let mut fields = Vec::with_capacity(headers.len() + 2);
        fields.push(("x-ms-date", self.date.as_bytes()));
        fields.extend(self.version.map(|version| ("x-ms-version", version)));
        let own = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes().trim_ascii()));
        fields.extend(own.filter(|(name, _)| name.starts_with("x-ms-")));
        // Values of one name keep their order.
        fields.sort_by(|(one, _), (other, _)| order::compare(one, other));
        for same in fields.chunk_by(|one, other| one.0 == other.0) {
            text.extend_from_slice(same[0].0.as_bytes());
            for (at, (_, value)) in same.iter().enumerate() {
                text.push(if at == 0 { b':' } else { b',' });
                text.extend_from_slice(value);
            }
            text.push(b'\n');
        }
    }
}

/// Since this version, empty fields are signed. Since 2015-02-21, a length of zero is not.
const OLDEST: &[u8] = b"2016-05-31";

/// Checks a value of `x-ms-version`: a date since [`OLDEST`].
pub(super) fn check_version(version: &[u8]) -> Result<(), SignError> {
    let is_date = version.len() == OLDEST.len()
        && version.iter().zip(OLDEST).all(|(byte, example)| {
            byte.is_ascii_digit() == example.is_ascii_digit()
                && (*byte == b'-') == (*example == b'-')
        });
    if !is_date {
        return Err(SignError::signature(
            "the version of Azure Storage is not a date",
            "give a value of `x-ms-version`, such as 2023-11-03",
        ));
    }
    if version < OLDEST {
        return Err(SignError::signature(
            "versions of Azure Storage before 2016-05-31 have other signatures",
            "give a newer version, such as 2023-11-03",
        ));
    }
    Ok(())
}
