//! What to do with the response to a tracked request.

use http::StatusCode;

use super::Next;
use super::refreshing::{Refreshing, Refused};
use super::tracked::Tracked;
use crate::adapter::history::History;
use crate::adapter::outcome::{NotReplayed, Outcome};
use crate::telemetry::metrics::Tag;
use crate::{ResponseHead, Verdict};

/// What to do with `response`, the response to the attempt `tracked`.
#[expect(
    clippy::boxed_local,
    reason = "it is moved out of its box after a refusal only"
)]
#[inline]
pub(super) fn on_response<C>(
    tracked: Box<Tracked<C>>,
    tag: Tag,
    response: &ResponseHead<'_>,
) -> Next<C> {
    let status = response.status();
    match tracked.asked.judge(&tracked.id, response) {
        Verdict::Accept => {
            let history = tracked.asked.history;
            Next::Deliver(history.map(|history| history.replayed(tag, status)))
        }
        verdict => on_refusal(*tracked, tag, status, verdict),
    }
}

#[cold]
fn on_refusal<C>(tracked: Tracked<C>, tag: Tag, status: StatusCode, verdict: Verdict) -> Next<C> {
    let Tracked {
        asked, id, copy, ..
    } = tracked;
    let deliver = |why| {
        // After a replay, the outcome tells about the replay.
        Next::Deliver(Some(match asked.history {
            Some(history) => history.refused(tag, why),
            None => Outcome::refused(tag, status, why),
        }))
    };
    if let Verdict::Reject(why) = verdict {
        return deliver(NotReplayed::Rejected(why));
    }
    let reasons = verdict.reasons();
    let before = asked.history.unwrap_or_else(|| History::new(status));
    let Some(history) = before.and(reasons) else {
        return deliver(NotReplayed::RefusedAgain);
    };
    let Some(copy) = copy else {
        return deliver(if asked.may_be_replayed {
            NotReplayed::BodyNotReplayable
        } else {
            NotReplayed::UnsafeMethod
        });
    };
    let refused = Refused {
        asked,
        id,
        tag,
        status,
        history,
        reasons,
    };
    Next::Refresh(Refreshing::new(refused), copy)
}
