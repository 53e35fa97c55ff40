//! Subscribers that hear every event of their thread.

use std::sync::LazyLock;

use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Subscriber};

/// tracing caches whether a callsite has a subscriber. With only one subscriber, a test on another
/// thread would disable the callsites that it reaches first.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(tracing_subscriber::registry()));

/// Makes `subscriber` the subscriber of this thread until the guard is dropped.
pub fn listen(subscriber: impl Subscriber + Send + Sync + 'static) -> DefaultGuard {
    LazyLock::force(&SECOND);
    let listening = tracing::subscriber::set_default(subscriber);
    // Another test may have disabled a callsite while the second subscriber was made.
    tracing::callsite::rebuild_interest_cache();
    listening
}
