//! What may go wrong, and how often.

/// How often each fault may happen. The default is never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Faults {
    /// A process is killed. It may start again, without its memory.
    pub crashes: u8,
    /// A lease ends while its holder is alive.
    pub expiries: u8,
    /// A message or an answer is lost or late, so that its sender gives up or sends it again.
    pub losses: u8,
    /// The store does not answer for a while.
    pub outages: u8,
    /// The store loses all that it has.
    pub flushes: u8,
    /// The store loses the lease, or the last publication.
    pub failovers: u8,
    /// The vendor revokes access tokens before they expire.
    pub refusals: u8,
    /// All access tokens expire.
    pub expirations: u8,
    /// The vendor answers a token request with an error.
    pub failures: u8,
}

impl Faults {
    /// How many faults there are that may cost a token request each.
    pub(super) fn costly(self) -> u8 {
        self.crashes
            + self.expiries
            + self.losses
            + self.flushes
            + self.failovers
            + self.failures
            + self.generations()
    }

    /// How many faults there are that end the life of the current access token.
    fn generations(self) -> u8 {
        self.refusals + self.expirations
    }
}

/// Takes one of the faults that are left in `count`. Returns whether there was one.
pub(super) fn take(count: &mut u8) -> bool {
    let is_left = *count > 0;
    *count = count.saturating_sub(1);
    is_left
}
