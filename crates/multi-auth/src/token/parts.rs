//! The other values of a token's response: AWS's access key ID and secret, Salesforce's
//! `instance_url`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

/// Values by name, shared by the copies of a token. Without any value, this is one null pointer.
#[derive(Clone, Default)]
pub(crate) struct Parts(Option<Arc<BTreeMap<Box<str>, SecretString>>>);

impl Parts {
    /// Sets `name` to `value`, in place of an earlier value of this name.
    pub(crate) fn insert(&mut self, name: &str, value: SecretString) {
        let all = self.0.get_or_insert_default();
        Arc::make_mut(all).insert(name.into(), value);
    }

    /// Removes `name`, and drops the map with the last part.
    pub(crate) fn take(&mut self, name: &str) -> Option<SecretString> {
        let all = Arc::make_mut(self.0.as_mut()?);
        let value = all.remove(name);
        if all.is_empty() {
            self.0 = None;
        }
        value
    }

    pub(crate) fn get(&self, name: &str) -> Option<&SecretString> {
        self.0.as_ref()?.get(name)
    }

    /// Whether both are one value in memory.
    pub(crate) fn are_shared_with(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        }
    }

    /// All names with their values, sorted by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        let all = self.0.iter().flat_map(|all| all.iter());
        all.map(|(name, value)| (&**name, value))
    }
}

/// Names only.
impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}
