//! Finds an origin by its authority: as written if that is the normalized spelling, else normalized
//! by the URL standard.

use std::fmt::{self, Write};
use std::net::Ipv6Addr;

use url::Url;

use super::map::Map;
use crate::RequestHead;

/// A map from origins. The key is the normalized authority: names in lower case, IPv6 addresses as
/// `Ipv6Addr` prints them, and the port unless it is the scheme's default.
#[derive(Debug)]
pub(super) struct Origins<V> {
    secure: Map<V>,
    plain: Map<V>,
}

impl<V: Default> Origins<V> {
    /// The value for the origin of `url`, which is http or https; created if there is none.
    pub(super) fn entry(&mut self, url: &Url) -> &mut V {
        let (map, own) = match url.scheme() {
            "https" => (&mut self.secure, HTTPS),
            _ => (&mut self.plain, HTTP),
        };
        let mut text = String::new();
        let host = url.host_str().unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = spell(host, url.port().unwrap_or(own), own, &mut text);
        map.entry(&text)
    }
}

impl<V> Origins<V> {
    /// All origins, as URLs, with their values, in arbitrary order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (String, &V)> {
        let secure = self.secure.iter();
        let secure = secure.map(|(authority, value)| (format!("https://{authority}"), value));
        let plain = self.plain.iter();
        secure.chain(plain.map(|(authority, value)| (format!("http://{authority}"), value)))
    }

    /// The value for the origin of `request`.
    #[inline(always)]
    pub(super) fn get(&self, request: &RequestHead<'_>) -> Option<&V> {
        let (is_secure, authority) = request.origin()?;
        let (map, own) = if is_secure {
            (&self.secure, HTTPS)
        } else {
            (&self.plain, HTTP)
        };
        match map.get(authority) {
            None if is_usual(authority) => None,
            None => find_otherwise_spelled(map, request, own),
            found => found,
        }
    }
}

/// Whether `authority` is certainly normalized, so that no other spelling is looked up.
fn is_usual(authority: &str) -> bool {
    // `@` to `[` includes the capitals. There is no early exit, so that the compiler checks 16
    // bytes at a time.
    let is_other = |letter: u8| matches!(letter, b':' | b'@'..=b'[');
    let others = authority.bytes().map(|letter| u8::from(is_other(letter)));
    others.fold(0, |all, other| all | other) == 0
}

#[cold]
#[inline(never)]
fn find_otherwise_spelled<'m, V>(
    map: &'m Map<V>,
    request: &RequestHead<'_>,
    own: u16,
) -> Option<&'m V> {
    let mut text = Text::default();
    spell(request.host()?, request.port()?, own, &mut text).ok()?;
    map.get(text.as_str()?)
}

const HTTPS: u16 = 443;
const HTTP: u16 = 80;

/// Writes `host` normalized, an IPv6 address in brackets, and `port` unless it is the default of
/// the scheme, `own`.
fn spell(host: &str, port: u16, own: u16, text: &mut impl Write) -> fmt::Result {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if let Some(address) = bare {
        let address: Ipv6Addr = address.parse().map_err(|_| fmt::Error)?;
        write!(text, "[{address}]")?;
    } else {
        let mut letters = host.chars();
        letters.try_for_each(|letter| text.write_char(letter.to_ascii_lowercase()))?;
    }
    if port == own {
        Ok(())
    } else {
        write!(text, ":{port}")
    }
}

/// The capacity for the longest authority: a name of 255 bytes (RFC 1035, 2.3.4), a colon and a
/// port.
struct Text {
    bytes: [u8; 261],
    length: usize,
}

impl Text {
    fn as_str(&self) -> Option<&str> {
        str::from_utf8(&self.bytes[..self.length]).ok()
    }
}

impl Default for Text {
    fn default() -> Self {
        Self {
            bytes: [0; 261],
            length: 0,
        }
    }
}

impl Write for Text {
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
            secure: Map::default(),
            plain: Map::default(),
        }
    }
}
