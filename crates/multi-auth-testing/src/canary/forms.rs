//! The forms in which a part of a secret may appear.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// `piece` in each form, with the form's name.
pub(super) fn of(piece: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = vec![
        ("plain text", piece.to_vec()),
        ("upper case", piece.to_ascii_uppercase()),
        ("lower case", piece.to_ascii_lowercase()),
        (
            "hexadecimal",
            joined(piece, "", |byte| format!("{byte:02x}")),
        ),
        (
            "hexadecimal",
            joined(piece, "", |byte| format!("{byte:02X}")),
        ),
        (
            "percent-encoding",
            joined(piece, "", |byte| format!("%{byte:02x}")),
        ),
        (
            "percent-encoding",
            joined(piece, "", |byte| format!("%{byte:02X}")),
        ),
        (
            "a list of bytes",
            joined(piece, ", ", |byte| byte.to_string()),
        ),
        (
            "a list of bytes",
            joined(piece, ",", |byte| byte.to_string()),
        ),
    ];
    for offset in 0..3 {
        forms.push(("base64", inner(&STANDARD, piece, offset)));
        forms.push(("base64 for URLs", inner(&URL_SAFE, piece, offset)));
    }
    forms
}

pub(super) fn joined(piece: &[u8], between: &str, spelled: impl Fn(u8) -> String) -> Vec<u8> {
    let spelled: Vec<_> = piece.iter().map(|&byte| spelled(byte)).collect();
    spelled.join(between).into_bytes()
}

/// The base64 characters that depend on `piece` only, if `offset` bytes (modulo 3) come before it.
fn inner(base64: &impl Engine, piece: &[u8], offset: usize) -> Vec<u8> {
    let before = vec![0; offset];
    let encoded = base64.encode([&before, piece].concat());
    let from = (offset * 8).div_ceil(6);
    let to = (offset + piece.len()) * 8 / 6;
    encoded.as_bytes()[from..to].to_vec()
}
