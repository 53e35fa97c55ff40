//! What each fault does.

use super::faults::take;
use super::process::{Phase, Process};
use super::store::Holder;
use super::vendor::Response;
use super::{Action, Setup, State};

impl Setup {
    pub(super) fn fault(&self, state: &mut State, fault: Action) {
        let left = &mut state.left;
        let is_left = match fault {
            Action::GiveUp(_) | Action::SendAgain(_) => take(&mut left.losses),
            Action::FailRequest(_) => take(&mut left.failures),
            Action::Crash(_) => take(&mut left.crashes),
            Action::EndLease => take(&mut left.expiries),
            Action::GoDown => take(&mut left.outages),
            Action::Flush => take(&mut left.flushes),
            Action::LoseLease | Action::LoseEntry => take(&mut left.failovers),
            Action::Revoke(_) => take(&mut left.refusals),
            Action::ExpireTokens => take(&mut left.expirations),
            _ => false,
        };
        debug_assert!(is_left, "{fault:?}");
        match fault {
            Action::GiveUp(process) => self.give_up(state, process),
            Action::SendAgain(process) => send_again(state, process),
            Action::FailRequest(place) => fail_request(state, place),
            Action::Crash(process) => crash(state, process),
            Action::EndLease => end_lease(state),
            Action::GoDown => state.store.is_up = false,
            Action::Revoke(token) => state.vendor.revoked = token,
            Action::ExpireTokens => expire_tokens(state),
            _ => lose_data(state, fault),
        }
    }
}

fn send_again(state: &mut State, process: u8) {
    let process = state.process(process);
    let message = process.awaits();
    match &mut process.phase {
        Phase::Acquires { taken, .. } => *taken = None,
        Phase::Publishes { answer, .. } => *answer = None,
        _ => {}
    }
    state.messages.extend(message);
    state.messages.sort_unstable();
}

fn fail_request(state: &mut State, place: u8) {
    let request = state.token_requests[usize::from(place)];
    let is_awaited = state.is_request_awaited(request);
    state.token_requests.remove(place.into());
    state.history.requests += 1;
    if let Phase::Requests { response, .. } = &mut state.process(request.sender.process).phase
        && is_awaited
    {
        *response = Some(Response::Failure);
    }
}

fn crash(state: &mut State, process: u8) {
    let crashed = state.process(process);
    let carries = crashed.carried().is_some();
    *crashed = Process {
        phase: Phase::Down,
        ..Process::new()
    };
    state.history.excuses.is_crashed |= carries;
}

fn end_lease(state: &mut State) {
    if let Some(holder) = state.living_holder() {
        let holder = state.process(holder);
        holder.is_lease_over = true;
        let carries = holder.carried().is_some();
        state.history.excuses.is_expired |= carries;
    }
    state.store.holder = Holder::Free;
}

fn expire_tokens(state: &mut State) {
    state.vendor.expired = state.vendor.issued;
    for process in &mut state.processes {
        if matches!(process.phase, Phase::HasToken { .. }) {
            process.phase = Phase::Waits;
        }
    }
}

fn lose_data(state: &mut State, fault: Action) {
    match fault {
        Action::LoseLease => state.store.holder = Holder::Free,
        Action::LoseEntry => state.store.lose_entry(),
        _ => state.store.flush(),
    }
    state.history.data_lost();
}
