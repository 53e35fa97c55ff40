//! The faults of one server, and those that apply to a request.

use std::sync::Mutex;

use crate::Fault;
use crate::fault::Effect;
use crate::lock::lock;

/// The faults of one server, in the order they were injected.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn push(&self, fault: Fault) {
        lock(&self.0).push(fault);
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }

    /// The effects on a request for `path`: delays, then at most one that ends it.
    pub(crate) fn strike(&self, path: &str) -> Vec<Effect> {
        let mut faults = lock(&self.0);
        let mut effects = Vec::new();
        for fault in faults.iter_mut().filter(|fault| fault.matches(path)) {
            effects.push(fault.spend());
            if effects.last().is_some_and(Effect::is_final) {
                break;
            }
        }
        faults.retain(|fault| fault.remaining != Some(0));
        effects
    }
}

impl Fault {
    fn matches(&self, path: &str) -> bool {
        self.remaining != Some(0) && path.starts_with(&self.prefix)
    }

    fn spend(&mut self) -> Effect {
        self.remaining = self.remaining.map(|count| count - 1);
        self.effect.clone()
    }
}

impl Effect {
    fn is_final(&self) -> bool {
        match self {
            Self::Delay(_) => false,
            Self::Status(_) | Self::Respond(_) | Self::HangUp => true,
        }
    }
}
