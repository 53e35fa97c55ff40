//! The events to come, in order of their time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Time;
use super::vendor::Response;

/// What happens to an instance. `number` tells whether it is still of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// It sends a request.
    Request { instance: u32, number: u32 },
    /// It looks at the store again.
    Poll { instance: u32, number: u32 },
    /// It gets the vendor's response.
    Response {
        instance: u32,
        number: u32,
        response: Response,
    },
    /// All instances are killed and start again.
    Restart,
}

#[derive(Default)]
pub(super) struct Queue(BinaryHeap<Reverse<(Time, Event)>>);

impl Queue {
    pub(super) fn push(&mut self, time: Time, event: Event) {
        self.0.push(Reverse((time, event)));
    }

    pub(super) fn pop(&mut self) -> Option<(Time, Event)> {
        self.0.pop().map(|Reverse(next)| next)
    }
}
