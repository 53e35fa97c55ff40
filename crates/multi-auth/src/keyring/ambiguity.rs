//! Detects paths that servers resolve in different ways: `/v1/%2e%2e/admin`, `/v1/..;/admin`,
//! `/v1/．．/admin`.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// Whether a server may resolve `path` to another path.
///
/// It may if `path` has a dot segment whose dots are encoded, in overlong UTF-8, in a compatibility
/// form of Unicode (NFKC), in an escape (`%u002e`, `\u002e`), or before `;`, `:`, a space or a
/// similar character.
///
/// A keyring refuses such a path below a bound path. A program with rules for paths refuses it
/// everywhere.
///
/// ```
/// use multi_auth::adapter::is_ambiguous_path;
///
/// assert!(is_ambiguous_path("/v1/%2e%2e/admin"));
/// assert!(is_ambiguous_path("/v1/..;/admin"));
/// assert!(!is_ambiguous_path("/v1/a..b/%20c"));
/// ```
#[must_use]
pub fn is_ambiguous_path(path: &str) -> bool {
    let path = decoded(path);
    let is_encoded_further = !path.iter().copied().eq(percent_decode(&path));
    is_encoded_further || has_dot_segment(characters(path.iter().copied()))
}

/// Whether a service that appends `target` to an origin may send the request to another origin:
/// `//evil.example`, `/\evil.example`, `/.//evil.example`, `.evil.example`.
pub(super) fn may_lead_elsewhere(target: &str) -> bool {
    if !target.starts_with('/') {
        return true;
    }
    let is_read = |character: &Character| {
        !character.is_ok_and(|character| is_dropped(character) || is_ignored(character))
    };
    let target_read = decoded(target);
    let characters = || characters(target_read.iter().copied()).filter(is_read);
    let mut pairs = characters().zip(characters().skip(1));
    let is_doubled = |(one, other)| is_slash(one) && is_slash(other);
    // A server that removes dot segments may move a doubled slash to the start.
    pairs.next().is_some_and(is_doubled) || (pairs.any(is_doubled) && is_ambiguous_path(target))
}

/// `path`, percent-decoded three times, as by three servers in a row.
fn decoded(path: &str) -> Cow<'_, [u8]> {
    let mut path = Cow::Borrowed(path.as_bytes());
    for _ in 0..3 {
        // Only a path with an encoded character is copied.
        if let Cow::Owned(decoded) = percent_decode(&path).into() {
            path = Cow::Owned(decoded);
        }
    }
    path
}

/// What the segment consists of so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Start,
    /// Only dots.
    Dots,
    /// A percent sign that encodes nothing, as in `%u002e`.
    Percent,
    /// A full-width percent sign, which encodes what follows once it is normalized.
    WidePercent,
    /// A backslash: a separator, or the start of an escape.
    Backslash,
    /// `\u` or `\x`.
    Escape,
    /// The same with a digit.
    Hexadecimal,
    Other,
}

fn has_dot_segment(characters: impl Iterator<Item = Character>) -> bool {
    let mut segment = Segment::Start;
    let mut before = Ok('/');
    for character in characters {
        if is_overlong(before, character) {
            return true;
        }
        before = character;
        let Ok(character) = character else {
            segment = Segment::Other;
            continue;
        };
        if is_ignored(character) {
            continue;
        }
        if is_ambiguous_at(segment, character) {
            return true;
        }
        segment = next_segment(segment, character);
    }
    segment == Segment::Dots
}

/// Whether `character` makes what precedes it ambiguous.
fn is_ambiguous_at(segment: Segment, character: char) -> bool {
    match segment {
        _ if is_dropped(character) => true,
        Segment::Dots => !is_dot(character) && ends_dots(character),
        Segment::Percent => matches!(character, 'u' | 'U'),
        Segment::WidePercent => character.is_ascii_hexdigit() || matches!(character, 'u' | 'U'),
        Segment::Escape => character == '{',
        Segment::Hexadecimal => character.is_ascii_hexdigit(),
        Segment::Start | Segment::Backslash | Segment::Other => false,
    }
}

fn next_segment(segment: Segment, character: char) -> Segment {
    match (segment, character) {
        (_, '\\' | '\u{fe68}' | '\u{ff3c}') => Segment::Backslash,
        (_, slash) if is_slash(Ok(slash)) => Segment::Start,
        (Segment::Start | Segment::Backslash | Segment::Dots, dot) if is_dot(dot) => Segment::Dots,
        (Segment::Backslash, 'u' | 'U' | 'x' | 'X') => Segment::Escape,
        (Segment::Escape, digit) if digit.is_ascii_hexdigit() => Segment::Hexadecimal,
        (_, '%') => Segment::Percent,
        (_, '\u{fe6a}' | '\u{ff05}') => Segment::WidePercent,
        _ => Segment::Other,
    }
}

/// Dots, and characters that NFKC turns into dots.
fn is_dot(character: char) -> bool {
    matches!(
        character,
        '.' | '\u{2024}'
            ..='\u{2026}' | '\u{fe19}' | '\u{fe30}' | '\u{fe52}' | '\u{ff0e}'
        // Host names treat these as dots.
        | '\u{3002}' | '\u{ff61}'
    )
}

/// Slashes and backslashes, and characters that NFKC or a legacy charset turns into them.
fn is_slash(character: Character) -> bool {
    matches!(
        character,
        Ok('/'
            | '\\'
            | '\u{2044}'
            | '\u{2215}'
            | '\u{2216}'
            | '\u{fe68}'
            | '\u{ff0f}'
            | '\u{ff3c}')
    )
}

/// Whether some servers end a segment at `character` after dots.
fn ends_dots(character: char) -> bool {
    match character {
        '/' | '\\' | ';' | ':' | '?' | '#' | ' ' => true,
        _ if character.is_ascii() => character.is_ascii_control(),
        _ => !character.is_alphanumeric(),
    }
}

/// Whether URL parsers drop `character` before they parse (URL standard, 4.4): `%09..`.
fn is_dropped(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r')
}

/// The most common ignorable characters of Unicode (`Default_Ignorable_Code_Point`).
fn is_ignored(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// A character, or a byte that is not UTF-8.
type Character = Result<char, u8>;

/// The characters in `bytes`, and each byte that is not UTF-8.
fn characters(mut bytes: impl Iterator<Item = u8> + Clone) -> impl Iterator<Item = Character> {
    std::iter::from_fn(move || {
        let first = bytes.next()?;
        let length = match first {
            0..=0x7f => return Some(Ok(char::from(first))),
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return Some(Err(first)),
        };
        let mut ahead = bytes.clone();
        let mut buffer = [first; 4];
        for place in &mut buffer[1..length] {
            *place = ahead.next().unwrap_or_default();
        }
        let text = str::from_utf8(&buffer[..length]).ok();
        let Some(character) = text.and_then(|text| text.chars().next()) else {
            return Some(Err(first));
        };
        bytes = ahead;
        Some(Ok(character))
    })
}

/// Whether `character` is part of overlong UTF-8, which lenient decoders accept as another
/// character.
fn is_overlong(before: Character, character: Character) -> bool {
    matches!(
        (before, character),
        (_, Err(0xc0 | 0xc1 | 0xf5..))
            | (Err(0xe0), Err(0x80..=0x9f))
            | (Err(0xf0), Err(0x80..=0x8f))
    )
}

#[cfg(test)]
mod tests;
