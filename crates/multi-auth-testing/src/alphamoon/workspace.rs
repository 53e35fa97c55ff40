//! The keys and the processes of one organization.

use std::sync::{Mutex, MutexGuard};

use jiff::Timestamp;

use crate::AlphamoonKey;
use crate::alphamoon::process::Process;
use crate::lock::lock;

pub(super) const ORGANIZATION_KEY: &str = "h12shadjada:13ehjhj1b3j";
pub(super) const PROCESS_KEY: &str = "p27kroczek9:8jd2wyk4r1s";
/// The IDs of the vendor's examples, so that they work as printed.
pub(super) const PROCESS: &str = "2080d36bf94c4147b2e543104342fc2f";
pub(super) const OTHER_PROCESS: &str = "93580f176efb48cda64f25cba74d8ca4";

/// The keys and the processes of one organization.
#[derive(Debug)]
pub(super) struct Workspace {
    keys: Mutex<Vec<AlphamoonKey>>,
    processes: Mutex<Vec<Process>>,
}

impl Default for Workspace {
    fn default() -> Self {
        let organization = AlphamoonKey::new(ORGANIZATION_KEY).with_name("Organization key");
        let process = AlphamoonKey::new(PROCESS_KEY)
            .with_name("Process key")
            .with_process(PROCESS);
        let processes = vec![
            Process::new(PROCESS, "Custom"),
            Process::new(OTHER_PROCESS, "Invoices"),
        ];
        Self {
            keys: Mutex::new(vec![organization, process]),
            processes: Mutex::new(processes),
        }
    }
}

impl Workspace {
    pub(super) fn key(&self, value: &str) -> Option<AlphamoonKey> {
        lock(&self.keys)
            .iter()
            .find(|key| key.value == value)
            .cloned()
    }

    /// The keys of `process`, or those of the organization.
    pub(super) fn keys(&self, process: Option<&str>) -> Vec<AlphamoonKey> {
        let keys = lock(&self.keys);
        keys.iter()
            .filter(|key| key.process.as_deref() == process)
            .cloned()
            .collect()
    }

    pub(super) fn add_key(&self, key: AlphamoonKey) {
        let mut keys = lock(&self.keys);
        keys.retain(|known| known.value != key.value);
        keys.push(key);
    }

    /// Removes the keys that match. Returns whether there were any.
    pub(super) fn remove_key(&self, is_it: impl Fn(&AlphamoonKey) -> bool) -> bool {
        let mut keys = lock(&self.keys);
        let before = keys.len();
        keys.retain(|key| !is_it(key));
        keys.len() < before
    }

    pub(super) fn expire_key(&self, value: &str) {
        for key in lock(&self.keys).iter_mut().filter(|key| key.value == value) {
            key.expires = Some(Timestamp::now());
        }
    }

    pub(super) fn processes(&self) -> MutexGuard<'_, Vec<Process>> {
        lock(&self.processes)
    }

    pub(super) fn has_process(&self, id: &str) -> bool {
        self.processes().iter().any(|process| process.id == id)
    }
}
