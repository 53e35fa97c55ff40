//! What has happened so far, for the properties. No process sees it.

use super::network::Publish;
use super::vendor::Vendor;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct History {
    /// The revisions that a publication has replaced, as bits. A store that loses data forgets
    /// them.
    replaced: u16,
    /// The newest access token that was ever stored.
    newest_token: u8,
    /// The tokens that were marked as refused, as bits.
    refused: u16,
    /// How many token requests the vendor has executed.
    pub(super) requests: u8,
    /// How many messages failed in an outage.
    pub(super) failed_calls: u8,
    pub(super) violations: Violations,
    pub(super) excuses: Excuses,
}

/// What must not happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate property")]
pub(super) struct Violations {
    pub(super) replaces_twice: bool,
    pub(super) revision_is_not_new: bool,
    pub(super) token_is_older: bool,
    pub(super) refuses_valid_token: bool,
    pub(super) gives_refused_token: bool,
}

/// What may cost a refresh token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate cause")]
pub(super) struct Excuses {
    /// A process was killed between the redemption and the publication.
    pub(super) is_crashed: bool,
    /// A lease ended before the vendor got the token request, or before the publication.
    pub(super) is_expired: bool,
    /// The vendor got a token request, and no process waited for the response any more.
    pub(super) is_response_lost: bool,
    /// The store has lost data.
    pub(super) is_data_lost: bool,
}

impl History {
    /// A publication has made the revision `number`. `newest` was the newest one before it.
    pub(super) fn published(&mut self, publish: Publish, number: u8, newest: u8) {
        let bit = 1 << publish.expected;
        let violations = &mut self.violations;
        violations.replaces_twice |= self.replaced & bit != 0;
        violations.revision_is_not_new |= number <= newest;
        self.replaced |= bit;
        let token = publish.entry.access_token;
        let is_older = token > 0 && token < self.newest_token;
        violations.token_is_older |= is_older && !self.excuses.is_data_lost;
        self.newest_token = self.newest_token.max(token);
    }

    /// The store has marked `token` as refused.
    pub(super) fn refused(&mut self, token: u8, vendor: Vendor) {
        self.violations.refuses_valid_token |= token > vendor.revoked;
        self.refused |= 1 << token;
    }

    /// The store has given `token` to a process.
    pub(super) fn given(&mut self, token: u8) {
        let is_refused = self.refused & (1 << token) != 0;
        self.violations.gives_refused_token |= is_refused && !self.excuses.is_data_lost;
    }

    pub(super) fn data_lost(&mut self) {
        self.excuses.is_data_lost = true;
        self.replaced = 0;
    }
}
