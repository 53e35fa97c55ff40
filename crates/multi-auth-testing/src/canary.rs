//! A secret that a test can find in any output: a log, an error, a request to another host.
//!
//! ```
//! use multi_auth_testing::Canary;
//!
//! let key = Canary::new("vendor-key");
//! let log = format!("connecting with {}", key.as_str());
//!
//! assert!(key.find_in(&log).is_some());
//! assert_eq!(key.find_in("connecting with ****"), None);
//! ```

use std::collections::BTreeMap;
use std::fmt;

mod forms;
#[cfg(test)]
mod tests;

/// A secret with a unique marker.
///
/// Canaries with the same label are equal, so outputs stay the same from run to run.
#[derive(Clone, PartialEq, Eq)]
pub struct Canary {
    label: String,
    text: String,
    needles: Needles,
}

/// The texts to search for, by their first byte, so that one pass over an output finds any of them.
type Needles = BTreeMap<u8, Vec<(&'static str, Vec<u8>)>>;

/// The length of the marker in bytes: letters of both cases and digits.
const MARKER: usize = 20;

/// How many consecutive bytes of the marker count as a leak.
const TELLING: usize = 8;

impl Canary {
    /// A canary of the form `<label>-<marker>`. The label itself may be shown.
    #[must_use]
    pub fn new(label: &str) -> Self {
        let marker = marker(label);
        let mut needles = Needles::new();
        for (form, needle) in marker.as_bytes().windows(TELLING).flat_map(forms::of) {
            needles.entry(needle[0]).or_default().push((form, needle));
        }
        Self {
            label: label.to_owned(),
            text: format!("{label}-{marker}"),
            needles,
        }
    }

    /// The secret to pass to the code under test.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Finds eight consecutive bytes of the marker in `output`: as text in either case,
    /// percent-encoded, in base64 (also inside a longer value), in hexadecimal, or as a list of
    /// numbers. Returns the first match.
    #[must_use]
    pub fn find_in(&self, output: impl AsRef<[u8]>) -> Option<Leak> {
        let output = output.as_ref();
        (0..output.len()).find_map(|at| {
            let rest = &output[at..];
            let needles = self.needles.get(&rest[0])?;
            let (form, _) = needles
                .iter()
                .find(|(_, needle)| rest.starts_with(needle))?;
            Some(Leak { form, at })
        })
    }
}

/// Where a canary was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// The form of the match, such as "base64" or "plain text".
    pub form: &'static str,
    /// The offset of the match in the output, in bytes.
    pub at: usize,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a secret as {} at byte {}", self.form, self.at)
    }
}

/// Prints only the label.
impl fmt::Debug for Canary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Canary({})", self.label)
    }
}

/// Derives letters and digits from `label` (FNV-1a, then a linear congruential generator).
fn marker(label: &str) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let hashed = label.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut state = hashed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(LETTERS[usize::from((state >> 56) as u8) % LETTERS.len()])
    };
    (0..MARKER).map(|_| next()).collect()
}
