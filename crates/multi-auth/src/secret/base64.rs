//! Base64 (RFC 4648, 4) in memory that is wiped when dropped: it always carries a secret.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use base64::{decoded_len_estimate, encoded_len};
use secrecy::zeroize::Zeroizing;

/// Encodes `bytes`, with padding.
pub(crate) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    // The whole length at once: a buffer that grows leaves an unwiped copy.
    let length = encoded_len(bytes.len(), true).unwrap_or_default();
    let mut buffer = Zeroizing::new(vec![0; length]);
    // The buffer is large enough, and base64 is ASCII.
    let _ = STANDARD.encode_slice(bytes, &mut buffer);
    Zeroizing::new(String::from_utf8(std::mem::take(&mut *buffer)).unwrap_or_default())
}

/// Decodes `text`, with or without padding. `None` if it is not base64, or has trailing bits that
/// are not zero.
pub(crate) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let engine = if text.ends_with('=') {
        &STANDARD
    } else {
        &STANDARD_NO_PAD
    };
    let mut bytes = Zeroizing::new(vec![0; decoded_len_estimate(text.len())]);
    let length = engine.decode_slice(text, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
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
    fn every_byte_is_decoded_as_it_was_encoded() {
        let bytes: Vec<u8> = (0..=255).rev().collect();
        for length in 0..=bytes.len() {
            let bytes = &bytes[..length];
            assert_eq!(decode(&encode(bytes)).unwrap().as_slice(), bytes);
        }
    }

    #[test]
    fn invalid_base64_is_refused() {
        for text in [
            "Z", "Zg=", "Zg===", "=", "====", "Zm9v====", "Zm9vY", "Zm9=v", "Zg==Zg==", "Zm9_",
            "Zm9-", "Zm 9", "Zm9v\n", "Zmü", // and bits beyond the last byte:
            "Zh==", "Zm9vYh==", "Zm9vYmF=", "Zh",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
