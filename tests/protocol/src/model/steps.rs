//! What each step does.

use stateright::{Model, Property};

use super::network::Message;
use super::process::{Phase, Process};
use super::store::{Acquired, Holder};
use super::{Action, Setup, State, properties};

impl Model for Setup {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new(self)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.progress(state, actions);
        self.faults(state, actions);
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        self.step(&mut state, action);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl Setup {
    fn step(&self, state: &mut State, action: Action) {
        match action {
            Action::Acquire(process) => state.acquire(process),
            Action::Execute(place) => self.execute(state, place),
            Action::DropMessage(place) => drop(state.messages.remove(place.into())),
            Action::Respond(place) => self.respond(state, place),
            Action::DropRequest(place) => drop(state.token_requests.remove(place.into())),
            Action::Deliver(process) => self.deliver(state, process),
            Action::LearnRefusal(process) => learn_refusal(state, process),
            Action::EndOrphanedLease | Action::EndPause => state.store.holder = Holder::Free,
            Action::Recover => state.store.is_up = true,
            Action::FindStoreDown(process) => self.find_store_down(state, process),
            Action::Restart(process) => *state.process(process) = Process::new(),
            fault => self.fault(state, fault),
        }
    }

    /// The store executes a message. Its sender gets the answer if it still waits for it.
    fn execute(&self, state: &mut State, place: u8) {
        let message = state.messages[usize::from(place)];
        let is_awaited = state.is_awaited(message);
        state.messages.remove(place.into());
        let State {
            store,
            vendor,
            history,
            ..
        } = state;
        match message {
            Message::Acquire(acquire) => {
                let acquired = store.acquire(acquire, *vendor, self, history);
                if is_awaited {
                    self.acquired(state, acquire.owner.process, acquired);
                }
            }
            Message::Publish(publish) => {
                let published = store.publish(publish, self, history);
                let process = state.process(publish.owner.process);
                if let Phase::Publishes { answer, .. } = &mut process.phase
                    && is_awaited
                {
                    *answer = Some(published);
                }
            }
            Message::Release(owner) => store.release(owner, self),
            Message::Pause(owner) => store.pause(owner, self),
        }
    }

    fn acquired(&self, state: &mut State, process: u8, acquired: Acquired) {
        let Acquired::Taken(entry) = acquired else {
            return self.not_taken(state, process, acquired);
        };
        if let Phase::Acquires { taken, .. } = &mut state.process(process).phase {
            *taken = Some(entry);
        }
    }

    /// The vendor executes a token request.
    fn respond(&self, state: &mut State, place: u8) {
        let request = state.token_requests[usize::from(place)];
        let is_awaited = state.is_request_awaited(request);
        state.token_requests.remove(place.into());
        let answer = state.vendor.respond(request.refresh_token);
        state.history.requests += 1;
        let process = &mut state.processes[usize::from(request.sender.process)];
        let excuses = &mut state.history.excuses;
        excuses.is_response_lost |= self.refreshes() && !is_awaited;
        excuses.is_expired |= self.refreshes() && process.is_lease_over;
        if let Phase::Requests { response, .. } = &mut process.phase
            && is_awaited
        {
            *response = Some(answer);
        }
    }
}

fn learn_refusal(state: &mut State, process: u8) {
    let process = state.process(process);
    if let Phase::HasToken { is_stored, .. } = process.phase {
        process.is_refused = is_stored;
    }
    process.phase = Phase::Waits;
}
