//! The order of the `x-ms-*` fields in a signature.

use std::cmp::Ordering;

/// Compares the names of two fields, in lower case, as the service does: it sorts them as .NET
/// sorts English text, not by their bytes
/// ([Azure SDK](https://github.com/Azure/azure-sdk-for-net/issues/41328)).
///
/// Marks come before digits, and digits before letters. Hyphens and apostrophes count only between
/// names that are equal without them.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let by_letters = letters(one).cmp(letters(other));
    by_letters.then_with(|| one.bytes().map(minor).cmp(other.bytes().map(minor)))
}

/// The marks that a field name may have (RFC 9110, 5.6.2), in the order of .NET.
const MARKS: &[u8] = b"!#$%&*.^_`|~+";

/// What counts first in a name.
fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| minor(*byte) == 0).map(|byte| {
        let mark = MARKS.iter().zip(0..).find(|(mark, _)| **mark == byte);
        // The bytes of digits and letters are greater.
        mark.map_or(byte, |(_, at)| at)
    })
}

/// What counts last in a name. Letters are less than a hyphen, so the name with the later hyphen
/// comes first.
fn minor(byte: u8) -> u8 {
    match byte {
        b'\'' => 1,
        b'-' => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order that the service gave
    /// ([Azure SDK](https://github.com/Azure/azure-sdk-for-python/pull/33951)).
    const SORTED: [&str; 13] = [
        "test", "test-", "test--", "test_-", "test-_", "test__", "test_a", "test_a-", "test-_a",
        "test_a_", "test_a-_", "test_z", "test-a",
    ];

    #[test]
    fn names_have_the_order_of_the_service() {
        for (at, one) in SORTED.iter().enumerate() {
            for (other_at, other) in SORTED.iter().enumerate() {
                assert_eq!(compare(one, other), at.cmp(&other_at), "{one} {other}");
            }
        }
    }

    #[test]
    fn an_underscore_comes_before_a_digit_and_a_digit_before_a_letter() {
        // https://github.com/Azure/azure-sdk-for-python/issues/10277
        for (one, other) in [("i_", "i0"), ("foo_bar", "foo2_bar"), ("a9", "aa")] {
            assert_eq!(compare(one, other), Ordering::Less);
        }
    }

    #[test]
    fn a_hyphen_counts_less_than_the_letter_after_it() {
        assert_eq!(compare("x-ms-meta-aa", "x-ms-meta-a-b"), Ordering::Less);
        assert_eq!(compare("x-ms-meta-a'", "x-ms-meta-a-"), Ordering::Less);
    }
}
