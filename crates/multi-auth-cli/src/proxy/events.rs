//! What the operator does while the proxy serves: signals, and changes of the configuration.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::diagnostic::{Diagnostic, DiagnosticCode};

/// How often the configuration is looked at.
const EVERY: Duration = Duration::from_secs(2);

pub(super) struct Events {
    #[cfg(unix)]
    signals: Signals,
    file: PathBuf,
    seen: Option<Stamp>,
    looks: Interval,
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

/// What changes with the content of a file.
type Stamp = (SystemTime, u64);

impl Events {
    /// Handles signals from now on.
    pub(super) fn listen(file: &Path) -> Result<Self, Diagnostic> {
        let mut looks = interval(EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            #[cfg(unix)]
            signals: Signals::listen().map_err(|error| {
                let problem = format!("no signal can be received: {error}");
                Diagnostic::new(DiagnosticCode::System, problem)
            })?,
            seen: stamp(file),
            file: file.to_owned(),
            looks,
        })
    }

    /// Waits for a signal that ends the program.
    pub(super) async fn ended(&mut self) {
        while self.next().await {}
    }

    /// Waits until the configuration must be read again. Returns `false` if the program must end.
    pub(super) async fn next(&mut self) -> bool {
        loop {
            #[cfg(unix)]
            tokio::select! {
                _ = self.signals.terminate.recv() => return false,
                _ = self.signals.interrupt.recv() => return false,
                _ = self.signals.hangup.recv() => return true,
                _ = self.looks.tick() => {}
            }
            #[cfg(not(unix))]
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return false,
                _ = self.looks.tick() => {}
            }
            let stamp = stamp(&self.file);
            // While the file is replaced, it may not be there.
            if stamp.is_some() && stamp != self.seen {
                self.seen = stamp;
                return true;
            }
        }
    }
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

fn stamp(file: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
