//! Finds the credential of a request in its response, and replaces it with asterisks.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use memchr::memmem::Finder;
use multi_auth::SecretString;
use percent_encoding::percent_decode_str;
use pin_project_lite::pin_project;
use secrecy::ExposeSecret;

/// A shorter text may be in a response by chance.
const SHORTEST: usize = 8;

/// The texts that must not be in a response.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Option<Arc<[SecretString]>>);

impl Secrets {
    /// The credential of `request`: the fields that are marked sensitive, and the parameters of the
    /// query that are not in `query`, that of the caller.
    pub(crate) fn of<B>(request: &Request<B>, query: Option<&str>) -> Self {
        let mut texts = Vec::new();
        let values = request.headers().values();
        for value in values.filter(|value| value.is_sensitive()) {
            if let Ok(value) = value.to_str() {
                add_field(&mut texts, value);
            }
        }
        let own = |param: &&str| {
            !query
                .unwrap_or_default()
                .split('&')
                .any(|other| other == *param)
        };
        let params = request.uri().query().unwrap_or_default().split('&');
        for (_, value) in params.filter(own).filter_map(|param| param.split_once('=')) {
            add(&mut texts, value);
            let decoded = percent_decode_str(value).decode_utf8_lossy();
            if decoded != value {
                add(&mut texts, &decoded);
            }
        }
        Self((!texts.is_empty()).then(|| texts.into()))
    }

    fn texts(&self) -> impl Iterator<Item = &[u8]> {
        let texts = self.0.iter().flat_map(|texts| texts.iter());
        texts.map(|text| text.expose_secret().as_bytes())
    }

    fn longest(&self) -> usize {
        self.texts().map(<[u8]>::len).max().unwrap_or(0)
    }

    /// Replaces the secrets in `text`. Returns whether there were any.
    fn replace(&self, text: &mut [u8]) -> bool {
        let mut found = false;
        for secret in self.texts() {
            let places: Vec<_> = Finder::new(secret).find_iter(text).collect();
            for place in places {
                found = true;
                text[place..place + secret.len()].fill(b'*');
            }
        }
        found
    }

    fn is_in(&self, text: &[u8]) -> bool {
        self.texts()
            .any(|secret| memchr::memmem::find(text, secret).is_some())
    }

    /// How many bytes at the end of `text` may be the beginning of a secret.
    fn begun(&self, text: &[u8]) -> usize {
        let begun = |secret: &[u8]| {
            let first = text.len().saturating_sub(secret.len() - 1);
            let mut starts = memchr::memchr_iter(secret[0], &text[first..]);
            let start = starts.find(|start| secret.starts_with(&text[first + start..]))?;
            Some(text.len() - first - start)
        };
        self.texts().filter_map(begun).max().unwrap_or(0)
    }

    /// Replaces the secrets in the values of `headers`. Returns whether there were any.
    pub(crate) fn replace_in_fields(&self, headers: &mut HeaderMap) -> bool {
        let mut found = false;
        for value in headers.values_mut() {
            if self.is_in(value.as_bytes()) {
                let mut bytes = value.as_bytes().to_vec();
                found |= self.replace(&mut bytes);
                *value = HeaderValue::try_from(bytes).unwrap_or(HeaderValue::from_static("*"));
            }
        }
        found
    }
}

/// Adds the value of a field, and the parts of it that are the secret.
fn add_field(texts: &mut Vec<SecretString>, value: &str) {
    add(texts, value);
    for cookie in value
        .split("; ")
        .filter_map(|cookie| cookie.split_once('='))
    {
        add(texts, cookie.1);
    }
    let Some((scheme, secret)) = value.split_once(' ') else {
        return;
    };
    add(texts, secret);
    if scheme.eq_ignore_ascii_case("basic")
        && let Ok(pair) = BASE64_STANDARD.decode(secret)
        && let Ok(pair) = String::from_utf8(pair)
    {
        let password = pair.split_once(':').map_or("", |(_, password)| password);
        add(texts, password);
        add(texts, &pair);
    }
}

fn add(texts: &mut Vec<SecretString>, text: &str) {
    if text.len() >= SHORTEST {
        texts.push(text.into());
    }
}

pin_project! {
    /// The body of a response, without the credential of its request.
    pub(crate) struct Scanned<B> {
        #[pin]
        body: B,
        secrets: Secrets,
        // The content coding hides what is in the body.
        is_coded: bool,
        // The end of the last chunk, which may be the beginning of a secret.
        held: Vec<u8>,
        // What comes after the held bytes.
        next: Option<Frame<Bytes>>,
        on_echo: Option<fn()>,
    }
}

/// Replaces the secrets in `response`. Calls `on_echo` once if there were any.
///
/// A body with a content coding passes as it is.
pub(crate) fn scan<B>(
    response: Response<B>,
    secrets: Secrets,
    on_echo: fn(),
) -> Response<Scanned<B>> {
    let (mut parts, body) = response.into_parts();
    let found = secrets.replace_in_fields(&mut parts.headers);
    if found {
        on_echo();
    }
    let is_coded = parts.headers.get(CONTENT_ENCODING);
    let is_coded = is_coded.is_some_and(|coding| coding != "identity");
    let scanned = Scanned {
        body,
        secrets,
        is_coded,
        held: Vec::new(),
        next: None,
        on_echo: (!found).then_some(on_echo),
    };
    Response::from_parts(parts, scanned)
}

impl<B> Body for Scanned<B>
where
    B: Body<Data = Bytes>,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        if this.secrets.0.is_none() {
            return this.body.poll_frame(cx);
        }
        loop {
            if let Some(frame) = this.next.take() {
                return Poll::Ready(Some(Ok(frame)));
            }
            let chunk = match ready!(this.body.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(chunk) if *this.is_coded => {
                        return Poll::Ready(Some(Ok(Frame::data(chunk))));
                    }
                    Ok(chunk) => chunk,
                    Err(mut frame) => {
                        let trailers = frame.trailers_mut();
                        if trailers.is_some_and(|fields| this.secrets.replace_in_fields(fields)) {
                            report(this.on_echo);
                        }
                        if this.held.is_empty() {
                            return Poll::Ready(Some(Ok(frame)));
                        }
                        *this.next = Some(frame);
                        let held = std::mem::take(this.held);
                        return Poll::Ready(Some(Ok(Frame::data(held.into()))));
                    }
                },
                None if this.held.is_empty() => return Poll::Ready(None),
                None => {
                    let held = std::mem::take(this.held);
                    return Poll::Ready(Some(Ok(Frame::data(held.into()))));
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            };
            let chunk = scanned(this.secrets, this.held, chunk, this.on_echo);
            if !chunk.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(chunk))));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_empty() && self.next.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.body.size_hint();
        if self.held.is_empty() {
            return hint;
        }
        let held = self.held.len() as u64;
        let mut longer = SizeHint::new();
        if let Some(upper) = hint.upper() {
            longer.set_upper(upper + held);
        }
        longer.set_lower(hint.lower() + held);
        longer
    }
}

/// What can be delivered of `chunk`, after the bytes in `held`, which become its end.
fn scanned(
    secrets: &Secrets,
    held: &mut Vec<u8>,
    chunk: Bytes,
    on_echo: &mut Option<fn()>,
) -> Bytes {
    let mut chunk = if held.is_empty() {
        chunk
    } else {
        held.extend_from_slice(&chunk);
        std::mem::take(held).into()
    };
    if secrets.is_in(&chunk) {
        let mut bytes = chunk.to_vec();
        secrets.replace(&mut bytes);
        chunk = bytes.into();
        report(on_echo);
    }
    let begun = secrets.begun(&chunk);
    debug_assert!(begun < secrets.longest().max(1));
    *held = chunk.split_off(chunk.len() - begun).to_vec();
    chunk
}

/// Reports an echo, once for a response.
fn report(on_echo: &mut Option<fn()>) {
    if let Some(on_echo) = on_echo.take() {
        on_echo();
    }
}

#[cfg(test)]
mod tests;
