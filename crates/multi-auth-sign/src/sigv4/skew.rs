//! How far this machine's clock is off, as refusals tell.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use http::StatusCode;
use http::header::{AGE, DATE};
use multi_auth::{CredentialId, Generation, ResponseHead};

use super::refusal;

/// The smallest correction. AWS accepts a difference of five minutes, and S3 one of fifteen.
const LEAST: Duration = Duration::from_secs(4 * 60);

/// The most earlier corrections that are remembered.
const EARLIER: usize = 8;

/// How far the vendor's clock is ahead of this machine's.
pub(super) struct Skew(ArcSwap<Epoch>);

/// One value of the skew. Requests that were signed with it have its generation in their ID.
#[derive(Clone)]
struct Epoch {
    seconds: i64,
    generation: Generation,
    earlier: Vec<Generation>,
}

/// What a refusal says about the time of a signature.
#[derive(PartialEq, Eq)]
pub(super) enum Lesson {
    /// The signature is not this signer's.
    Foreign,
    /// The time was right, or the refusal does not say.
    Nothing,
    /// The time was wrong, and is right now.
    Corrected,
}

impl Default for Skew {
    fn default() -> Self {
        Self(ArcSwap::from_pointee(Epoch {
            seconds: 0,
            generation: Generation::next(),
            earlier: Vec::new(),
        }))
    }
}

impl Skew {
    /// The correction in seconds, and the generation of signatures with it.
    pub(super) fn current(&self) -> (i64, Generation) {
        let epoch = self.0.load();
        (epoch.seconds, epoch.generation)
    }

    /// Learns from `response` to the request with the ID `id`, at the time `now`.
    pub(super) fn learn(
        &self,
        id: &CredentialId,
        response: &ResponseHead<'_>,
        now: SystemTime,
    ) -> Lesson {
        let epoch = self.0.load();
        let is_current = id.holds(epoch.generation);
        if !is_current && !epoch.earlier.iter().any(|earlier| id.holds(*earlier)) {
            return Lesson::Foreign;
        }
        let Some(ahead) = ahead(response, now) else {
            return Lesson::Nothing;
        };
        if Duration::from_secs(ahead.abs_diff(epoch.seconds)) < LEAST {
            // Another refusal has corrected the time since this request was signed.
            return if is_current {
                Lesson::Nothing
            } else {
                Lesson::Corrected
            };
        }
        let mut earlier = vec![epoch.generation];
        earlier.extend(epoch.earlier.iter().take(EARLIER - 1));
        self.0.store(std::sync::Arc::new(Epoch {
            seconds: ahead,
            generation: Generation::next(),
            earlier,
        }));
        tracing::warn!(
            name: "multi_auth.clock.corrected",
            seconds = ahead,
            "this machine's clock is off the vendor's: signatures use the vendor's time"
        );
        Lesson::Corrected
    }
}

/// How many seconds the vendor's clock is ahead, if `response` is a refusal that may be about time.
fn ahead(response: &ResponseHead<'_>, now: SystemTime) -> Option<i64> {
    let refusals = [
        StatusCode::BAD_REQUEST,
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
    ];
    // A response from a cache has an old date.
    if !refusals.contains(&response.status())
        || response.headers().contains_key(AGE)
        || !refusal::may_be_of_time(response)
    {
        return None;
    }
    let date = response.headers().get(DATE)?.to_str().ok()?;
    let vendor = httpdate::parse_http_date(date).ok()?;
    Some(seconds(vendor) - seconds(now))
}

fn seconds(time: SystemTime) -> i64 {
    let since = |length: Duration| i64::try_from(length.as_secs()).unwrap_or(i64::MAX / 2);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => since(after),
        Err(before) => -since(before.duration()),
    }
}
