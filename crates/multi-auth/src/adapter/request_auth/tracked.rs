//! An attempt at a request whose response is judged.

use super::asked::Asked;
use crate::{CredentialId, QueryKeys};

/// What is needed to judge a response and to replay its request.
pub(super) struct Tracked<C> {
    pub(super) asked: Asked,
    /// What of the credential was attached.
    pub(super) id: CredentialId,
    pub(super) copy: Option<C>,
    pub(super) query_keys: Option<QueryKeys>,
}
