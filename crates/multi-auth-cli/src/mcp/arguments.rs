//! The request that an agent asks for.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use multi_auth_config::proxy::CallerToken;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// What an agent asks for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    /// The vendor.
    vendor: String,
    /// The path below the vendor's base URL, percent-encoded and with its query, such as
    /// `/users?limit=10`.
    path: String,
    /// The method. Default: GET.
    method: Option<String>,
    /// Header fields, without a credential.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The body. A text is sent as it is, any other value as JSON.
    body: Option<Value>,
}

/// Fields that frame a message or say where it goes. They come from the request itself.
const RESERVED: [HeaderName; 10] = [
    AUTHORIZATION,
    CONNECTION,
    CONTENT_LENGTH,
    EXPECT,
    HOST,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
];

impl Arguments {
    /// The vendor.
    pub(super) fn vendor(&self) -> &str {
        &self.vendor
    }

    /// The request to the proxy at `authority`, with the caller's `token`.
    pub(super) fn request(
        self,
        authority: &str,
        token: &[u8],
    ) -> Result<Request<Full<Bytes>>, &'static str> {
        let mut request = Request::new(Full::default());
        *request.uri_mut() = self.uri(authority)?;
        *request.method_mut() = self.method()?;
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse().map_err(|_| "`headers` has an invalid name")?;
            if RESERVED.contains(&name) || name.as_str().starts_with("proxy-") {
                return Err("`headers` has a field that the request itself sets: remove it");
            }
            let value = HeaderValue::try_from(value);
            let value = value.map_err(|_| "`headers` has an invalid value")?;
            request.headers_mut().append(name, value);
        }
        match self.body {
            None => {}
            Some(Value::String(text)) => *request.body_mut() = Full::from(text),
            Some(value) => {
                let json = HeaderValue::from_static("application/json");
                request.headers_mut().entry(CONTENT_TYPE).or_insert(json);
                *request.body_mut() = Full::from(value.to_string());
            }
        }
        if let Ok(mut token) = HeaderValue::try_from([b"Bearer ", token].concat()) {
            token.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, token);
        }
        Ok(request)
    }

    fn uri(&self, authority: &str) -> Result<Uri, &'static str> {
        let Self { vendor, path, .. } = self;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if vendor.is_empty() || !vendor.bytes().all(is_name) {
            return Err("`vendor` is not the name of a vendor");
        }
        if !(path.is_empty() || path.starts_with(['/', '?'])) {
            return Err("`path` must begin with a slash");
        }
        if path.contains('#') {
            return Err("`path` has a `#`, after which nothing is sent: encode it as %23");
        }
        if CallerToken::find_in(path.as_bytes()).is_some() {
            return Err("`path` holds a token of a caller: remove it");
        }
        let uri = Uri::builder().scheme("http").authority(authority);
        let uri = uri.path_and_query(format!("/{vendor}{path}")).build();
        uri.map_err(|_| "`path` is not valid in a URL: encode spaces and other characters as %XX")
    }

    fn method(&self) -> Result<Method, &'static str> {
        let method = self.method.as_deref().unwrap_or("GET");
        // Methods are case-sensitive (RFC 9110, 9.1), but agents mean those with capitals.
        match method.to_ascii_uppercase().parse() {
            Ok(Method::CONNECT | Method::TRACE) => Err("`method` cannot be CONNECT or TRACE"),
            Ok(method) => Ok(method),
            Err(_) => Err("`method` is not a method of HTTP"),
        }
    }
}
