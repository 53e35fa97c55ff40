//! Maps the URLs of a vendor in a response to URLs of this proxy.

use http::header::{CONTENT_LOCATION, HeaderMap, HeaderName, HeaderValue, LINK, LOCATION};

use crate::base_url::BaseUrl;
use crate::route::{Found, Mount};

/// Where the caller sees a vendor's URL: `http://127.0.0.1:8780/NAME`.
#[derive(Clone, Debug)]
pub(crate) struct Mounted {
    caller: String,
    vendor: BaseUrl,
}

impl Mounted {
    /// The base for a vendor that a request found at `mount`. `authority` is the one that the
    /// caller used; without it, the base has no host.
    pub(crate) fn new(found: &Found<'_>, vendor: &BaseUrl, authority: Option<&str>) -> Self {
        let origin = authority.map(|authority| format!("http://{authority}"));
        let origin = origin.unwrap_or_default();
        let caller = match found.mount {
            Mount::Path => format!("{origin}/{}", found.route.name),
            Mount::Host => origin,
            // With https, the caller would go past the proxy.
            Mount::Vendor => format!("http://{}{}", vendor.authority(), vendor.path()),
            Mount::Tunnel => format!("https://{}{}", vendor.authority(), vendor.path()),
        };
        let vendor = vendor.clone();
        Self { caller, vendor }
    }

    /// `url` of the vendor as the caller sees it. `None` if it is not below the vendor's URL.
    fn of(&self, url: &str) -> Option<String> {
        let is_path = url.starts_with('/') && !url.starts_with("//");
        let below = if is_path {
            self.vendor.below_path(url).map(str::to_owned)
        } else {
            self.vendor.below(url)
        }?;
        let slash = if below.starts_with('/') { "" } else { "/" };
        Some(format!("{}{slash}{below}", self.caller))
    }

    /// Maps the URLs in the fields of a response (RFC 9110, 10.2.2 and 8.7; RFC 8288).
    pub(crate) fn map(&self, headers: &mut HeaderMap) {
        for name in [LOCATION, CONTENT_LOCATION] {
            map_field(&name, headers, |text| self.of(text));
        }
        map_field(&LINK, headers, |text| self.links(text));
    }

    /// The links of a `Link` field. A URL is between `<` and `>`.
    fn links(&self, text: &str) -> Option<String> {
        let mut mapped = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            let (url, after) = after.split_once('>')?;
            mapped.push_str(before);
            mapped.push('<');
            match self.of(url) {
                Some(own) => mapped.push_str(&own),
                None => mapped.push_str(url),
            }
            mapped.push('>');
            rest = after;
        }
        mapped.push_str(rest);
        Some(mapped)
    }
}

fn map_field(name: &HeaderName, headers: &mut HeaderMap, mapped: impl Fn(&str) -> Option<String>) {
    if !headers.contains_key(name) {
        return;
    }
    let values: Vec<HeaderValue> = headers
        .get_all(name)
        .iter()
        .map(|value| {
            let mapped = value.to_str().ok().and_then(&mapped);
            let mapped = mapped.and_then(|text| HeaderValue::try_from(text).ok());
            mapped.unwrap_or_else(|| value.clone())
        })
        .collect();
    headers.remove(name);
    for value in values {
        headers.append(name.clone(), value);
    }
}
