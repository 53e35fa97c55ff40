//! The parameters of the requests of an OAuth client, besides those of its grant.

use std::collections::BTreeMap;
use std::fmt;

use multi_auth::oauth::{Encoding, Grant};

/// The scope, the audience and so on, as an entry has them.
#[derive(Clone, Default)]
pub(crate) struct Parameters {
    pub(crate) scope: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) resource: Vec<String>,
    pub(crate) others: BTreeMap<String, String>,
    pub(crate) encoding: Encoding,
}

impl Parameters {
    /// Adds all to a token request.
    pub(crate) fn with_scope(&self, grant: Grant) -> Grant {
        self.without_scope(match &self.scope {
            Some(scope) => grant.with_parameter("scope", scope.as_str()),
            None => grant,
        })
    }

    /// Adds all but the scope, which belongs to the login (RFC 6749, 6): some servers refuse it
    /// later.
    pub(crate) fn without_scope(&self, grant: Grant) -> Grant {
        let pairs = self.pairs();
        let grant = pairs.fold(grant, |grant, (name, value)| {
            grant.with_parameter(name, value)
        });
        grant.with_encoding(self.encoding)
    }

    /// All but the scope.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let audience = self.audience.iter().map(|audience| ("audience", audience));
        let resource = self.resource.iter().map(|resource| ("resource", resource));
        let others = self
            .others
            .iter()
            .map(|(name, value)| (name.as_str(), value));
        let all = audience.chain(resource).chain(others);
        all.map(|(name, value)| (name, value.as_str()))
    }
}

/// Hides the values: they may hold a secret, although the documentation forbids it.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parameters")
            .field("scope", &self.scope)
            .field("others", &self.others.keys())
            .finish_non_exhaustive()
    }
}
