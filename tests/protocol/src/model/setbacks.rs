//! What a process does without an answer, or with one that is no token.

use super::network::Message;
use super::process::{Lease, Phase, Publication, Rotated};
use super::store::Owner;
use super::vendor::Response;
use super::{Setup, State};

impl Setup {
    /// The process does not wait any longer: a message or an answer is lost or late.
    pub(super) fn give_up(&self, state: &mut State, process: u8) {
        match state.phase(process) {
            Phase::Requests {
                sender,
                lease,
                response,
            } => {
                let is_redeemed = matches!(response, Some(Response::Tokens { .. }));
                let excuses = &mut state.history.excuses;
                excuses.is_response_lost |= self.refreshes() && is_redeemed;
                failed(state, sender, lease, Response::Failure);
            }
            Phase::Publishes {
                lease, publication, ..
            } => not_stored(state, lease, publication),
            _ => self.go_alone(state, process),
        }
    }

    fn go_alone(&self, state: &mut State, process: u8) {
        state.process(process).phase = Phase::Waits;
        if self.goes_alone() {
            let sender = state.new_owner(process);
            let refresh_token = state.process(process).remembered;
            state.request(sender, None, refresh_token);
        }
    }

    /// The store does not answer.
    pub(super) fn find_store_down(&self, state: &mut State, process: u8) {
        state.history.failed_calls += 1;
        self.give_up(state, process);
    }
}

/// The token request failed: all processes pause, or the account needs a login.
pub(super) fn failed(state: &mut State, sender: Owner, lease: Option<Lease>, response: Response) {
    state.process(sender.process).phase = match response {
        Response::LoginRequired => Phase::LoggedOut,
        _ => Phase::Waits,
    };
    if let Some(lease) = lease {
        state.send(Message::Pause(lease.owner));
    }
}

/// The token is not stored. A new refresh token is kept in memory.
pub(super) fn not_stored(state: &mut State, lease: Lease, publication: Publication) {
    if let Publication::AccessToken(token) = publication {
        return state.get_token(lease.owner.process, token, None);
    }
    let process = state.process(lease.owner.process);
    process.phase = Phase::Waits;
    if let Publication::RefreshToken { new, .. } = publication {
        process.unstored = Some(Rotated {
            used: lease.refresh_token,
            new,
        });
    }
}
