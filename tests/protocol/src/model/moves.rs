//! What a process does when it gets an answer, or gives up.

use super::network::{Acquire, Message, TokenRequest, send};
use super::process::{Lease, Phase, Rotated, Stage};
use super::store::{Acquired, Owner, Published, Revision};
use super::vendor::Response;
use super::{Guard, Setup, State};

impl Setup {
    pub(super) fn acquire(&self, state: &mut State, process: u8) {
        let owner = state.new_owner(process);
        let asking = state.process(process);
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
        state.send(Message::Acquire(acquire));
    }

    /// The process gets a token, or asks again later.
    pub(super) fn not_taken(&self, state: &mut State, process: u8, acquired: &Acquired) {
        let Acquired::Newer(newer) = acquired else {
            state.process(process).phase = Phase::Waits;
            return;
        };
        self.remember(state, process, newer.entry.refresh_token);
        get_token(state, process, newer.entry.access_token, Some(newer.number));
    }

    pub(super) fn deliver(&self, state: &mut State, process: u8) {
        match state.phase(process) {
            Phase::Acquires {
                acquire,
                taken: Some(entry),
            } => self.taken(state, acquire.owner, entry),
            Phase::Requests {
                sender,
                lease,
                response: Some(response),
            } => self.responded(state, sender, lease, response),
            Phase::Publishes {
                lease,
                stage,
                answer: Some(answer),
            } => self.published(state, lease, stage, answer),
            _ => {}
        }
    }

    fn taken(&self, state: &mut State, owner: Owner, entry: Revision) {
        let process = state.process(owner.process);
        if process.is_lease_over && self.has(Guard::LeaseCheck) {
            process.phase = Phase::Waits;
            return;
        }
        let lease = Lease {
            owner,
            revision: entry.number,
            refresh_token: entry.entry.refresh_token,
        };
        let unstored = process.unstored.take();
        if self.refreshes() && lease.refresh_token == 0 {
            process.phase = Phase::LoggedOut;
            return state.send(Message::Release(owner));
        }
        match unstored.filter(|rotated| rotated.used == lease.refresh_token) {
            Some(rotated) => {
                process.unstored = unstored;
                publish(state, lease, Stage::Unstored(rotated.new));
            }
            None => self.request(state, lease),
        }
    }

    fn request(&self, state: &mut State, lease: Lease) {
        self.remember(state, lease.owner.process, lease.refresh_token);
        request(state, lease.owner, Some(lease), lease.refresh_token);
    }

    fn responded(
        &self,
        state: &mut State,
        sender: Owner,
        lease: Option<Lease>,
        response: Response,
    ) {
        let Response::Tokens {
            access_token,
            refresh_token,
        } = response
        else {
            return failed(state, sender, lease, response);
        };
        let Some(lease) = lease else {
            self.remember(state, sender.process, refresh_token);
            return get_token(state, sender.process, access_token, None);
        };
        let new = refresh_token;
        let stage = match self.refreshes() {
            true => Stage::RefreshToken { new, access_token },
            false => Stage::AccessToken(access_token),
        };
        publish(state, lease, stage);
    }

    fn published(&self, state: &mut State, lease: Lease, stage: Stage, answer: Published) {
        let Published::Stored(revision) = answer else {
            return conflict(state, lease, stage);
        };
        let process = lease.owner.process;
        match stage {
            Stage::AccessToken(token) => get_token(state, process, token, Some(revision)),
            Stage::Unstored(new) => {
                state.process(process).unstored = None;
                self.request(state, lease.with(revision, new));
            }
            Stage::RefreshToken { new, access_token } => {
                self.remember(state, process, new);
                let stage = Stage::AccessToken(access_token);
                publish(state, lease.with(revision, new), stage);
            }
        }
    }

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
                lease,
                stage,
                answer,
            } => self.not_stored(state, lease, stage, answer),
            _ => self.go_alone(state, process),
        }
    }

    fn go_alone(&self, state: &mut State, process: u8) {
        state.process(process).phase = Phase::Waits;
        if self.goes_alone() {
            let sender = state.new_owner(process);
            let refresh_token = state.process(process).remembered;
            request(state, sender, None, refresh_token);
        }
    }

    /// The publication failed. Its lease ends by itself.
    fn not_stored(&self, state: &mut State, lease: Lease, stage: Stage, answer: Option<Published>) {
        let process = lease.owner.process;
        if let Stage::AccessToken(token) = stage {
            return get_token(state, process, token, None);
        }
        if self.keeps_publishing {
            return;
        }
        state.history.excuses.is_publication_lost |= answer.is_none();
        keep_unstored(state, lease, stage);
    }

    /// The store does not answer.
    pub(super) fn find_store_down(&self, state: &mut State, process: u8) {
        state.history.failed_calls += 1;
        self.give_up(state, process);
    }

    fn remember(&self, state: &mut State, process: u8, refresh_token: u8) {
        if !self.has(Guard::Withholding) {
            state.process(process).remembered = refresh_token;
        }
    }
}

impl Lease {
    fn with(self, revision: u8, refresh_token: u8) -> Self {
        Self {
            revision,
            refresh_token,
            ..self
        }
    }
}

fn request(state: &mut State, sender: Owner, lease: Option<Lease>, refresh_token: u8) {
    state.process(sender.process).phase = Phase::Requests {
        sender,
        lease,
        response: None,
    };
    let request = TokenRequest {
        sender,
        refresh_token,
    };
    send(&mut state.token_requests, request);
}

fn publish(state: &mut State, lease: Lease, stage: Stage) {
    state.process(lease.owner.process).phase = Phase::Publishes {
        lease,
        stage,
        answer: None,
    };
    state.send(Message::Publish(stage.publish(lease)));
}

/// The token request failed: all processes pause, or the account needs a login.
fn failed(state: &mut State, sender: Owner, lease: Option<Lease>, response: Response) {
    state.process(sender.process).phase = match response {
        Response::LoginRequired => Phase::LoggedOut,
        _ => Phase::Waits,
    };
    if let Some(lease) = lease {
        state.send(Message::Pause(lease.owner));
    }
}

/// Another process has published the entry in the meantime.
fn conflict(state: &mut State, lease: Lease, stage: Stage) {
    if let Stage::AccessToken(token) = stage {
        return get_token(state, lease.owner.process, token, None);
    }
    keep_unstored(state, lease, stage);
    state.send(Message::Release(lease.owner));
}

fn keep_unstored(state: &mut State, lease: Lease, stage: Stage) {
    let process = state.process(lease.owner.process);
    process.phase = Phase::Waits;
    if let Stage::RefreshToken { new, .. } = stage {
        process.unstored = Some(Rotated {
            used: lease.refresh_token,
            new,
        });
    }
}

/// The process gets `token`. `revision`: that of its entry, if the store has it.
fn get_token(state: &mut State, process: u8, token: u8, revision: Option<u8>) {
    let is_expired = token <= state.vendor.expired;
    let process = state.process(process);
    process.seen = process.seen.max(revision.unwrap_or(0));
    process.is_refused = false;
    process.is_lease_over = false;
    process.phase = match is_expired {
        true => Phase::Waits,
        false => Phase::HasToken {
            token,
            is_stored: revision.is_some(),
        },
    };
}
