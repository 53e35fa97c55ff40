//! Token requests and token caches, as the file describes them.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

/// A token request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenEndpointTable {
    /// The token endpoint.
    #[schemars(with = "String")]
    pub(crate) url: Spanned<String>,
    /// The request's method. Default: `POST`.
    #[serde(default)]
    pub(crate) method: TokenMethod,
    /// Parameters of the endpoint's query. No secrets: servers log queries.
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    /// The token types to accept. Default: `["Bearer"]`. A token of another type needs `prefix` or
    /// `name`.
    #[serde(default)]
    pub(crate) token_types: Vec<String>,
    /// The format of the request's body. Default: `json`.
    #[serde(default)]
    pub(crate) format: Format,
    /// The field of the body that holds the key, or its JSON pointer, such as `/auth/secret`.
    pub(crate) key_field: Option<String>,
    /// In place of `key_field`: the key is the secret of this OAuth client, sent in `Authorization:
    /// Basic` (RFC 6749, 2.3.1).
    pub(crate) client_secret_basic: Option<OAuthClient>,
    /// In place of `key_field`: the key is the secret of this OAuth client, sent in the body as
    /// `client_secret`, beside `client_id`.
    pub(crate) client_secret_post: Option<OAuthClient>,
    /// In place of `key_field`: the credential of the token request itself, built from the key.
    pub(crate) credential: Option<InnerCredentialTable>,
    /// In place of `key_field`, for the format `xml`: the body, with `{key}` where the key belongs.
    pub(crate) body: Option<String>,
    /// Header fields that the token request needs besides those of the entry. No secrets.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub(crate) headers: BTreeMap<String, Spanned<String>>,
    /// The other fields of the body: strings, numbers, booleans and, in JSON, lists and tables of
    /// any depth. No secrets.
    #[serde(default)]
    pub(crate) fields: serde_json::Map<String, serde_json::Value>,
    /// The JSON pointer to the token in the response. Default: `/access_token`. The empty pointer
    /// is the whole body, which may be plain text.
    pub(crate) token_at: Option<String>,
    /// In place of `token_at`: the header field of the response that holds the token.
    pub(crate) token_header: Option<String>,
    /// In place of `token_at`: the cookie that holds the token.
    pub(crate) token_cookie: Option<String>,
    /// The pointer to its lifetime in seconds. Default: `/expires_in`.
    pub(crate) expires_in: Option<String>,
    /// The pointer to its lifetime in milliseconds.
    pub(crate) expires_in_milliseconds: Option<String>,
    /// The pointer to its lifetime in minutes.
    pub(crate) expires_in_minutes: Option<String>,
    /// Whether the token is a JWT whose claim `exp` is its expiry. Default: no.
    #[serde(default)]
    pub(crate) expires_by_jwt: bool,
    /// The pointer to its expiry.
    pub(crate) expires_at: Option<String>,
    /// The lifetime of a token whose response has none, such as `1h`. Default: until it is refused.
    #[schemars(with = "Option<String>")]
    pub(crate) default_lifetime: Option<Spanned<String>>,
    /// Whether a lifetime of zero means that the vendor states none. Default: no.
    #[serde(default)]
    pub(crate) zero_means_unknown_lifetime: bool,
    /// The pointer to a flag that is `false` if the vendor refuses the key with status 200.
    pub(crate) refused_unless: Option<String>,
    /// Other texts of the response that a later step uses, by name, and their JSON pointers.
    #[serde(default)]
    pub(crate) keep: BTreeMap<String, String>,
    /// The next token request, for a vendor whose token needs several. Its key is the token of this
    /// one.
    #[schemars(with = "Option<Box<TokenEndpointTable>>")]
    pub(crate) then: Option<Box<Spanned<TokenEndpointTable>>>,
}

/// The base URL that a token response names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BaseUrlTable {
    /// Its JSON pointer in the response, such as `/instance_url`.
    pub(crate) json: String,
    /// The domains that it may be at, such as `["https://my.salesforce.com"]`. Subdomains are
    /// included. Each must belong to the vendor.
    pub(crate) domains: Vec<String>,
}

impl TokenEndpointTable {
    /// Whether a step of it signs a JWT.
    pub(crate) fn has_jwt(&self) -> bool {
        let inner = self.credential.as_ref();
        let is_jwt = inner.is_some_and(|inner| inner.scheme == InnerScheme::Jwt);
        let then = self.then.as_ref();
        is_jwt || then.is_some_and(|then| then.get_ref().has_jwt())
    }
}

/// The method of a token request.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum TokenMethod {
    /// Sends the fields in the body.
    #[default]
    Post,
    /// As `POST`, for vendors that create a session with it.
    Put,
    /// Sends no body: the client authenticates with `client_secret_basic`.
    Get,
}

/// The credential of a token request, built from the key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InnerCredentialTable {
    /// How the key is sent.
    pub(crate) scheme: InnerScheme,
    /// The name of the header field, query parameter or cookie that holds the key.
    pub(crate) name: Option<String>,
    /// The text before the key.
    pub(crate) prefix: Option<String>,
    /// The user of `basic`, if the key is the password alone.
    pub(crate) user: Option<String>,
    /// The constant password of `basic`, if the key is the user.
    pub(crate) password: Option<String>,
}

impl InnerCredentialTable {
    /// Whether it has a field that its scheme does not use.
    pub(crate) fn has_unused(&self) -> bool {
        use InnerScheme::{Authorization, Basic, Cookie, Header, Query};
        let is = |schemes: &[InnerScheme]| schemes.contains(&self.scheme);
        let has_half = self.user.is_some() || self.password.is_some();
        self.name.is_some() && !is(&[Header, Query, Cookie])
            || self.prefix.is_some() && !is(&[Authorization, Header])
            || has_half && !is(&[Basic])
    }
}

/// How a token request sends the key.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InnerScheme {
    /// `Authorization: Basic ...`.
    Basic,
    /// `Authorization: Bearer <key>`.
    Bearer,
    /// `Authorization: <prefix><key>`.
    Authorization,
    /// `<name>: <prefix><key>`.
    Header,
    /// `?<name>=<key>`.
    Query,
    /// `Cookie: <name>=<key>`.
    Cookie,
    /// `Authorization: Bearer <JWT>`, which the key signs as `jwt` says.
    Jwt,
}

/// An OAuth client.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OAuthClient {
    /// The client's ID.
    pub(crate) client_id: String,
}

/// A JWT (RFC 7519), signed anew for each token.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JwtTable {
    /// The claim `iss`. `{public_key_sha256}` in it is replaced by the hash of the public key.
    pub(crate) issuer: Option<String>,
    /// The claim `sub`.
    pub(crate) subject: Option<String>,
    /// The claim `aud`.
    pub(crate) audience: Option<String>,
    /// The lifetime, such as `10m`: the claim `exp`. Default: `5m`.
    #[schemars(with = "Option<String>")]
    pub(crate) lifetime: Option<Spanned<String>>,
    /// How long before now `iat` is, such as `60s`, for a vendor whose clock is slow.
    #[schemars(with = "Option<String>")]
    pub(crate) backdated_by: Option<Spanned<String>>,
    /// Whether it has a random `jti`. Default: no.
    #[serde(default)]
    pub(crate) random_id: bool,
    /// Whether it has the claim `nbf`. Default: no.
    #[serde(default)]
    pub(crate) not_before: bool,
    /// Other claims. No secrets.
    #[serde(default)]
    pub(crate) claims: serde_json::Map<String, serde_json::Value>,
    /// Other members of the header.
    #[serde(default)]
    pub(crate) header: BTreeMap<String, String>,
}

/// How tokens are cached. Durations are written as `30s`, `5m` or `1h 30m`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenTable {
    /// The time limit of a token request. Default: `30s`.
    #[schemars(with = "Option<String>")]
    pub(crate) refresh_timeout: Option<Spanned<String>>,
    /// The number of attempts before a token request counts as failed. Default: 1.
    pub(crate) attempts: Option<NonZeroU32>,
    /// How long before expiry a token is refreshed in the background. Default: by its lifetime.
    #[schemars(with = "Option<String>")]
    pub(crate) window: Option<Spanned<String>>,
    /// How long before expiry a token is no longer used. Default: at most `10s`.
    #[schemars(with = "Option<String>")]
    pub(crate) margin: Option<Spanned<String>>,
    /// The longest lifetime of a token.
    #[schemars(with = "Option<String>")]
    pub(crate) max_age: Option<Spanned<String>>,
    /// Whether an expired token is sent if no newer one is available. Default: no.
    #[serde(default)]
    pub(crate) serve_stale: bool,
    /// The statuses that mean that a token is no longer valid. Default: `[401]`.
    #[schemars(with = "Option<Vec<u16>>")]
    pub(crate) refresh_on: Option<Spanned<Vec<u16>>>,
}

/// The format of a token request's body.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// A JSON object.
    #[default]
    Json,
    /// Form fields.
    Form,
    /// XML, as `body` has it.
    Xml,
    /// No body.
    None,
}
