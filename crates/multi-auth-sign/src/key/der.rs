//! The frame of a DER element (X.690, 8.1): tag, length, content.

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// `id-RSASSA-PSS`, 1.2.840.113549.1.1.10 (RFC 4055, 1.2).
const RSASSA_PSS: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];

/// The content of the DER element `der` begins with, and what follows it.
pub(super) fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        // So many bytes of length follow.
        let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let length = length.iter();
        let length = length.fold(0, |length, byte| length << 8 | usize::from(*byte));
        (length, rest)
    };
    (found == tag).then(|| rest.split_at_checked(length))?
}

/// The PKCS#1 key in a PKCS#8 key that may sign RSASSA-PSS only (RFC 4055, 1.2). `None` for other
/// keys, and for one whose parameters prescribe a hash.
pub(super) fn pss_key(pkcs8: &[u8]) -> Option<&[u8]> {
    let (content, _) = element(SEQUENCE, pkcs8)?;
    let (_version, rest) = element(INTEGER, content)?;
    let (algorithm, rest) = element(SEQUENCE, rest)?;
    let (name, parameters) = element(OBJECT_IDENTIFIER, algorithm)?;
    let (key, _) = element(OCTET_STRING, rest)?;
    (name == RSASSA_PSS && parameters.is_empty()).then_some(key)
}
