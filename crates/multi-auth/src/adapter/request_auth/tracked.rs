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
    /// Attaches `credential` to `request`; `None` if the response then says nothing about it.
    pub(super) fn attach(
        asked: Asked,
        credential: Credential,
        request: &mut impl Outgoing,
        copy: Option<C>,
    ) -> Result<Option<Self>, AuthError> {
        let (id, query_keys) = (credential.id().clone(), credential.query_keys());
        let mut tracked = Self {
            asked,
            id,
            copy,
            query_keys,
        };
        if credential.is_empty() {
            return Ok(Some(tracked));
        }
        let all = 0..credential.count();
        match credential.attach_parts(request)? {
            Attached::All => {}
            Attached::AllBut(missing) => tracked.id = tracked.id.without(&missing),
            Attached::Nothing => {
                // What only watches the response has no attachment to lose.
                tracked.query_keys = None;
                tracked.id = tracked.id.without(&all.collect::<Vec<_>>());
                return Ok(tracked.id.is_refreshable().then_some(tracked));
            }
        }
        Ok(Some(tracked))
    }
}
