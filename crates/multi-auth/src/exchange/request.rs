//! The request of an exchange: `POST <endpoint>` with JSON, a form or no body.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Request};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use crate::{AuthError, Authenticator, RequestHead};

/// What an exchange sends.
pub(super) enum Body {
    Empty,
    Json(Vec<(String, SecretString)>),
    Form(Vec<(String, SecretString)>),
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

pub(super) fn build(
    endpoint: &Url,
    body: &Body,
    credential: Option<&dyn Authenticator>,
) -> Result<Request<Vec<u8>>, AuthError> {
    let request = Request::post(endpoint.as_str())
        .body(())
        .map_err(|_| TARGET)?;
    let (mut head, ()) = request.into_parts();
    head.headers.insert(ACCEPT, JSON);
    if let Some(media_type) = body.media_type() {
        head.headers.insert(CONTENT_TYPE, media_type);
    }
    if let Some(credential) = credential {
        let ready = credential.ready(&RequestHead::from_parts(&head));
        ready
            .unwrap_or(Err(AuthError::NotReady))?
            .attach(&mut head)?;
    }
    Ok(Request::from_parts(head, body.bytes()))
}

impl Body {
    fn media_type(&self) -> Option<HeaderValue> {
        match self {
            Self::Empty => None,
            Self::Json(_) => Some(JSON),
            Self::Form(_) => Some(FORM),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Empty => Vec::new(),
            Self::Json(members) => {
                let member = |(name, value): &(String, SecretString)| {
                    (name.clone(), value.expose_secret().into())
                };
                let object: serde_json::Map<_, _> = members.iter().map(member).collect();
                serde_json::Value::Object(object).to_string().into_bytes()
            }
            Self::Form(fields) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                let pairs = fields
                    .iter()
                    .map(|(name, value)| (name, value.expose_secret()));
                form.extend_pairs(pairs).finish().into_bytes()
            }
        }
    }
}

const TARGET: AuthError = AuthError::Attach {
    what: "the token endpoint is no request target",
};
