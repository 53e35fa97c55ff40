//! The commands that the server runs, each as one step.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use multi_auth::{Clock, SystemClock};
use redis::{FromRedisValue, ParsingError, Script, ScriptInvocation, Value};

use super::entry::{Names, Validity, Written};
use crate::{Lease, Wanted};

/// The scripts. Each is sent in full once per server, and then by its hash.
pub(super) struct Scripts {
    load: Script,
    lease: Script,
    acquire: Script,
    extend: Script,
    publish: Script,
    release: Script,
    pause: Script,
}

/// What a script returns about an entry.
pub(super) struct Answer {
    /// The time of the server, in milliseconds since 1970.
    pub(super) now: u64,
    pub(super) state: State,
    pub(super) revision: u64,
    published: u64,
    pub(super) failures: u32,
    pub(super) sealed: Option<Vec<u8>>,
    pause: u64,
    pub(super) holder: Option<u64>,
}

/// What the entry is to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Loaded,
    Newer,
    Taken,
    Held,
    Paused,
    /// The deadline has passed.
    Late,
}

impl FromRedisValue for State {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let word: String = FromRedisValue::from_redis_value(value)?;
        Ok(match word.as_str() {
            "loaded" => Self::Loaded,
            "newer" => Self::Newer,
            "taken" => Self::Taken,
            "held" => Self::Held,
            "paused" => Self::Paused,
            "late" => Self::Late,
            _ => return Err("an unknown answer of a script".into()),
        })
    }
}

impl Answer {
    /// How long ago the entry was published.
    pub(super) fn age(&self) -> Duration {
        Duration::from_millis(self.now.saturating_sub(self.published))
    }

    /// What is left of the pause.
    pub(super) fn pause(&self) -> Duration {
        Duration::from_millis(self.pause)
    }
}

impl FromRedisValue for Answer {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let (now, state, revision, published, failures, sealed, pause, holder) =
            FromRedisValue::from_redis_value(value)?;
        Ok(Self {
            now,
            state,
            revision,
            published,
            failures,
            sealed,
            pause,
            holder,
        })
    }
}

impl Scripts {
    pub(super) fn new() -> Self {
        let script = |source| Script::new(source);
        Self {
            load: script(concat!(
                include_str!("lua/entry.lua"),
                include_str!("lua/load.lua")
            )),
            lease: script(include_str!("lua/lease.lua")),
            acquire: script(concat!(
                include_str!("lua/entry.lua"),
                include_str!("lua/acquire.lua")
            )),
            extend: script(include_str!("lua/extend.lua")),
            publish: script(include_str!("lua/publish.lua")),
            release: script(include_str!("lua/release.lua")),
            pause: script(include_str!("lua/pause.lua")),
        }
    }

    pub(super) fn load(&self, names: &Names) -> ScriptInvocation<'_> {
        invocation(&self.load, names)
    }

    pub(super) fn lease(
        &self,
        names: &Names,
        lease: &Lease,
        limit: Duration,
    ) -> ScriptInvocation<'_> {
        let mut script = invocation(&self.lease, names);
        script.arg(lease.owner()).arg(milliseconds(limit));
        script
    }

    pub(super) fn acquire(
        &self,
        names: &Names,
        wanted: &Wanted,
        lease: &Lease,
        limit: Duration,
        deadline: u64,
    ) -> ScriptInvocation<'_> {
        let mut script = invocation(&self.acquire, names);
        script
            .arg(lease.owner())
            .arg(milliseconds(limit))
            .arg(wanted.newer_than())
            .arg(wanted.refused().unwrap_or(0))
            .arg(milliseconds(wanted.min_remaining()))
            .arg(deadline);
        script
    }

    pub(super) fn extend(
        &self,
        names: &Names,
        lease: &Lease,
        limit: Duration,
    ) -> ScriptInvocation<'_> {
        let mut script = invocation(&self.extend, names);
        script.arg(lease.owner()).arg(milliseconds(limit));
        script
    }

    pub(super) fn publish(
        &self,
        names: &Names,
        lease: &Lease,
        expected: u64,
        written: &Written,
        releases: bool,
    ) -> ScriptInvocation<'_> {
        let validity = match written.validity {
            Validity::Absent => String::new(),
            Validity::Unknown => "unknown".to_owned(),
            Validity::For(remaining) => milliseconds(remaining).to_string(),
        };
        let mut script = invocation(&self.publish, names);
        script
            .arg(lease.owner())
            .arg(expected)
            .arg(&written.sealed)
            .arg(validity)
            .arg(written.kept.map_or(0, milliseconds))
            .arg(u8::from(releases));
        script
    }

    pub(super) fn release(&self, names: &Names, lease: &Lease) -> ScriptInvocation<'_> {
        let mut script = invocation(&self.release, names);
        script.arg(lease.owner());
        script
    }

    pub(super) fn pause(
        &self,
        names: &Names,
        lease: &Lease,
        pause: Duration,
    ) -> ScriptInvocation<'_> {
        let mut script = invocation(&self.pause, names);
        script.arg(lease.owner()).arg(milliseconds(pause));
        script
    }
}

fn invocation<'a>(script: &'a Script, names: &Names) -> ScriptInvocation<'a> {
    let mut invocation = script.prepare_invoke();
    invocation.key(&names.entry).key(&names.lease);
    invocation
}

/// At least 1: the server refuses 0.
fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis())
        .unwrap_or(u64::MAX >> 11)
        .clamp(1, u64::MAX >> 11)
}

/// The time of the server's clock after which the server gives no lease, because the caller has
/// stopped waiting. Without it, a server that resumes would give leases to processes that no longer
/// want them.
pub(super) struct Deadline {
    /// The server's clock less this machine's, in milliseconds; `i64::MIN` while it is unknown.
    offset: AtomicI64,
}

impl Deadline {
    pub(super) fn new() -> Self {
        Self {
            offset: AtomicI64::new(i64::MIN),
        }
    }

    /// `timeout` from now; 0 while the server's clock is unknown.
    pub(super) fn of(&self, timeout: Duration) -> u64 {
        match self.offset.load(Ordering::Relaxed) {
            i64::MIN => 0,
            offset => now()
                .saturating_add_signed(offset)
                .saturating_add(milliseconds(timeout)),
        }
    }

    pub(super) fn learn(&self, server: u64) {
        let offset = server.cast_signed().saturating_sub(now().cast_signed());
        self.offset.store(offset, Ordering::Relaxed);
    }
}

/// This machine's clock, in milliseconds since 1970.
fn now() -> u64 {
    let since = SystemClock.wall().duration_since(SystemTime::UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
