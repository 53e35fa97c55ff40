//! Signatures of requests, as the file describes them.

use schemars::JsonSchema;
use serde::Deserialize;

/// A signature by AWS Signature Version 4.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SigV4Table {
    /// The region, such as `eu-central-1`.
    pub(crate) region: String,
    /// The name of the service in signatures, such as `execute-api` or `s3`.
    pub(crate) service: String,
    /// The ID of the access key. In place of it, `secrets` may have an `access_key_id`.
    pub(crate) access_key_id: Option<String>,
    /// Whether bodies are sent unsigned, so that they may be streams. Only some services accept it.
    /// Default: no.
    #[serde(default)]
    pub(crate) unsigned_payload: bool,
}
