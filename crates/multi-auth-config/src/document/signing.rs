//! Signatures of requests, as the file describes them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::Secret;

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
    /// Where AWS's own tools would find the credentials, in place of `key`.
    pub(crate) credentials: Option<AwsSource>,
    /// The profile of `credentials = "profile"`. Default: `AWS_PROFILE`, or `default`.
    pub(crate) profile: Option<String>,
    /// Whether bodies are sent unsigned, so that they may be streams. Only some services accept it.
    /// Default: no.
    #[serde(default)]
    pub(crate) unsigned_payload: bool,
    /// Whether the hash of the body is sent as `X-Amz-Content-Sha256`, which some services require,
    /// such as OpenSearch Serverless. Requests to S3 always have it. Default: no.
    #[serde(default)]
    pub(crate) content_sha256: bool,
    /// Whether the error code in JSON bodies is read, such as that of DynamoDB, so that an expired
    /// session is refreshed. Default: only the header field is read.
    #[serde(default)]
    pub(crate) read_json_errors: bool,
}

/// Where AWS's own tools find credentials.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AwsSource {
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, if it is set, `AWS_SESSION_TOKEN`.
    Environment,
    /// A profile of `~/.aws/credentials` and `~/.aws/config`.
    Profile,
    /// The role `AWS_ROLE_ARN`, for the token in `AWS_WEB_IDENTITY_TOKEN_FILE`.
    WebIdentity,
    /// The endpoint of a container on ECS or EKS, `AWS_CONTAINER_CREDENTIALS_FULL_URI` or
    /// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`.
    Container,
    /// The metadata of an EC2 instance (IMDSv2).
    InstanceMetadata,
}

/// A signature for Azure Storage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AzureTable {
    /// The name of the storage account, without `-secondary` and `.blob.core.windows.net`.
    #[schemars(with = "String")]
    pub(crate) account: Spanned<String>,
    /// Whether requests go to Table storage, whose signatures differ. Default: no.
    #[serde(default)]
    pub(crate) table: bool,
    /// The value of `x-ms-version` for requests that have none. Default: `2023-11-03`, and
    /// `2019-02-02` for Table storage.
    #[schemars(with = "Option<String>")]
    pub(crate) version: Option<Spanned<String>>,
}

/// A signature by OAuth 1.0a (RFC 5849).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OAuth1Table {
    /// The client's key, which vendors call the consumer key or the API key. In place of it,
    /// `secrets` may have a `consumer_key`.
    #[schemars(with = "Option<String>")]
    pub(crate) consumer_key: Option<Spanned<String>>,
    /// The user's token. In place of it, `secrets` may have a `token`. Its secret is `token_secret`
    /// in `secrets`. Default: none, which signs for the client alone.
    #[schemars(with = "Option<String>")]
    pub(crate) token: Option<Spanned<String>>,
    /// The parameter `realm`, such as the account ID of NetSuite. It is not signed.
    #[schemars(with = "Option<String>")]
    pub(crate) realm: Option<Spanned<String>>,
    /// The signature method. Default: `HMAC-SHA1`.
    #[serde(default)]
    pub(crate) signature_method: OAuth1Method,
    /// Whether bodies that are not forms are signed too, by `oauth_body_hash`. They must then be in
    /// memory. Default: no.
    #[serde(default)]
    pub(crate) body_hash: bool,
}

/// A signature method of OAuth 1.0a.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
pub(crate) enum OAuth1Method {
    /// RFC 5849, 3.4.2.
    #[default]
    #[serde(rename = "HMAC-SHA1")]
    HmacSha1,
    /// The same with SHA-256, which NetSuite requires.
    #[serde(rename = "HMAC-SHA256")]
    HmacSha256,
}

/// A signature by the vendor's own rules. In its templates, `{name}` stands for a part of the
/// request, a value or a secret.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HmacTable {
    /// The signature. Templates name it `{signature}`.
    pub(crate) signature: HmacValueTable,
    /// Other values that are computed for each request, by name.
    #[serde(default)]
    pub(crate) values: BTreeMap<String, HmacValueTable>,
    /// How `{timestamp}` is written. Default: `seconds` since 1970.
    #[serde(default)]
    pub(crate) timestamp: TimestampName,
    /// How `{nonce}` is made. Default: `hex`.
    #[serde(default)]
    pub(crate) nonce: NonceName,
    /// The header fields of the signature, with a template for each.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// The query parameters of the signature, with a template for each. Those that need the query,
    /// such as its signature, come last.
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
}

/// A value that is computed for each request.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HmacValueTable {
    /// The algorithm. Default: none, so that the value is the message itself.
    pub(crate) algorithm: Option<HmacAlgorithm>,
    /// The template of the message.
    pub(crate) message: String,
    /// The template of the key of an HMAC. Default: the `key` of the entry.
    pub(crate) key: Option<String>,
    /// How the value is written. Default: `hex`, and without an algorithm as it is.
    pub(crate) output: Option<OutputName>,
    /// The methods for which the value is computed. For others it is empty. Default: all.
    #[serde(default)]
    pub(crate) methods: Vec<String>,
    /// Whether the value is empty if the message is. Default: no.
    #[serde(default)]
    pub(crate) unless_empty: bool,
    /// How many bytes of the message are used. Default: all.
    pub(crate) longest_message: Option<usize>,
}

/// A hash, or an HMAC with it (RFC 2104).
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub(crate) enum HmacAlgorithm {
    #[serde(rename = "hmac-sha1")]
    HmacSha1,
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    #[serde(rename = "hmac-sha384")]
    HmacSha384,
    #[serde(rename = "hmac-sha512")]
    HmacSha512,
    #[serde(rename = "sha1")]
    Sha1,
    #[serde(rename = "sha256")]
    Sha256,
    #[serde(rename = "sha384")]
    Sha384,
    #[serde(rename = "sha512")]
    Sha512,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutputName {
    /// In hexadecimal, in lower case.
    Hex,
    /// In hexadecimal, in upper case.
    HexUpper,
    /// In base64 (RFC 4648, 4).
    Base64,
    /// In base64url without padding (RFC 4648, 5).
    Base64url,
    /// As its bytes, for another value that contains it.
    Raw,
}

/// How a timestamp is written.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimestampName {
    /// Seconds since 1970.
    #[default]
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Microseconds since 1970.
    Microseconds,
    /// `2017-07-12T02:41:59Z`.
    Rfc3339,
    /// `2017-07-12T02:41:59.559Z`.
    Rfc3339Milliseconds,
    /// `Wed, 12 Jul 2017 02:41:59 GMT` (RFC 9110, 5.6.7).
    HttpDate,
    /// A format of `strftime`, in UTC: `{ format = "%Y%m%dT%H:%M:%S+0000" }`.
    Format(String),
}

/// How a nonce is made.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NonceName {
    /// 128 random bits in hexadecimal.
    #[default]
    Hex,
    /// A random UUID.
    Uuid,
    /// 128 random bits in base64.
    Base64,
    /// The time in milliseconds since 1970, and always more than the last one.
    IncreasingMilliseconds,
    /// The time in microseconds since 1970, and always more than the last one.
    IncreasingMicroseconds,
}

/// Settings of Digest authentication (RFC 7616).
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DigestTable {
    /// Whether bodies are covered where the server offers `qop=auth-int`. Default: no.
    #[serde(default)]
    pub(crate) integrity: bool,
    /// Whether a server that offers nothing better is answered with MD5, which is weak. Default:
    /// no.
    #[serde(default)]
    pub(crate) dangerous_md5: bool,
}

/// The key to which tokens are bound (RFC 9449).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DpopTable {
    /// Where the private key comes from: PEM or a JWK. The `key` of the entry is still the client's
    /// secret.
    #[schemars(with = "Secret")]
    pub(crate) key: Option<Spanned<Secret>>,
    /// The algorithm of the proofs: `ES256` (the default), `ES384`, `EdDSA`, `RS256`, `PS256` or
    /// `PS512`.
    #[schemars(with = "Option<String>")]
    pub(crate) algorithm: Option<Spanned<String>>,
}

/// An HTTP message signature (RFC 9421).
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpSignatureTable {
    /// What the signature covers, such as `["@method", "@target-uri", "content-digest"]`. A request
    /// that lacks one of these fields fails. Default: `@method`, `@authority`, `@path` and
    /// `@query`, and `content-digest` and `content-type` if there is a body.
    pub(crate) components: Option<Vec<String>>,
    /// What the signature also covers if the request has it.
    #[serde(default)]
    pub(crate) optional_components: Vec<String>,
    /// The label of the signature. Default: `sig1`.
    pub(crate) label: Option<String>,
    /// The parameter `tag`.
    pub(crate) tag: Option<String>,
    /// How long the signature is valid, such as `5m`: the parameter `expires`. Default: it does not
    /// say.
    #[schemars(with = "Option<String>")]
    pub(crate) expires_after: Option<Spanned<String>>,
    /// Whether it has a random `nonce`. Default: no.
    #[serde(default)]
    pub(crate) nonce: bool,
    /// Whether it names its algorithm, as `alg`. Default: no.
    #[serde(default)]
    pub(crate) algorithm_parameter: bool,
    /// Whether `Content-Digest` is made with SHA-512. Default: with SHA-256.
    #[serde(default)]
    pub(crate) content_digest_sha512: bool,
    /// For Web Bot Auth: the origin that publishes the public key, such as
    /// `https://bot.example.com`.
    pub(crate) signature_agent: Option<String>,
}
