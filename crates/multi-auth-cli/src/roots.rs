//! The root certificates that the system trusts.

use crate::causes::with_causes;

/// Whether the system has any.
pub(crate) fn exist() -> bool {
    let client = reqwest::Client::builder().build();
    !client.is_err_and(|error| are_missing(&error))
}

/// Whether building a client failed because the system has none. rustls-platform-verifier has no
/// error type for this.
pub(crate) fn are_missing(error: &reqwest::Error) -> bool {
    error.is_builder() && with_causes(error).contains("No CA certificates were loaded")
}
