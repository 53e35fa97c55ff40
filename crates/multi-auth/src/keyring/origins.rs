//! Finds an origin by its authority, which is normalized by the URL standard unless it already is.

use std::fmt::{self, Write};
use std::net::Ipv6Addr;

use url::Url;

use super::map::Map;
use crate::RequestHead;

/// A map from origins. The key is the normalized authority: names in lower case, IPv6 addresses as
/// `Ipv6Addr` prints them, and the port unless it is the scheme's default.
#[derive(Debug)]
pub(super) struct Origins<V> {
    https: Map<V>,
    http: Map<V>,
}

impl<V: Default> Origins<V> {
    /// The value for the origin of `url` (http or https), which is added if it is missing.
    pub(super) fn entry(&mut self, url: &Url) -> &mut V {
        let (map, default_port) = match url.scheme() {
            "https" => (&mut self.https, HTTPS),
            _ => (&mut self.http, HTTP),
        };
        let mut text = String::new();
        let host = url.host_str().unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write_authority(
            host,
            url.port().unwrap_or(default_port),
            default_port,
            &mut text,
        );
        map.entry(&text)
    }
}

impl<V> Origins<V> {
    /// All origins, as URLs, with their values, in arbitrary order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (String, &V)> {
        let https = self.https.iter();
        let https = https.map(|(authority, value)| (format!("https://{authority}"), value));
        let http = self.http.iter();
        https.chain(http.map(|(authority, value)| (format!("http://{authority}"), value)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.https.is_empty() && self.http.is_empty()
    }

    /// The values for the host of `request` and each domain above it, the nearest first.
    pub(super) fn above(&self, request: &RequestHead<'_>) -> Vec<&V> {
        if self.is_empty() {
            return Vec::new();
        }
        self.all_above(request).unwrap_or_default()
    }

    #[cold]
    fn all_above(&self, request: &RequestHead<'_>) -> Option<Vec<&V>> {
        let (is_secure, _) = request.origin()?;
        let (map, default_port) = if is_secure {
            (&self.https, HTTPS)
        } else {
            (&self.http, HTTP)
        };
        let mut text = AuthorityBuffer::default();
        write_authority(request.host()?, request.port()?, default_port, &mut text).ok()?;
        let mut domain = Some(text.as_str()?);
        let mut found = Vec::new();
        while let Some(authority) = domain {
            found.extend(map.get(authority));
            domain = authority.split_once('.').map(|(_, above)| above);
        }
        Some(found)
    }

    /// The value for the origin of `request`.
    #[inline(always)]
    pub(super) fn get(&self, request: &RequestHead<'_>) -> Option<&V> {
        let (is_secure, authority) = request.origin()?;
        let (map, default_port) = if is_secure {
            (&self.https, HTTPS)
        } else {
            (&self.http, HTTP)
        };
        match map.get(authority) {
            None if is_normalized(authority) => None,
            None => find_normalized(map, request, default_port),
            found => found,
        }
    }
}

/// Whether `authority` is certainly normalized. If so, it is not looked up a second time.
fn is_normalized(authority: &str) -> bool {
    // `@` to `[` includes the capitals. Without an early exit, the compiler checks 16 bytes at a
    // time.
    let is_other = |character: u8| matches!(character, b':' | b'@'..=b'[');
    let others = authority
        .bytes()
        .map(|character| u8::from(is_other(character)));
    others.fold(0, |all, other| all | other) == 0
}

#[cold]
#[inline(never)]
fn find_normalized<'m, V>(
    map: &'m Map<V>,
    request: &RequestHead<'_>,
    default_port: u16,
) -> Option<&'m V> {
    let mut text = AuthorityBuffer::default();
    write_authority(request.host()?, request.port()?, default_port, &mut text).ok()?;
    map.get(text.as_str()?)
}

const HTTPS: u16 = 443;
const HTTP: u16 = 80;

/// Writes the normalized `host`, with brackets around an IPv6 address, and `port` unless it is
/// `default_port`.
fn write_authority(host: &str, port: u16, default_port: u16, text: &mut impl Write) -> fmt::Result {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if let Some(address) = bare {
        let address: Ipv6Addr = address.parse().map_err(|_| fmt::Error)?;
        write!(text, "[{address}]")?;
    } else {
        let mut characters = host.chars();
        characters.try_for_each(|character| text.write_char(character.to_ascii_lowercase()))?;
    }
    if port == default_port {
        Ok(())
    } else {
        write!(text, ":{port}")
    }
}

/// The capacity for the longest authority: a name of 255 bytes (RFC 1035, 2.3.4), a colon and a
/// port.
struct AuthorityBuffer {
    bytes: [u8; 261],
    length: usize,
}

impl AuthorityBuffer {
    fn as_str(&self) -> Option<&str> {
        str::from_utf8(&self.bytes[..self.length]).ok()
    }
}

impl Default for AuthorityBuffer {
    fn default() -> Self {
        Self {
            bytes: [0; 261],
            length: 0,
        }
    }
}

impl Write for AuthorityBuffer {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let end = self.length + piece.len();
        let place = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        place.copy_from_slice(piece.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl<V> Default for Origins<V> {
    fn default() -> Self {
        Self {
            https: Map::default(),
            http: Map::default(),
        }
    }
}
