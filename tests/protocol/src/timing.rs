//! A model of the times of one lease, in seconds: how long a token request may take, how long the
//! lease is valid, how often it is extended, and how long another process waits for it.
//!
//! [`model`](crate::model) lets a lease end at any step. This model says when it can.

use stateright::{Model, Property};

/// The times, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The time limit of a token request.
    pub request: u8,
    /// How long a lease is valid if it is not extended.
    pub lease: u8,
    /// How often it is extended during a token request.
    pub extension: u8,
    /// How long another process waits for it.
    pub wait: u8,
    /// How much of the lease is left, at least, when the token request is sent.
    pub rest: u8,
    /// For how long its holder may be stopped.
    pub stops: u8,
}

/// A state: the times since the lease was taken, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    holder: Holder,
    /// How long the lease is valid by the clock of the store.
    left: u8,
    /// How long another process has waited.
    waited: u8,
    is_stopped: bool,
    /// For how much longer the holder may be stopped.
    stops: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Holder {
    /// It has taken the lease, but has not sent its token request.
    Leased { age: u8 },
    /// Its token request is under way.
    Requests { age: u8, was_stopped: bool },
    /// It has given the lease back.
    Done,
    /// It was killed.
    Dead,
}

/// A step of the holder, or a second that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Step {
    Send,
    Finish,
    Stop,
    GoOn,
    Die,
    Second,
}

/// A token request that was not stopped itself is sent and executed under a valid lease.
pub const COVERED: &str = "the lease is valid during a token request that was not stopped";
/// The other process can then take over.
pub const OUTLASTED: &str = "a process waits until the lease of a dead holder has ended";

impl Model for Timing {
    type State = Moment;
    type Action = Step;

    fn init_states(&self) -> Vec<Moment> {
        vec![Moment {
            holder: Holder::Leased { age: 0 },
            left: self.lease,
            waited: 0,
            is_stopped: false,
            stops: self.stops,
        }]
    }

    fn actions(&self, state: &Moment, steps: &mut Vec<Step>) {
        let is_alive = !matches!(state.holder, Holder::Done | Holder::Dead);
        match state.holder {
            Holder::Leased { .. } if !state.is_stopped => steps.push(Step::Send),
            Holder::Requests { .. } if !state.is_stopped => steps.push(Step::Finish),
            _ => {}
        }
        if is_alive && state.is_stopped {
            steps.push(Step::GoOn);
        } else if is_alive && state.stops > 0 {
            steps.push(Step::Stop);
        }
        if is_alive {
            steps.push(Step::Die);
        }
        if self.may_pass(*state) {
            steps.push(Step::Second);
        }
    }

    fn next_state(&self, last: &Moment, step: Step) -> Option<Moment> {
        let mut state = *last;
        match step {
            Step::Send => self.send(&mut state),
            Step::Finish => state.give_back(),
            Step::Stop => state.stop(),
            Step::GoOn => state.is_stopped = false,
            Step::Die => state.holder = Holder::Dead,
            Step::Second => self.pass(&mut state),
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(COVERED, |_, state: &Moment| {
                let is_unstopped = matches!(
                    state.holder,
                    Holder::Requests {
                        was_stopped: false,
                        ..
                    }
                );
                !is_unstopped || state.left > 0
            }),
            Property::always(OUTLASTED, |timing: &Timing, state: &Moment| {
                let has_given_up = state.waited >= timing.wait && state.left > 0;
                state.holder != Holder::Dead || !has_given_up
            }),
        ]
    }
}

impl Timing {
    /// A process that runs acts at once, so no second passes before.
    fn may_pass(self, state: Moment) -> bool {
        let acts = matches!(state.holder, Holder::Leased { .. }) && !state.is_stopped;
        let can_stop = !state.is_stopped || state.stops > 0;
        state.waited < self.wait && can_stop && !acts
    }

    /// Sends the token request, unless too little of the lease is left.
    fn send(self, state: &mut Moment) {
        let Holder::Leased { age } = state.holder else {
            return;
        };
        if age + self.rest.max(1) > self.lease {
            return state.give_back();
        }
        state.holder = Holder::Requests {
            age: 0,
            was_stopped: false,
        };
    }

    fn pass(self, state: &mut Moment) {
        state.left = state.left.saturating_sub(1);
        state.waited += 1;
        state.stops -= u8::from(state.is_stopped);
        match &mut state.holder {
            Holder::Leased { age } | Holder::Requests { age, .. } => *age += 1,
            Holder::Done | Holder::Dead => {}
        }
        if !state.is_stopped {
            self.act(state);
        }
    }

    /// A running process keeps the time limit, and extends its lease.
    fn act(self, state: &mut Moment) {
        let Holder::Requests { age, .. } = state.holder else {
            return;
        };
        if age >= self.request {
            state.give_back();
        } else if age % self.extension == 0 && state.left > 0 {
            state.left = self.lease;
        }
    }
}

impl Moment {
    fn give_back(&mut self) {
        self.holder = Holder::Done;
        self.left = 0;
    }

    fn stop(&mut self) {
        self.is_stopped = true;
        if let Holder::Requests { was_stopped, .. } = &mut self.holder {
            *was_stopped = true;
        }
    }
}
