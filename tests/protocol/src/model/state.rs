//! A state: the processes, the store, the vendor, and the messages between them.

use super::history::History;
use super::network::{Message, TokenRequest, send};
use super::process::{Phase, Process};
use super::store::{Holder, Owner, Store};
use super::vendor::Vendor;
use super::{Faults, Setup};

/// A state of the model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pub(super) processes: Vec<Process>,
    pub(super) store: Store,
    pub(super) vendor: Vendor,
    /// The messages to the store.
    pub(super) messages: Vec<Message>,
    pub(super) token_requests: Vec<TokenRequest>,
    /// The faults that may still happen.
    pub(super) left: Faults,
    pub(super) history: History,
}

impl State {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            processes: vec![Process::new(); usize::from(setup.processes)],
            store: Store::new(setup),
            vendor: Vendor::new(setup),
            messages: Vec::new(),
            token_requests: Vec::new(),
            left: setup.faults,
            history: History::default(),
        }
    }

    pub(super) fn process(&mut self, process: u8) -> &mut Process {
        &mut self.processes[usize::from(process)]
    }

    pub(super) fn phase(&self, process: u8) -> Phase {
        self.processes[usize::from(process)].phase
    }

    pub(super) fn send(&mut self, message: Message) {
        send(&mut self.messages, message);
    }

    /// Whether its sender waits for the answer to `message`.
    pub(super) fn is_awaited(&self, message: Message) -> bool {
        let sender = &self.processes[usize::from(message.owner().process)];
        sender.awaits() == Some(message)
    }

    /// Whether its sender waits for the response to `request`.
    pub(super) fn is_request_awaited(&self, request: TokenRequest) -> bool {
        matches!(
            self.phase(request.sender.process),
            Phase::Requests { sender, response: None, .. } if sender == request.sender
        )
    }

    /// A lease that nothing refers to any more.
    pub(super) fn new_owner(&self, process: u8) -> Owner {
        let owners = (0..).map(|number| Owner { process, number });
        let mut unused = owners.filter(|owner| !self.is_used(*owner));
        unused.next().unwrap_or(Owner { process, number: 0 })
    }

    fn is_used(&self, owner: Owner) -> bool {
        self.store.holder == Holder::Owner(owner)
            || self.messages.iter().any(|message| message.owner() == owner)
            || self
                .token_requests
                .iter()
                .any(|request| request.sender == owner)
    }

    /// The process that holds the lease, if it is alive and knows it.
    pub(super) fn living_holder(&self) -> Option<u8> {
        let Holder::Owner(owner) = self.store.holder else {
            return None;
        };
        let process = &self.processes[usize::from(owner.process)];
        (process.owner() == Some(owner)).then_some(owner.process)
    }

    /// Whether no process, message or entry has the refresh token that the vendor accepts.
    pub(super) fn is_refresh_token_lost(&self) -> bool {
        let valid = self.vendor.refresh_token;
        let is_in_message = |message: &Message| match message {
            Message::Publish(publish) => publish.entry.refresh_token == valid,
            _ => false,
        };
        let is_stored = self.store.current.entry.refresh_token == valid;
        let mut carried = self.processes.iter().filter_map(Process::carried);
        valid > 0
            && !is_stored
            && !carried.any(|token| token == valid)
            && !self.messages.iter().any(is_in_message)
    }

    /// Whether only a login helps.
    pub(super) fn needs_login(&self) -> bool {
        self.vendor.is_reused || self.is_refresh_token_lost()
    }
}
