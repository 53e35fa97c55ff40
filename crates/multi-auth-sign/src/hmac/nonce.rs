//! Numbers that are used once.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::sync::{AtomicU64, Ordering};
use crate::{SignError, random};

/// How the name `{nonce}` of a template is made. Each request, replay and redirect has its own.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum NonceFormat {
    /// 128 random bits in hexadecimal.
    #[default]
    Hex,
    /// A random UUID (RFC 9562, 5.4).
    Uuid,
    /// 128 random bits in base64.
    Base64,
    /// The time in milliseconds since 1970, and always more than the last one of this signer.
    IncreasingMilliseconds,
    /// The time in microseconds since 1970, and always more than the last one of this signer.
    IncreasingMicroseconds,
    /// What your function returns.
    Custom(Arc<dyn Fn() -> String + Send + Sync>),
}

impl fmt::Debug for NonceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hex => "Hex",
            Self::Uuid => "Uuid",
            Self::Base64 => "Base64",
            Self::IncreasingMilliseconds => "IncreasingMilliseconds",
            Self::IncreasingMicroseconds => "IncreasingMicroseconds",
            Self::Custom(_) => "Custom",
        })
    }
}

/// The nonces of one signer.
pub(crate) struct Nonces {
    format: NonceFormat,
    last: AtomicU64,
}

impl Nonces {
    pub(crate) fn new(format: NonceFormat) -> Self {
        let last = AtomicU64::new(0);
        Self { format, last }
    }

    pub(crate) fn next(&self, now: SystemTime) -> Result<String, SignError> {
        let since = now
            .duration_since(UNIX_EPOCH)
            .map_err(|_| SignError::Clock)?;
        Ok(match &self.format {
            NonceFormat::Hex => hex::encode(random::bits()?),
            NonceFormat::Uuid => uuid(random::bits()?),
            NonceFormat::Base64 => STANDARD.encode(random::bits()?),
            NonceFormat::IncreasingMilliseconds => self.increased(since.as_millis()),
            NonceFormat::IncreasingMicroseconds => self.increased(since.as_micros()),
            NonceFormat::Custom(next) => next(),
        })
    }

    /// `now`, or the last number and one more.
    fn increased(&self, now: u128) -> String {
        let now = u64::try_from(now).unwrap_or(u64::MAX);
        let next = |last: u64| now.max(last.saturating_add(1));
        let update = |last| Some(next(last));
        let last = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
        next(last.unwrap_or_default()).to_string()
    }
}

/// The UUID of version 4 with these random bits.
fn uuid(mut bits: [u8; 16]) -> String {
    bits[6] = bits[6] & 0x0f | 0x40;
    bits[8] = bits[8] & 0x3f | 0x80;
    let mut text = hex::encode(bits);
    for at in [20, 16, 12, 8] {
        text.insert(at, '-');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use super::*;

    const NOW: SystemTime = UNIX_EPOCH;

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        let text = uuid([0xff; 16]);
        assert_eq!(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn random_nonces_differ() {
        for format in [NonceFormat::Hex, NonceFormat::Uuid, NonceFormat::Base64] {
            let nonces = Nonces::new(format);
            let all: HashSet<_> = (0..100).map(|_| nonces.next(NOW).unwrap()).collect();
            assert_eq!(all.len(), 100);
        }
    }

    #[test]
    fn a_number_increases_even_if_the_clock_does_not() {
        let nonces = Nonces::new(NonceFormat::IncreasingMilliseconds);
        let now = NOW + Duration::from_millis(5);
        let times = [now, now, NOW, now + Duration::from_millis(9)];
        assert_eq!(
            times.map(|time| nonces.next(time).unwrap()),
            ["5", "6", "7", "14"]
        );
    }

    #[test]
    fn threads_never_share_a_number() {
        let nonces = Nonces::new(NonceFormat::IncreasingMicroseconds);
        let some = || {
            (0..1_000)
                .map(|_| nonces.next(NOW).unwrap())
                .collect::<Vec<_>>()
        };
        let all: HashSet<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(some)).collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(all.len(), 4_000);
    }
}

/// Every schedule of three threads that sign at the same time.
#[cfg(test)]
#[cfg(multi_auth_shuttle)]
mod interleavings {
    use std::collections::HashSet;

    use shuttle::thread;

    use super::*;

    #[test]
    fn no_number_repeats_and_each_thread_sees_them_increase() {
        let scenario = || {
            let nonces = Arc::new(Nonces::new(NonceFormat::IncreasingMilliseconds));
            let some = move |nonces: Arc<Nonces>| -> Vec<u64> {
                let numbers = (0..3).map(|_| nonces.next(UNIX_EPOCH).unwrap());
                numbers.map(|number| number.parse().unwrap()).collect()
            };
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let nonces = Arc::clone(&nonces);
                    thread::spawn(move || some(nonces))
                })
                .collect();
            let mut all = HashSet::new();
            for thread in threads {
                let numbers = thread.join().unwrap();
                assert!(numbers.is_sorted());
                all.extend(numbers);
            }
            assert_eq!(all.len(), 9);
        };
        shuttle::check_random(scenario, 5_000);
    }
}
