//! Removes keys from the `Location` of a response.

use http::header::{HeaderMap, HeaderValue, LOCATION};
use url::Url;

use super::QueryKeys;
use crate::RequestHead;

/// The `Location` has a key that cannot be removed from it.
struct Unremovable;

impl QueryKeys {
    /// Removes the keys from the `Location` in `headers`, the header fields of the response to
    /// `request`.
    ///
    /// If a key is outside the query, or the `Location` is longer than 16 KiB, the field itself is
    /// removed. For a redirect to another origin, see
    /// [`remove_from_foreign`](Self::remove_from_foreign).
    ///
    /// ```
    /// # use multi_auth::{Placement, RequestHead};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let credential = Placement::query("api_key")?.credential(&"k-12345678".into())?;
    /// # let keys = credential.query_keys().expect("the key is in the query");
    /// # let (parts, ()) = http::Request::get("https://api.example.com/v1").body(())?.into_parts();
    /// # let mut headers = http::HeaderMap::new();
    /// headers.insert("location", "/v1/?api_key=k-12345678&page=2".parse()?);
    /// keys.remove_from_location(&RequestHead::from_parts(&parts), &mut headers);
    /// assert_eq!(headers["location"], "/v1/?page=2");
    /// # Ok(())
    /// # }
    /// ```
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

    /// The field without the keys; `None` if it has no key.
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
            // Clients read such a field in different ways, so it is removed if it has a key.
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

/// Stands in for the origin of a request without one. Only a relative reference leads to it.
const NO_ORIGIN: &str = "https://origin.invalid";
