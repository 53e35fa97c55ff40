//! A process in the vendor's responses.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::identifier::opaque;

pub(super) const ORGANIZATION: &str = "org_simulator";

/// A process in the vendor's responses.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Process {
    pub(super) id: String,
    name: String,
    type_id: String,
    type_name: String,
    status: &'static str,
    version: &'static str,
    usage: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    config_id: Option<String>,
    org_id: &'static str,
    created_by: &'static str,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_updated: Timestamp,
    accesses: BTreeMap<String, String>,
}

impl Process {
    pub(super) fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        let now = whole_seconds(Timestamp::now());
        Self {
            id: id.into(),
            name: name.into(),
            type_id: opaque(),
            type_name: "Custom".to_owned(),
            status: "Ready",
            version: "0.1",
            usage: 0,
            config_id: None,
            org_id: ORGANIZATION,
            created_by: ORGANIZATION,
            created_at: now,
            updated_at: now,
            last_updated: now,
            accesses: BTreeMap::new(),
        }
    }

    /// Gives the process a new configuration ID.
    pub(super) fn reset(&mut self) {
        self.config_id = Some(opaque());
        self.updated_at = whole_seconds(Timestamp::now());
        self.last_updated = self.updated_at;
    }
}

/// `time` in whole seconds, as in the vendor's responses.
pub(super) fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
