//! Whether a connection is in use.

mod body;

pub(crate) use self::body::CallerBody;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::progress::quiet_for;

/// How a connection is used. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Usage(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    counts: Mutex<Counts>,
    /// Whether bytes may have been written that the system does not have yet.
    is_unsent: AtomicBool,
}

#[derive(Debug)]
struct Counts {
    /// The requests that are under way.
    requests: usize,
    /// The bodies of requests that may still arrive.
    bodies: usize,
    /// The requests of the current [phase of service](Usage::begin_serving).
    served: usize,
    /// The bodies that could still arrive when hyper was polled. It knows the end of those only
    /// that ended before: until the next poll, it takes what arrives for the rest of the others.
    bodies_before: usize,
    /// When a request ended, or a part of its body arrived before.
    last: Instant,
    /// When bytes were written.
    written: Instant,
    /// What waits until all bodies have ended.
    resting: Option<Waker>,
}

/// A request that is under way on a connection.
#[derive(Debug)]
pub(crate) struct Active(Usage);

impl Usage {
    pub(crate) fn new() -> Self {
        let counts = Counts {
            requests: 0,
            bodies: 0,
            served: 0,
            bodies_before: 0,
            last: now(),
            written: now(),
            resting: None,
        };
        Self(Arc::new(Shared {
            counts: Mutex::new(counts),
            is_unsent: AtomicBool::new(false),
        }))
    }

    /// Begins a request, which ends when the result is dropped.
    pub(crate) fn begin(&self) -> Active {
        let mut counts = self.counts();
        counts.requests += 1;
        counts.served += 1;
        drop(counts);
        Active(self.clone())
    }

    /// Notes that requests of the connection are served from now on.
    pub(crate) fn begin_serving(&self) {
        self.counts().served = 0;
    }

    /// Notes that the connection is polled.
    pub(crate) fn note_poll(&self) {
        let mut counts = self.counts();
        counts.bodies_before = counts.bodies;
    }

    /// Notes that a part of a body has arrived. After the response, the rest has no more time than
    /// the connection may be idle.
    fn note_arrived(&self) {
        let mut counts = self.counts();
        if counts.requests > 0 {
            counts.last = now();
        }
    }

    pub(crate) fn note_written(&self) {
        self.counts().written = now();
    }

    pub(crate) fn set_unsent(&self, is_unsent: bool) {
        self.0.is_unsent.store(is_unsent, Ordering::Relaxed);
    }

    /// Waits until no request was under way for `limit`, and no bytes were written.
    pub(crate) async fn idle_for(&self, limit: Duration) {
        quiet_for(limit, || {
            let counts = self.counts();
            counts.idle().min(counts.written.elapsed())
        })
        .await;
    }

    /// The same for HTTP/2, where PINGs are written at any time: what is written does not count.
    pub(crate) async fn unused_for(&self, limit: Duration) {
        quiet_for(limit, || self.counts().idle()).await;
    }

    /// Waits until the connection was at rest for `limit`. Poll the result after what serves the
    /// connection, and call [`note_poll`](Self::note_poll) before: a request ends while that is
    /// polled.
    pub(crate) async fn at_rest_for(&self, limit: Duration) {
        let mut timer = pin!(sleep(limit));
        let mut is_set = false;
        poll_fn(|cx| {
            while let Some(rest) = self.rest(cx) {
                let Some(left) = limit.checked_sub(rest).filter(|left| !left.is_zero()) else {
                    if self.counts().bodies_before == 0 {
                        return Poll::Ready(());
                    }
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                };
                if !is_set {
                    timer.as_mut().reset(now() + left);
                    is_set = true;
                }
                ready!(timer.as_mut().poll(cx));
                is_set = false;
            }
            Poll::Pending
        })
        .await;
    }

    /// How long the connection has been at rest. It is if it has served a request, and nothing is
    /// under way: no request, no body of one, and no bytes of a response.
    fn rest(&self, cx: &Context<'_>) -> Option<Duration> {
        let mut counts = self.counts();
        if counts.bodies > 0 {
            counts.resting = Some(cx.waker().clone());
        }
        let is_at_rest = counts.served > 0 && counts.requests == 0 && counts.bodies == 0;
        let is_at_rest = is_at_rest && !self.0.is_unsent.load(Ordering::Relaxed);
        is_at_rest.then(|| counts.last.elapsed())
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        let counts = self.0.counts.lock();
        counts.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn idle(&self) -> Duration {
        if self.requests == 0 {
            self.last.elapsed()
        } else {
            Duration::ZERO
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the timers have this clock too")]
fn now() -> Instant {
    Instant::now()
}

impl Drop for Active {
    fn drop(&mut self) {
        let mut counts = self.0.counts();
        counts.requests -= 1;
        counts.last = now();
    }
}
