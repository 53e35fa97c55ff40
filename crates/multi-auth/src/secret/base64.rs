//! Base64 (RFC 4648, 4) in memory that is wiped, since what passes here is always a secret.

use secrecy::zeroize::Zeroizing;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes `bytes`, with padding.
pub(crate) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    // Room for all of it at once: a string that grows leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(3) * 4));
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place)) & 63;
            let is_padding = place > group.len();
            text.push(if is_padding {
                '='
            } else {
                char::from(ALPHABET[sextet as usize])
            });
        }
    }
    text
}

/// Decodes `text`, with its padding or without. `None` if it is not base64, or if bits are set
/// that no byte has.
pub(crate) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bare = text.trim_end_matches('=');
    let padding = text.len() - bare.len();
    if bare.len() % 4 == 1 || (padding > 0 && (padding > 2 || !text.len().is_multiple_of(4))) {
        return None;
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(bare.len().div_ceil(4) * 3));
    for group in bare.as_bytes().chunks(4) {
        let mut bits = 0;
        for place in 0..4 {
            bits = bits << 6 | group.get(place).map_or(Some(0), |&letter| sextet(letter))?;
        }
        let [_, decoded @ ..] = bits.to_be_bytes();
        let (whole, rest) = decoded.split_at(group.len() - 1);
        if rest.iter().any(|&byte| byte != 0) {
            return None;
        }
        bytes.extend_from_slice(whole);
    }
    Some(bytes)
}

fn sextet(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, 10.
    const VECTORS: [(&str, &str); 7] = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];

    #[test]
    fn the_vectors_of_the_rfc_hold_both_ways_with_padding_or_without() {
        for (plain, encoded) in VECTORS {
            assert_eq!(*encode(plain.as_bytes()), encoded);
            let bare = encoded.trim_end_matches('=');
            for text in [encoded, bare] {
                assert_eq!(decode(text).unwrap().as_slice(), plain.as_bytes(), "{text}");
            }
        }
    }

    #[test]
    fn every_byte_survives() {
        let bytes: Vec<u8> = (0..=255).rev().collect();
        for length in 0..=bytes.len() {
            let bytes = &bytes[..length];
            assert_eq!(decode(&encode(bytes)).unwrap().as_slice(), bytes);
        }
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        for text in [
            "Z", "Zg=", "Zg===", "=", "====", "Zm9v====", "Zm9vY", "Zm9=v", "Zg==Zg==", "Zm9_",
            "Zm9-", "Zm 9", "Zm9v\n", "Zmü", // and bits beyond the last byte:
            "Zh==", "Zm9vYh==", "Zm9vYmF=", "Zh",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
