//! The guards of the protocol. Without one of them, the checker finds a counterexample.

/// One rule of the protocol that can be removed, to see that it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// A publication replaces no entry whose revision is newer than the expected one.
    RevisionCheck,
    /// A process releases or pauses only its own lease.
    OwnerCheck,
    /// A process sends no token request once its lease has ended by its own clock.
    LeaseCheck,
    /// A revision does not come back after the store has lost the entry.
    UniqueRevisions,
    /// A lease ends by itself.
    LeaseEnd,
    /// The store gives a token to no process once one process has reported its refusal.
    RefusalMark,
    /// A refusal counts only for the entry that has the refused revision.
    RefusalCheck,
    /// Without the store, no process presents a refresh token.
    Withholding,
    /// A process keeps its lease and tries again until a new refresh token is stored.
    KeptLease,
    /// A new refresh token replaces the one that was used, also in an entry that is newer than
    /// expected.
    UsedToken,
}
