//! Removes keys from the `Location` of a response.

use http::header::{HeaderMap, HeaderValue, LOCATION};
use url::Url;

use super::QueryKeys;
use crate::RequestHead;

/// A key is in a `Location` where it cannot be removed.
struct Unremovable;

impl QueryKeys {
    /// Removes the keys from the `Location` in `headers`, those of the response to `asked`. A
    /// `Location` with a key outside its parameters, or longer than 16 KiB, is removed as a whole.
    /// One that leads to another origin is treated as by
    /// [`remove_from_foreign`](Self::remove_from_foreign).
    pub fn remove_from_location(&self, request: &RequestHead<'_>, headers: &mut HeaderMap) {
        let locations = headers.get_all(LOCATION).into_iter();
        let cleaned: Result<Vec<_>, Unremovable> = locations
            .map(|location| self.cleaned(location, request))
            .collect();
        let Ok(cleaned) = cleaned else {
            headers.remove(LOCATION);
            return;
        };
        if cleaned.iter().all(Option::is_none) {
            return;
        }
        let before = headers.get_all(LOCATION).into_iter().cloned().zip(cleaned);
        let after: Vec<_> = before
            .map(|(before, cleaned)| cleaned.unwrap_or(before))
            .collect();
        headers.remove(LOCATION);
        for location in after {
            headers.append(LOCATION, location);
        }
    }

    /// The field without the keys; `None` if it has none.
    fn cleaned(
        &self,
        location: &HeaderValue,
        request: &RequestHead<'_>,
    ) -> Result<Option<HeaderValue>, Unremovable> {
        let bytes = location.as_bytes();
        if bytes.len() > MAX_LOCATION {
            return Err(Unremovable);
        }
        let target = Target::from(request, &String::from_utf8_lossy(bytes));
        let Ok(text) = std::str::from_utf8(bytes) else {
            // Clients read such a field in different ways, so one with a key is removed as a whole.
            let text = String::from_utf8_lossy(bytes);
            let is_kept = self.without_keys(&text, target).as_deref() == Some(&*text);
            return (is_kept && !self.are_in(bytes))
                .then_some(None)
                .ok_or(Unremovable);
        };
        let cleaned = self.without_keys(text, target).ok_or(Unremovable)?;
        if cleaned == text {
            return Ok(None);
        }
        HeaderValue::try_from(cleaned)
            .map(Some)
            .map_err(|_| Unremovable)
    }
}

/// The longest `Location` that is searched, in bytes.
const MAX_LOCATION: usize = 16 * 1024;

/// Where a reference leads, relative to the origin of the request with the keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    SameOrigin,
    OtherOrigin,
}

impl Target {
    fn from(request: &RequestHead<'_>, reference: &str) -> Self {
        let origin = match (request.scheme(), request.host(), request.port()) {
            (Some(scheme), Some(host), Some(port)) => format!("{scheme}://{host}:{port}"),
            _ => NO_ORIGIN.to_owned(),
        };
        let base = Url::parse(&origin).or_else(|_| Url::parse(NO_ORIGIN));
        match base.map(|base| {
            base.join(reference)
                .map(|url| url.origin() == base.origin())
        }) {
            Ok(Ok(true)) => Self::SameOrigin,
            _ => Self::OtherOrigin,
        }
    }
}

/// For a request without an origin, which only a relative reference can name.
const NO_ORIGIN: &str = "https://origin.invalid";
