//! What a process does with an answer.

use super::network::Message;
use super::process::{Lease, Phase, Publication};
use super::setbacks::{failed, not_stored};
use super::store::{Acquired, Owner, Published, Revision};
use super::vendor::Response;
use super::{Guard, Setup, State};

impl Setup {
    /// The process gets a token, or asks again later.
    pub(super) fn not_taken(&self, state: &mut State, process: u8, acquired: Acquired) {
        let Acquired::Newer(newer) = acquired else {
            state.process(process).phase = Phase::Waits;
            return;
        };
        self.remember(state, process, newer.entry.refresh_token);
        state.get_token(process, newer.entry.access_token, Some(newer.number));
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
                publication,
                answer: Some(answer),
            } => self.published(state, lease, publication, answer),
            _ => {}
        }
    }

    fn taken(&self, state: &mut State, owner: Owner, entry: Revision) {
        let process = state.process(owner.process);
        // Without the check, the process does not know that its lease is over.
        if std::mem::take(&mut process.is_lease_over) && self.has(Guard::LeaseCheck) {
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
                state.publish(lease, Publication::Unstored(rotated.new));
            }
            None => self.request(state, lease),
        }
    }

    fn request(&self, state: &mut State, lease: Lease) {
        self.remember(state, lease.owner.process, lease.refresh_token);
        state.request(lease.owner, Some(lease), lease.refresh_token);
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
            return state.get_token(sender.process, access_token, None);
        };
        let new = refresh_token;
        let publication = if self.refreshes() {
            Publication::RefreshToken { new, access_token }
        } else {
            Publication::AccessToken(access_token)
        };
        state.publish(lease, publication);
    }

    fn published(
        &self,
        state: &mut State,
        lease: Lease,
        publication: Publication,
        answer: Published,
    ) {
        let Published::Stored(revision) = answer else {
            return self.conflict(state, lease, publication);
        };
        let process = lease.owner.process;
        match publication {
            Publication::AccessToken(token) => state.get_token(process, token, Some(revision)),
            Publication::Unstored(new) => {
                state.process(process).unstored = None;
                self.request(state, lease.with(revision, new));
            }
            Publication::RefreshToken { new, access_token } => {
                self.remember(state, process, new);
                let publication = Publication::AccessToken(access_token);
                state.publish(lease.with(revision, new), publication);
            }
        }
    }

    /// Another process has published the entry in the meantime.
    fn conflict(&self, state: &mut State, lease: Lease, publication: Publication) {
        let current = state.store.current;
        let is_used = current.entry.refresh_token == lease.refresh_token;
        let has_new = matches!(publication, Publication::RefreshToken { .. });
        if has_new && is_used && self.has(Guard::UsedToken) {
            let lease = lease.with(current.number, lease.refresh_token);
            return state.publish(lease, publication);
        }
        not_stored(state, lease, publication);
        if !matches!(publication, Publication::AccessToken(_)) {
            state.send(Message::Release(lease.owner));
        }
    }

    fn remember(&self, state: &mut State, process: u8, refresh_token: u8) {
        if !self.has(Guard::Withholding) {
            state.process(process).remembered = refresh_token;
        }
    }
}
