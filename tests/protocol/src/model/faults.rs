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
    /// These and `others`.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self {
            crashes: self.crashes + others.crashes,
            expiries: self.expiries + others.expiries,
            losses: self.losses + others.losses,
            outages: self.outages + others.outages,
            flushes: self.flushes + others.flushes,
            failovers: self.failovers + others.failovers,
            refusals: self.refusals + others.refusals,
            expirations: self.expirations + others.expirations,
            failures: self.failures + others.failures,
        }
    }

    /// The faults and their numbers, in words.
    #[must_use]
    pub fn summary(&self) -> String {
        let counts = [
            (self.crashes, "crashes"),
            (self.expiries, "expiries"),
            (self.losses, "losses"),
            (self.outages, "outages"),
            (self.flushes, "flushes"),
            (self.failovers, "failovers"),
            (self.refusals, "refusals"),
            (self.expirations, "expirations"),
            (self.failures, "failures"),
        ];
        let present = counts.iter().filter(|(count, _)| *count > 0);
        let words: Vec<_> = present
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        match &words[..] {
            [] => "no faults".to_owned(),
            words => words.join(", "),
        }
    }

    /// How many faults there are that may cost a token request each.
    pub(super) fn costly(self) -> u8 {
        self.crashes
            + self.expiries
            + self.losses
            + self.flushes
            + self.failovers
            + self.failures
            + self.refusals
            + self.expirations
    }
}

/// Takes one of the faults that are left in `count`. Returns whether there was one.
pub(super) fn take(count: &mut u8) -> bool {
    let is_left = *count > 0;
    *count = count.saturating_sub(1);
    is_left
}
