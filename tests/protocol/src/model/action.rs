//! The steps of the model.

use super::process::{Phase, Publication};
use super::store::Holder;
use super::{Guard, Setup, State};

/// A step. Numbers are those of processes, or places of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Action {
    Acquire(u8),
    Execute(u8),
    DropMessage(u8),
    Respond(u8),
    DropRequest(u8),
    Deliver(u8),
    LearnRefusal(u8),
    FindStoreDown(u8),
    EndOrphanedLease,
    EndPause,
    Recover,
    // The steps below are faults.
    GiveUp(u8),
    SendAgain(u8),
    FailRequest(u8),
    Crash(u8),
    Restart(u8),
    EndLease,
    GoDown,
    Flush,
    LoseLease,
    LoseEntry,
    Revoke(u8),
    ExpireTokens,
}

impl Setup {
    /// The steps that happen sooner or later.
    pub(super) fn progress(&self, state: &State, actions: &mut Vec<Action>) {
        for process in 0..self.processes {
            self.progress_of(process, state, actions);
        }
        for (place, &message) in (0..).zip(&state.messages) {
            if state.store.is_up {
                actions.push(Action::Execute(place));
            }
            if !state.is_awaited(message) {
                actions.push(Action::DropMessage(place));
            }
        }
        for (place, &request) in (0..).zip(&state.token_requests) {
            actions.push(Action::Respond(place));
            if !state.is_request_awaited(request) {
                actions.push(Action::DropRequest(place));
            }
        }
        match state.store.holder {
            Holder::Owner(_) if self.is_orphaned(state) => actions.push(Action::EndOrphanedLease),
            Holder::Pause => actions.push(Action::EndPause),
            _ => {}
        }
        if !state.store.is_up {
            actions.push(Action::Recover);
        }
    }

    fn is_orphaned(&self, state: &State) -> bool {
        state.living_holder().is_none() && self.has(Guard::LeaseEnd)
    }

    fn progress_of(&self, process: u8, state: &State, actions: &mut Vec<Action>) {
        match state.phase(process) {
            Phase::Waits if self.may_acquire(process, state) => {
                actions.push(Action::Acquire(process));
            }
            Phase::HasToken { token, .. } if token <= state.vendor.revoked => {
                actions.push(Action::LearnRefusal(process));
            }
            Phase::Acquires { taken: Some(_), .. }
            | Phase::Requests {
                response: Some(_), ..
            }
            | Phase::Publishes {
                answer: Some(_), ..
            } => actions.push(Action::Deliver(process)),
            phase if !state.store.is_up && self.may_give_up(phase) => {
                actions.push(Action::FindStoreDown(process));
            }
            _ => {}
        }
    }

    /// Whether asking the store may change anything. `held` is answered until it does.
    fn may_acquire(&self, process: u8, state: &State) -> bool {
        let store = &state.store;
        if !store.is_up {
            return self.goes_alone();
        }
        let seen = state.processes[usize::from(process)].seen;
        store.holder == Holder::Free || store.has_newer(seen, state.vendor)
    }

    /// Whether a process requests a token without the store.
    pub(super) fn goes_alone(&self) -> bool {
        !self.refreshes() || !self.has(Guard::Withholding)
    }

    /// The steps that may happen.
    pub(super) fn faults(&self, state: &State, actions: &mut Vec<Action>) {
        let left = state.left;
        for process in 0..self.processes {
            self.faults_of(process, state, actions);
        }
        let mut add = |left: u8, action| {
            if left > 0 {
                actions.push(action);
            }
        };
        for (place, _) in (0..).zip(&state.token_requests) {
            add(left.failures, Action::FailRequest(place));
        }
        if state.living_holder().is_some() {
            add(left.expiries, Action::EndLease);
        }
        if state.store.is_up {
            add(left.outages, Action::GoDown);
        }
        if state.store.holder != Holder::Free {
            add(left.failovers, Action::LoseLease);
        }
        add(left.flushes, Action::Flush);
        add(left.failovers, Action::LoseEntry);
        for token in state.vendor.revoked..state.vendor.issued {
            add(left.refusals, Action::Revoke(token + 1));
        }
        if state.vendor.expired < state.vendor.issued {
            add(left.expirations, Action::ExpireTokens);
        }
    }

    fn faults_of(&self, process: u8, state: &State, actions: &mut Vec<Action>) {
        let phase = state.phase(process);
        if phase == Phase::Down {
            return actions.push(Action::Restart(process));
        }
        if state.left.crashes > 0 {
            actions.push(Action::Crash(process));
        }
        if state.left.losses == 0 {
            return;
        }
        if matches!(phase, Phase::Acquires { .. } | Phase::Publishes { .. }) {
            actions.push(Action::SendAgain(process));
        }
        if matches!(phase, Phase::Requests { .. }) || self.may_give_up(phase) {
            actions.push(Action::GiveUp(process));
        }
    }

    /// Whether a process that waits for the store goes on without an answer.
    fn may_give_up(&self, phase: Phase) -> bool {
        match phase {
            Phase::Publishes { publication, .. } => {
                matches!(publication, Publication::AccessToken(_)) || !self.has(Guard::KeptLease)
            }
            _ => matches!(phase, Phase::Acquires { .. }),
        }
    }
}
