//! Percent-decoding (RFC 3986, 2.1) without an allocation.

/// The bytes of `encoded` with every `%2e` as the byte it stands for.
pub(crate) fn decoded<I: Iterator<Item = u8> + Clone>(encoded: I) -> Decoded<I> {
    Decoded(encoded)
}

#[derive(Clone)]
pub(crate) struct Decoded<I>(I);

impl<I: Iterator<Item = u8> + Clone> Iterator for Decoded<I> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let byte = self.0.next()?;
        if byte != b'%' {
            return Some(byte);
        }
        let mut ahead = self.0.clone();
        let mut digit = || char::from(ahead.next()?).to_digit(16);
        let Some((high, low)) = digit().zip(digit()) else {
            return Some(byte);
        };
        self.0 = ahead;
        u8::try_from(high * 16 + low).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_and_the_rest_stays() {
        for (encoded, expected) in [
            ("", ""),
            ("a%2Fb%2fc", "a/b/c"),
            ("%", "%"),
            ("%2", "%2"),
            ("%zz%41", "%zzA"),
            ("%%41", "%A"),
            ("%252e", "%2e"),
        ] {
            let bytes: Vec<u8> = decoded(encoded.bytes()).collect();
            assert_eq!(bytes, expected.as_bytes(), "{encoded}");
        }
    }
}
