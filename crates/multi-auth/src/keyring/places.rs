//! The placements of all bindings at one origin, which redirects strip.

use std::collections::HashSet;

use http::{HeaderMap, HeaderName};

use crate::Placement;
use crate::credential::param_name;

/// The placements of all bindings at one origin, without duplicates and without those that are
/// always removed.
#[derive(Debug, Default)]
pub(super) struct Places {
    fields: HashSet<HeaderName>,
    /// Decoded and in lower case, because some servers ignore case.
    params: HashSet<String>,
}

impl Places {
    pub(super) fn add(&mut self, placement: &Placement) {
        self.fields.extend(placement.field().cloned());
        self.params.extend(placement.param().map(param_name));
    }

    /// Removes each field that is one of these placements from `headers`.
    pub(super) fn strip(&self, headers: &mut HeaderMap) {
        let names = headers.keys().filter(|name| self.fields.contains(*name));
        for name in names.cloned().collect::<Vec<_>>() {
            headers.remove(name);
        }
    }

    /// Whether `param`, a `name=value` of a query, has the name of one of these placements.
    pub(super) fn has_param(&self, param: &str) -> bool {
        !self.params.is_empty() && self.params.contains(&param_name(param))
    }
}
