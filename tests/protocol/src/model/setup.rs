//! What a checker explores.

use super::{Faults, Guard};

/// What the processes share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Access tokens. A process without the store requests its own.
    Sharing,
    /// A refresh token that the vendor replaces at each use. The vendor revokes all tokens if it is
    /// presented again. Without the store, no process presents it.
    Refreshing,
}

/// What a checker explores.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// How many processes there are.
    pub processes: u8,
    /// What they share.
    pub mode: Mode,
    /// What may go wrong.
    pub faults: Faults,
    /// The guard that is missing.
    pub removed: Option<Guard>,
    /// Whether a process keeps its lease, and tries again, until a new refresh token is stored.
    pub keeps_publishing: bool,
}

impl Setup {
    /// `processes` processes that share tokens in `mode`, with all guards and without faults.
    #[must_use]
    pub fn new(processes: u8, mode: Mode) -> Self {
        Self {
            processes,
            mode,
            faults: Faults::default(),
            removed: None,
            keeps_publishing: false,
        }
    }

    /// Allows `faults`.
    #[must_use]
    pub fn with(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// Removes `guard`.
    #[must_use]
    pub fn without(self, guard: Guard) -> Self {
        Self {
            removed: Some(guard),
            ..self
        }
    }

    /// Lets each process keep its lease until its new refresh token is stored.
    #[must_use]
    pub fn keeping_leases(self) -> Self {
        Self {
            keeps_publishing: true,
            ..self
        }
    }

    pub(super) fn has(&self, guard: Guard) -> bool {
        self.removed != Some(guard)
    }

    pub(super) fn refreshes(&self) -> bool {
        self.mode == Mode::Refreshing
    }
}
