//! What a process sends, and the token that it gets.

use super::State;
use super::network::{Acquire, Message, TokenRequest, send};
use super::process::{Lease, Phase, Publication};
use super::store::Owner;

impl State {
    pub(super) fn acquire(&mut self, process: u8) {
        let owner = self.new_owner(process);
        let asking = self.process(process);
        let acquire = Acquire {
            owner,
            newer_than: asking.seen,
            is_refused: asking.is_refused,
        };
        asking.is_lease_over = false;
        asking.phase = Phase::Acquires {
            acquire,
            taken: None,
        };
        self.send(Message::Acquire(acquire));
    }

    pub(super) fn request(&mut self, sender: Owner, lease: Option<Lease>, refresh_token: u8) {
        self.process(sender.process).phase = Phase::Requests {
            sender,
            lease,
            response: None,
        };
        let request = TokenRequest {
            sender,
            refresh_token,
        };
        send(&mut self.token_requests, request);
    }

    pub(super) fn publish(&mut self, lease: Lease, publication: Publication) {
        self.process(lease.owner.process).phase = Phase::Publishes {
            lease,
            publication,
            answer: None,
        };
        self.send(Message::Publish(publication.message(lease)));
    }

    /// The process gets `token`. `revision`: that of its entry, if the store has it.
    pub(super) fn get_token(&mut self, process: u8, token: u8, revision: Option<u8>) {
        let is_expired = token <= self.vendor.expired;
        let process = self.process(process);
        process.seen = process.seen.max(revision.unwrap_or(0));
        process.is_refused = false;
        process.is_lease_over = false;
        process.phase = if is_expired {
            Phase::Waits
        } else {
            Phase::HasToken {
                token,
                is_stored: revision.is_some(),
            }
        };
    }
}
