//! The header fields that end at this proxy (RFC 9110, 7.6.1), and its name among intermediaries.

use std::hash::{BuildHasher, RandomState};

use http::Version;
use http::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE,
    TRANSFER_ENCODING, UPGRADE, VIA,
};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");

/// Removes the fields of a connection from `headers`. Returns the protocol that the request or the
/// response changes to, if it is WebSocket.
pub(crate) fn remove_fields(headers: &mut HeaderMap) -> Option<HeaderValue> {
    let nominated: Vec<HeaderName> = options(headers).collect();
    let changes = nominated.contains(&UPGRADE);
    let upgrade = headers.remove(UPGRADE);
    let trailers = takes_trailers(headers);
    for name in nominated {
        headers.remove(name);
    }
    for name in [
        CONNECTION,
        KEEP_ALIVE,
        PROXY_CONNECTION,
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        HTTP2_SETTINGS,
        TE,
        TRANSFER_ENCODING,
    ] {
        headers.remove(name);
    }
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    let is_websocket = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"websocket");
    upgrade.filter(|value| changes && is_websocket(value))
}

/// Removes the fields that have a value for which `is_removed` returns `true`.
pub(crate) fn remove_if(headers: &mut HeaderMap, mut is_removed: impl FnMut(&[u8]) -> bool) {
    let mut removed = Vec::new();
    for (name, value) in &*headers {
        if is_removed(value.as_bytes()) {
            removed.push(name.clone());
        }
    }
    for name in removed {
        headers.remove(name);
    }
}

/// Asks for a change of the protocol.
pub(crate) fn insert_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, protocol);
}

/// The name of this proxy in `Via`: a pseudonym, so that another proxy is not taken for this one
/// (RFC 9110, 7.6.3).
#[derive(Debug)]
pub(crate) struct Pseudonym(String);

impl Pseudonym {
    /// One that no other proxy has, by a chance of 1 in 2^64.
    pub(crate) fn new() -> Self {
        let random = RandomState::new().hash_one(());
        Self(format!("multi-auth-{random:016x}"))
    }

    /// Adds this proxy, which received a message of `version`.
    pub(crate) fn append_to(&self, headers: &mut HeaderMap, version: Version) {
        let version = match version {
            Version::HTTP_10 => "1.0",
            Version::HTTP_2 => "2",
            _ => "1.1",
        };
        if let Ok(value) = HeaderValue::try_from(format!("{version} {}", self.0)) {
            headers.append(VIA, value);
        }
    }

    /// Whether a request came through this proxy before.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(VIA).iter();
        values.any(|value| {
            let value = value.to_str().unwrap_or_default();
            let mut members = value.split(',');
            members.any(|member| member.split_whitespace().nth(1) == Some(&self.0))
        })
    }
}

/// The fields that `Connection` names.
fn options(headers: &HeaderMap) -> impl Iterator<Item = HeaderName> {
    let values = headers.get_all(CONNECTION).iter();
    let members = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    members.filter_map(|member| HeaderName::from_bytes(member.trim_ascii()).ok())
}

fn takes_trailers(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(TE).iter();
    values.any(|value| {
        let mut members = value.as_bytes().split(|byte| *byte == b',');
        members.any(|member| member.trim_ascii().eq_ignore_ascii_case(b"trailers"))
    })
}
