//! The request of a token request: `POST <endpoint>` with JSON, a form or no body.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use http::{HeaderValue, Request};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use crate::{AuthError, ConstantHeaders};

/// What a token request sends.
pub(super) enum Body {
    Empty,
    Json(Vec<(String, SecretString)>),
    JsonText(SecretString),
    Form(Vec<(String, SecretString)>),
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const AGENT: HeaderValue = HeaderValue::from_static(crate::USER_AGENT);

/// The head of a request, without the credential of the token request itself.
pub(super) fn head(endpoint: &Url, body: &Body) -> Result<Parts, AuthError> {
    let request = Request::post(endpoint.as_str())
        .body(())
        .map_err(|_| TARGET)?;
    let (mut head, ()) = request.into_parts();
    if let Some(media_type) = body.media_type() {
        head.headers.insert(CONTENT_TYPE, media_type);
    }
    Ok(head)
}

/// Adds the fields that do not change. They come after the credential, which none of them keeps from its place.
pub(super) fn add_constants(headers: &mut HeaderMap, constant: &ConstantHeaders) {
    constant.add_to(headers);
    headers.entry(ACCEPT).or_insert(JSON);
    headers.entry(USER_AGENT).or_insert(AGENT);
}

impl Body {
    fn media_type(&self) -> Option<HeaderValue> {
        match self {
            Self::Empty => None,
            Self::Json(_) | Self::JsonText(_) => Some(JSON),
            Self::Form(_) => Some(FORM),
        }
    }

    /// The bytes to send, written once: a buffer that grew, or a value cloned on the way, would leave
    /// a copy of the secret behind that nobody wipes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Empty => Vec::new(),
            Self::Json(members) => {
                let object: BTreeMap<_, _> = exposed(members).collect();
                let mut json = Vec::with_capacity(room(members, r"\u0000".len()));
                // Text as keys and values cannot fail, nor can a vector.
                serde_json::to_writer(&mut json, &object).map_or_else(|_| Vec::new(), |()| json)
            }
            Self::JsonText(text) => text.expose_secret().as_bytes().to_vec(),
            Self::Form(fields) => {
                let form = String::with_capacity(room(fields, "%00".len()));
                let mut form = form_urlencoded::Serializer::new(form);
                form.extend_pairs(exposed(fields)).finish().into_bytes()
            }
        }
    }
}

type Pairs = [(String, SecretString)];

fn exposed(pairs: &Pairs) -> impl Iterator<Item = (&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose_secret()))
}

/// Room for `pairs` with every byte escaped to `width`, and what stands around them.
fn room(pairs: &Pairs, width: usize) -> usize {
    const AROUND: usize = r#"{"":"","#.len();
    let lengths = exposed(pairs).map(|(name, value)| (name.len() + value.len()) * width + AROUND);
    lengths.sum::<usize>() + AROUND
}

const TARGET: AuthError = AuthError::Attach {
    what: "the token endpoint is no request target",
};
