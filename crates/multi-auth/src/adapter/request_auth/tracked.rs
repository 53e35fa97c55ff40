//! An attempt at a request whose response is judged.

use super::asked::Asked;
use crate::adapter::Outgoing;
use crate::credential::Attached;
use crate::{AuthError, Credential, CredentialId, QueryKeys};

/// What is needed to judge a response and to replay its request.
pub(super) struct Tracked<C> {
    pub(super) asked: Asked,
    pub(super) id: CredentialId,
    pub(super) copy: Option<C>,
    pub(super) query_keys: Option<QueryKeys>,
}

impl<C> Tracked<C> {
    /// Attaches `credential` to `request`. The result tells whether the response says something
    /// about it.
    #[inline]
    pub(super) fn attach(
        &mut self,
        credential: &Credential,
        request: &mut impl Outgoing,
    ) -> Result<bool, AuthError> {
        if credential.is_empty() {
            return Ok(true);
        }
        match credential.attach_parts(request)? {
            Attached::All => {}
            Attached::AllBut(missing) => self.id = self.id.without(&missing),
            Attached::Nothing => {
                // What only watches the response has no attachment to lose.
                self.query_keys = None;
                let all: Vec<_> = (0..credential.count()).collect();
                self.id = self.id.without(&all);
                return Ok(self.id.is_refreshable());
            }
        }
        Ok(true)
    }
}
