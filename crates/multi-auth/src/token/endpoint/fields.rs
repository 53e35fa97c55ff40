//! Reads single values of a response in JSON or a form. Each is wiped when it is dropped.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use secrecy::zeroize::Zeroizing;
use url::form_urlencoded;

use crate::adapter::MAX_RESPONSE_BYTES;
use crate::json::pick;
use crate::{TokenRequestProblem as Problem, TransportError};

/// The longest value that is read: six bytes for each byte of the longest token, 32 KiB.
const LONGEST_VALUE: usize = 6 * 32 * 1024 + 2;

/// A response in JSON or a form.
pub(super) enum Fields<'a> {
    Json(&'a str),
    Form(&'a [u8]),
    /// Plain text, which has no fields: it is the value at the empty pointer.
    Text(&'a str),
}

/// One value of a response.
pub(super) enum Field {
    Null,
    Bool(bool),
    Number(f64),
    Text(Zeroizing<String>),
    /// Text that is too long for a token.
    LongText,
    /// An object or an array.
    Other,
}

impl<'a> Fields<'a> {
    pub(super) fn new(headers: &HeaderMap, body: &'a [u8]) -> Result<Self, Problem> {
        if body.len() > MAX_RESPONSE_BYTES {
            return Err(Problem::Transport(TransportError::too_large()));
        }
        let body = without_mark(body.trim_ascii()).trim_ascii();
        if body.is_empty() {
            return Err(Problem::Empty);
        }
        if is(headers, "application/x-www-form-urlencoded") {
            return Ok(Self::Form(body));
        }
        if body.starts_with(b"<") || is(headers, "text/html") {
            return Err(Problem::Html);
        }
        let json = str::from_utf8(body).map_err(|_| Problem::NotJson)?;
        pick(json, "").map_err(|_| Problem::NotJson)?;
        Ok(Self::Json(json))
    }

    /// The same, or plain text if it is neither JSON nor a form. A number is text: a session ID may
    /// look like one.
    pub(super) fn or_text(headers: &HeaderMap, body: &'a [u8]) -> Result<Self, Problem> {
        let read = Self::new(headers, body);
        let is_text = match &read {
            Err(Problem::NotJson) => true,
            Ok(Self::Json(json)) => {
                json.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            }
            _ => false,
        };
        if !is_text {
            return read;
        }
        let body = without_mark(body.trim_ascii()).trim_ascii();
        let text = str::from_utf8(body).map_err(|_| Problem::NotJson)?;
        Ok(Self::Text(text))
    }

    /// The same, or no field if the body is empty or has another format. A web page is an error: a
    /// login page sets a cookie too.
    pub(super) fn or_none(headers: &HeaderMap, body: &'a [u8]) -> Result<Self, Problem> {
        match Self::new(headers, body) {
            Err(Problem::Empty | Problem::NotJson) => Ok(Self::Json("null")),
            read => read,
        }
    }

    /// The value at `pointer` (RFC 6901).
    pub(super) fn at(&self, pointer: &str) -> Result<Option<Field>, Problem> {
        match self {
            Self::Json(json) => {
                let text = pick(json, pointer).map_err(|_| Problem::NotJson)?;
                text.map(Field::of).transpose()
            }
            Self::Form(form) => Ok(field(form, pointer)),
            Self::Text(text) if pointer.is_empty() => Ok(Some(Field::of_text(text))),
            Self::Text(_) => Ok(None),
        }
    }
}

impl Field {
    fn of_text(text: &str) -> Self {
        if text.len() > LONGEST_VALUE {
            return Self::LongText;
        }
        Self::Text(Zeroizing::new(text.to_owned()))
    }

    fn of(json: &str) -> Result<Self, Problem> {
        Ok(match json.as_bytes() {
            [b'{' | b'[', ..] => Self::Other,
            [b'n', ..] => Self::Null,
            [b't', ..] => Self::Bool(true),
            [b'f', ..] => Self::Bool(false),
            [b'"', ..] if json.len() > LONGEST_VALUE => Self::LongText,
            [b'"', ..] => Self::Text(Zeroizing::new(
                serde_json::from_str(json).map_err(|_| Problem::NotJson)?,
            )),
            _ => Self::Number(json.parse().map_err(|_| Problem::NotJson)?),
        })
    }
}

/// The last field of this name in a form, which has one level.
fn field(form: &[u8], pointer: &str) -> Option<Field> {
    let name = pointer
        .strip_prefix('/')
        .filter(|name| !name.contains('/'))?;
    let name = name.replace("~1", "/").replace("~0", "~");
    let mut found = None;
    for pair in form.split(|&byte| byte == b'&') {
        let written = pair.split(|&byte| byte == b'=').next().unwrap_or_default();
        // An encoded name has at most three bytes for each byte of the name.
        if written.len() > 3 * name.len() {
            continue;
        }
        let is_long = pair.len() > LONGEST_VALUE;
        let shown = if is_long { written } else { pair };
        for (own, value) in form_urlencoded::parse(shown) {
            if own == name {
                found = Some(if is_long {
                    Field::LongText
                } else {
                    Field::Text(Zeroizing::new(value.into_owned()))
                });
            }
        }
    }
    found
}

/// `body` without a byte order mark, which some servers send before JSON (RFC 8259, 8.1).
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

fn is(headers: &HeaderMap, media_type: &str) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], |value| value.as_bytes());
    let essence = content_type
        .split(|&byte| byte == b';')
        .next()
        .unwrap_or_default();
    essence
        .trim_ascii()
        .eq_ignore_ascii_case(media_type.as_bytes())
}
