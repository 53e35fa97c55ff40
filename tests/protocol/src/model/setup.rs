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
    /// The guards that are missing.
    pub removed: &'static [Guard],
}

impl Setup {
    /// `processes` processes that share tokens in `mode`, with all guards and without faults.
    #[must_use]
    pub fn new(processes: u8, mode: Mode) -> Self {
        Self {
            processes,
            mode,
            faults: Faults::default(),
            removed: &[],
        }
    }

    /// Allows `faults`.
    #[must_use]
    pub fn with(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// Removes `guards`.
    #[must_use]
    pub fn without(self, guards: &'static [Guard]) -> Self {
        Self {
            removed: guards,
            ..self
        }
    }

    pub(super) fn has(&self, guard: Guard) -> bool {
        !self.removed.contains(&guard)
    }

    pub(super) fn refreshes(&self) -> bool {
        self.mode == Mode::Refreshing
    }
}
