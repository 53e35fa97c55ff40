//! The frame of a DER element (X.690, 8.1): tag, length, content.

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const INTEGER: u8 = 0x02;

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
