//! An attempt at a request whose response is judged.

use super::asked::Asked;
use crate::credential::Attached;
use crate::{Credential, CredentialId, QueryKeys};

/// What is needed to judge a response and to replay its request.
pub(super) struct Tracked<C> {
    pub(super) asked: Asked,
    /// What of the credential was attached.
    pub(super) id: CredentialId,
    pub(super) copy: Option<C>,
    pub(super) query_keys: Option<QueryKeys>,
}

impl<C> Tracked<C> {
    /// `copy` is asked for a copy where a new credential may be worth a replay.
    #[inline]
    pub(super) fn new(
        asked: Asked,
        credential: &Credential,
        copy: impl FnOnce() -> Option<C>,
    ) -> Self {
        let may_be_replayed = asked.may_be_replayed && credential.is_judged();
        Self {
            asked,
            id: credential.id().clone(),
            copy: may_be_replayed.then(copy).flatten(),
            query_keys: credential.query_keys(),
        }
    }

    /// Whether the scheme of what was attached reads the response.
    #[inline]
    pub(super) fn reads_response(&self) -> bool {
        self.asked.keyring.reads_response(&self.id)
    }

    /// Whether the response says something about `credential`, of which `attached` was attached.
    #[inline]
    pub(super) fn is_judged(&mut self, credential: &Credential, attached: Attached) -> bool {
        match attached {
            Attached::All => true,
            // What only watches the response has no attachment to lose.
            Attached::Nothing if credential.is_empty() => true,
            Attached::AllBut(missing) => {
                self.id = self.id.without(&missing);
                true
            }
            Attached::Nothing => {
                self.query_keys = None;
                let all: Vec<_> = (0..credential.count()).collect();
                self.id = self.id.without(&all);
                self.id.is_refreshable()
            }
        }
    }
}
