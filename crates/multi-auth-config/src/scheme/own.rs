//! An authenticator that the program provides.

use std::sync::Arc;

use multi_auth::Authenticator;

use crate::Advice;

/// An authenticator that the program provides by name.
#[derive(Clone, Debug)]
pub(crate) struct OwnScheme {
    pub(crate) name: String,
    authenticator: Option<Arc<dyn Authenticator>>,
    /// The names that the program has provided.
    given: Vec<String>,
}

impl OwnScheme {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            authenticator: None,
            given: Vec::new(),
        }
    }

    /// Takes `authenticator` if `name` is its name. Returns whether it is.
    pub(crate) fn give(&mut self, name: &str, authenticator: &Arc<dyn Authenticator>) -> bool {
        self.given.push(name.to_owned());
        let is_meant = self.name == name;
        if is_meant {
            self.authenticator = Some(Arc::clone(authenticator));
        }
        is_meant
    }

    pub(crate) fn authenticator(&self) -> Result<Arc<dyn Authenticator>, Advice> {
        self.authenticator.clone().ok_or_else(|| {
            let given = match &self.given[..] {
                [] => "none".to_owned(),
                names => names.join(", "),
            };
            Advice::of(
                "names an authenticator that the program does not give",
                format!("give it with `Config::with_authenticator`, or correct the name; the program gives {given}"),
            )
        })
    }
}
