//! The file, each field with its location. The JSON Schema is generated from here, with these
//! descriptions.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::source::Inline;

/// The vendors whose requests multi-auth authenticates.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "multi-auth configuration")]
pub(crate) struct Document {
    /// Whether variables such as `MULTI_AUTH__REPORTS__URL` may set where a vendor's key goes:
    /// anyone who sets the program's environment can then send the key to any host. Default: no.
    #[serde(default)]
    #[expect(dead_code, reason = "the environment is read before the document")]
    pub(crate) dangerous_url_from_environment: bool,
    /// The vendors, by a name that you choose.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, VendorTable>")]
    pub(crate) vendors: BTreeMap<String, Spanned<VendorTable>>,
    /// The Vault server of the keys with `vault`.
    #[schemars(with = "Option<VaultTable>")]
    pub(crate) vault: Option<Spanned<VaultTable>>,
    /// Where the tokens of the scheme `refresh_token` are stored.
    #[schemars(with = "Option<StoreTable>")]
    pub(crate) store: Option<Spanned<StoreTable>>,
}

impl Document {
    /// Whether the text itself holds a secret.
    pub(crate) fn has_secret(&self) -> bool {
        let entries = self.vendors.values().map(Spanned::get_ref);
        let keys = entries.flat_map(|entry| {
            let also = entry.also.as_deref().map(Spanned::get_ref);
            [entry.key.as_ref(), also.and_then(|also| also.key.as_ref())]
        });
        let keys = keys.flatten();
        let vault = self.vault.as_ref().map(Spanned::get_ref);
        let token = vault.and_then(|vault| vault.token.as_ref());
        let store = self.store.as_ref().map(Spanned::get_ref);
        let sealing_key = store.and_then(|store| store.key.as_ref());
        let mut secrets = keys.chain(token).chain(sealing_key).map(Spanned::get_ref);
        secrets.any(|secret| matches!(secret, Secret::DangerousInline(_)))
    }
}

/// A server of HashiCorp Vault, or of OpenBao.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VaultTable {
    /// Its address, such as `https://vault.example.com:8200`.
    #[schemars(with = "String")]
    pub(crate) url: Option<Spanned<String>>,
    /// Where its token comes from. It is read again for each request to Vault.
    #[schemars(with = "Secret")]
    pub(crate) token: Option<Spanned<Secret>>,
    /// The namespace, if the server has any.
    #[schemars(with = "Option<String>")]
    pub(crate) namespace: Option<Spanned<String>>,
    /// A mount with a slash in its name, such as `kv/team`. Other mounts are the first segment of a
    /// key's path.
    #[schemars(with = "Option<String>")]
    pub(crate) mount: Option<Spanned<String>>,
}

/// A directory of sealed files that all processes of the user share.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoreTable {
    /// The directory. Only its user may have access to it. It is created if it does not exist. A
    /// relative path starts at the directory of this configuration.
    #[schemars(with = "String")]
    pub(crate) directory: Option<Spanned<PathBuf>>,
    /// Where the key comes from that seals the files: 32 random bytes in base64, from `openssl rand
    /// -base64 32`.
    #[schemars(with = "Secret")]
    pub(crate) key: Option<Spanned<Secret>>,
}

/// One credential, and where it may go.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VendorTable {
    /// A vendor with known rules, in place of `scheme`.
    #[schemars(with = "Option<Preset>")]
    pub(crate) preset: Option<Spanned<Preset>>,
    /// How the key is sent, in place of `preset`.
    #[schemars(with = "Option<SchemeName>")]
    pub(crate) scheme: Option<Spanned<SchemeName>>,
    /// Where the credential may go: scheme, host, port, and a path prefix if there is one.
    #[schemars(with = "Option<String>")]
    pub(crate) url: Option<Spanned<String>>,
    /// Where the key comes from.
    #[schemars(with = "Secret")]
    pub(crate) key: Option<Spanned<Secret>>,
    /// The name of the header field, query parameter or cookie that holds the key. With a token:
    /// the header field that holds it. Default: `Authorization`.
    #[schemars(with = "Option<String>")]
    pub(crate) name: Option<Spanned<String>>,
    /// The user of the scheme `basic`, if the key is the password alone.
    #[schemars(with = "Option<String>")]
    pub(crate) user: Option<Spanned<Inline>>,
    /// The text before the key, such as `Token `. With a token, the default is `Bearer `.
    #[schemars(with = "Option<String>")]
    pub(crate) prefix: Option<Spanned<String>>,
    /// The account of this key, if the vendor has several.
    pub(crate) account: Option<String>,
    /// The process of an Alphamoon process key.
    #[schemars(with = "Option<String>")]
    pub(crate) process: Option<Spanned<String>>,
    /// Header fields of token requests and of the requests of the program `multi-auth`: `{
    /// user-agent = "acme/1" }`. No secrets.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub(crate) headers: Option<BTreeMap<String, Spanned<String>>>,
    /// When the key expires: `2027-03-01`, or a time with an offset.
    #[schemars(with = "Option<String>")]
    pub(crate) expires_at: Option<Spanned<toml::value::Datetime>>,
    /// The path below `url` that `multi-auth check` requests with GET: it must be cheap and change
    /// nothing. The presets have one.
    #[schemars(with = "Option<String>")]
    pub(crate) verify: Option<Spanned<String>>,
    /// How tokens are cached, for `immuta` and the schemes that obtain a token.
    #[schemars(with = "Option<TokenTable>")]
    pub(crate) token: Option<Spanned<TokenTable>>,
    /// The token endpoint, for `client_credentials` and `refresh_token`.
    #[schemars(with = "Option<String>")]
    pub(crate) token_url: Option<Spanned<String>>,
    /// The issuer whose metadata names the endpoints (RFC 8414), in place of `token_url`.
    #[schemars(with = "Option<String>")]
    pub(crate) issuer: Option<Spanned<String>>,
    /// Origins other than the issuer's at which its metadata may name endpoints, such as
    /// `https://oauth2.googleapis.com`.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) endpoint_origins: Option<Vec<Spanned<String>>>,
    /// The authorization endpoint of `refresh_token`, where a person logs in with a browser.
    #[schemars(with = "Option<String>")]
    pub(crate) authorization_url: Option<Spanned<String>>,
    /// The device authorization endpoint of `refresh_token` (RFC 8628), where a person logs in with
    /// a code.
    #[schemars(with = "Option<String>")]
    pub(crate) device_authorization_url: Option<Spanned<String>>,
    /// The revocation endpoint of `refresh_token` (RFC 7009), for `multi-auth logout`.
    #[schemars(with = "Option<String>")]
    pub(crate) revocation_url: Option<Spanned<String>>,
    /// The OAuth client's ID.
    #[schemars(with = "Option<String>")]
    pub(crate) client_id: Option<Spanned<String>>,
    /// How the OAuth client authenticates. Default: `client_secret_basic`, or `none` if there is no
    /// `key`.
    #[schemars(with = "Option<ClientAuth>")]
    pub(crate) client_auth: Option<Spanned<ClientAuth>>,
    /// The algorithm of `private_key_jwt`: `RS256` (the default), `PS256`, `ES256`, `ES384` or
    /// `EdDSA`.
    #[schemars(with = "Option<String>")]
    pub(crate) algorithm: Option<Spanned<String>>,
    /// The ID of the key of `private_key_jwt`, which the server shows beside it.
    #[schemars(with = "Option<String>")]
    pub(crate) key_id: Option<Spanned<String>>,
    /// Whom an assertion is for. Default: `issuer` or `token_url`.
    #[schemars(with = "Option<String>")]
    pub(crate) assertion_audience: Option<Spanned<String>>,
    /// The OAuth scopes to ask for, with spaces between them (RFC 6749, 3.3).
    #[schemars(with = "Option<String>")]
    pub(crate) scope: Option<Spanned<String>>,
    /// The API that the token is for, if the vendor requires it.
    #[schemars(with = "Option<String>")]
    pub(crate) audience: Option<Spanned<String>>,
    /// The resources that the token is for (RFC 8707).
    pub(crate) resource: Option<Vec<String>>,
    /// Other parameters of the requests of an OAuth client. No secrets.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub(crate) parameters: Option<Spanned<BTreeMap<String, String>>>,
    /// Where a token request of an OAuth client carries its parameters. Default: `form`.
    #[schemars(with = "Option<ParameterPlace>")]
    pub(crate) parameters_in: Option<Spanned<ParameterPlace>>,
    /// The token endpoint of the scheme `token_endpoint`.
    #[schemars(with = "Option<TokenEndpointTable>")]
    pub(crate) token_endpoint: Option<Spanned<TokenEndpointTable>>,
    /// A second credential on the same requests, for a vendor that requires two, such as an
    /// application key besides the user's token. It has the same protection space, so it has no
    /// `url`, `account`, `process`, `headers`, `verify`, `preset` or `also`.
    #[schemars(with = "Option<Box<VendorTable>>")]
    pub(crate) also: Option<Box<Spanned<VendorTable>>>,
}

/// A vendor with known rules.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Preset {
    /// Alphamoon Workspace: the key is `user:pass`.
    Alphamoon,
    /// Immuta: the key obtains a token.
    Immuta,
    /// Immuta: the raw key is sent with every request.
    ImmutaRawKey,
}

/// How a key is sent.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SchemeName {
    /// `Authorization: Basic ...`; the key is `user:pass`, or the password of `user`.
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
    /// A token that the key obtains from a token endpoint.
    TokenEndpoint,
    /// A token of an OAuth client (RFC 6749, 4.4). The key is the client's secret.
    ClientCredentials,
    /// A token of a person who logs in with `multi-auth login` (RFC 6749, 6). The key, if there is
    /// one, is the client's secret. The table `store` describes where the refresh token is kept.
    RefreshToken,
    /// An authenticator of your program, by the name given to `Config::with_authenticator`:
    /// `{ own = "name" }`. It has no `key`.
    Own(String),
}

/// How an OAuth client authenticates at a token endpoint, by the names of RFC 7591, section 2.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    /// `Authorization: Basic <client_id:secret>` (RFC 6749, 2.3.1).
    #[default]
    #[serde(rename = "client_secret_basic")]
    Basic,
    /// The same without form-encoding, for a server that does not decode it.
    #[serde(rename = "client_secret_basic_unencoded")]
    BasicUnencoded,
    /// `client_id` and `client_secret` in the body.
    #[serde(rename = "client_secret_post")]
    Post,
    /// `client_id` alone: a public client. It has no `key`.
    #[serde(rename = "none")]
    None,
    /// A JWT signed with the private key in `key`, which is PEM (RFC 7523, 2.2).
    #[serde(rename = "private_key_jwt")]
    PrivateKeyJwt,
    /// A JWT signed with the client's secret (HS256).
    #[serde(rename = "client_secret_jwt")]
    SecretJwt,
}

/// Where a token request carries its parameters.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ParameterPlace {
    /// In a form, as RFC 6749 requires.
    #[default]
    Form,
    /// In a JSON object.
    Json,
    /// In the query of the URL, which servers and proxies log.
    Query,
}

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
    /// The other fields of the body: strings, numbers, booleans and, in JSON, lists and tables of
    /// any depth. No secrets.
    #[serde(default)]
    pub(crate) fields: serde_json::Map<String, serde_json::Value>,
    /// The JSON pointer to the token in the response. Default: `/access_token`.
    pub(crate) token_at: Option<String>,
    /// The pointer to its lifetime in seconds. Default: `/expires_in`.
    pub(crate) expires_in: Option<String>,
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

/// An OAuth client.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OAuthClient {
    /// The client's ID.
    pub(crate) client_id: String,
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
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// A JSON object.
    #[default]
    Json,
    /// Form fields.
    Form,
}

/// Where a secret comes from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Secret {
    /// An environment variable.
    Env(String),
    /// A file that others cannot read, without its trailing line break. A relative path starts at
    /// the directory of this configuration.
    File(PathBuf),
    /// As `file`, but another user may own it, such as an agent that writes the file.
    DangerousForeignFile(PathBuf),
    /// The output of a command: program and arguments, such as `["pass", "show", "vendor"]`,
    /// without a shell. It gets the variables `PATH` and `HOME`; to pass others, write `{ run =
    /// ["pass", "show", "vendor"], env = ["GPG_TTY"] }`.
    Command(CommandTable),
    /// An entry of the keyring of the operating system.
    OsKeyring(OsKeyringTable),
    /// A field of a secret in Vault (KV version 2), such as `secret/vendors/reports#api_key`. The
    /// table `vault` describes the server.
    Vault(String),
    /// A source of the program with this name.
    Own(String),
    /// The secret itself: everyone who can read the file has it.
    DangerousInline(Inline),
}

/// A command: its words, with or without the variables that it gets.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum CommandTable {
    /// Program and arguments.
    Words(Vec<String>),
    /// Program, arguments and environment variables.
    WithEnvironment(CommandWithEnvironment),
}

/// A command with environment variables.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommandWithEnvironment {
    /// Program and arguments.
    pub(crate) run: Vec<String>,
    /// The environment variables that it gets besides `PATH` and `HOME`.
    #[serde(default)]
    pub(crate) env: Vec<String>,
}

/// An entry of the keyring of the operating system.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    not(feature = "os-keyring"),
    expect(
        dead_code,
        reason = "only the feature reads it; without it, it is refused"
    )
)]
pub(crate) struct OsKeyringTable {
    /// The service of the entry, such as `multi-auth`.
    pub(crate) service: String,
    /// The user of the entry, usually the vendor.
    pub(crate) user: String,
}
