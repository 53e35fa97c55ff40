//! The file as it is written, each field with its place. What a field is for, the JSON Schema says too: it is made
//! from here.

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
    /// Whether variables such as `MULTI_AUTH__REPORTS__URL` may set where a vendor's key goes: everyone who sets the environment can
    /// then send it anywhere. Default: no.
    #[serde(default)]
    #[expect(dead_code, reason = "the environment is read before the document")]
    pub(crate) dangerous_url_from_environment: bool,
    /// The vendors, each under a name of your own.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, VendorTable>")]
    pub(crate) vendors: BTreeMap<String, Spanned<VendorTable>>,
    /// The Vault that keys from `vault` are read of.
    #[schemars(with = "Option<VaultTable>")]
    pub(crate) vault: Option<Spanned<VaultTable>>,
}

impl Document {
    /// Whether a secret stands in the text itself.
    pub(crate) fn has_secret(&self) -> bool {
        let entries = self.vendors.values().map(Spanned::get_ref);
        let keys = entries.flat_map(|entry| {
            let also = entry.also.as_deref().map(Spanned::get_ref);
            [entry.key.as_ref(), also.and_then(|also| also.key.as_ref())]
        });
        let keys = keys.flatten();
        let vault = self.vault.as_ref().map(Spanned::get_ref);
        let token = vault.and_then(|vault| vault.token.as_ref());
        let mut secrets = keys.chain(token).map(Spanned::get_ref);
        secrets.any(|secret| matches!(secret, Secret::DangerousInline(_)))
    }
}

/// A server of HashiCorp Vault, or of OpenBao.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VaultTable {
    /// Its address, as in `https://vault.example.com:8200`.
    #[schemars(with = "String")]
    pub(crate) url: Option<Spanned<String>>,
    /// Where its token comes from. It is read anew at every look.
    #[schemars(with = "Secret")]
    pub(crate) token: Option<Spanned<Secret>>,
    /// The namespace, where there are any.
    #[schemars(with = "Option<String>")]
    pub(crate) namespace: Option<Spanned<String>>,
    /// A mount with a slash in its name, as in `kv/team`. Other mounts are the first part of a key's path.
    #[schemars(with = "Option<String>")]
    pub(crate) mount: Option<Spanned<String>>,
}

/// One credential, and where it may go.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VendorTable {
    /// A vendor whose rules are known. In place of `scheme`.
    #[schemars(with = "Option<Preset>")]
    pub(crate) preset: Option<Spanned<Preset>>,
    /// How the key is sent. In place of `preset`.
    #[schemars(with = "Option<SchemeName>")]
    pub(crate) scheme: Option<Spanned<SchemeName>>,
    /// Where the credential may go: scheme, host, port, and a path below which it is good.
    #[schemars(with = "Option<String>")]
    pub(crate) url: Option<Spanned<String>>,
    /// Where the key comes from.
    #[schemars(with = "Secret")]
    pub(crate) key: Option<Spanned<Secret>>,
    /// The header field, query parameter or cookie of the schemes of these names. With a token: the header field that it
    /// goes into, where that is not `Authorization`.
    #[schemars(with = "Option<String>")]
    pub(crate) name: Option<Spanned<String>>,
    /// The user of the scheme `basic`, whose key then is the password alone.
    #[schemars(with = "Option<String>")]
    pub(crate) user: Option<Spanned<Inline>>,
    /// What stands before the key, as in `Token `, where that is not `Bearer `.
    #[schemars(with = "Option<String>")]
    pub(crate) prefix: Option<Spanned<String>>,
    /// The one of several customers of this vendor whose key it is.
    pub(crate) account: Option<String>,
    /// The process that an Alphamoon process key is for.
    #[schemars(with = "Option<String>")]
    pub(crate) process: Option<Spanned<String>>,
    /// Header fields of every request that the program makes itself, and of the token request: `{ user-agent = "acme/1" }`.
    /// No secrets.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub(crate) headers: Option<BTreeMap<String, Spanned<String>>>,
    /// The date on which the vendor will stop accepting the key: `2027-03-01`, or a moment with its offset.
    #[schemars(with = "Option<String>")]
    pub(crate) expires_at: Option<Spanned<toml::value::Datetime>>,
    /// The path below `url` that is asked with GET to see whether the vendor accepts the credential: something cheap that
    /// changes nothing. The presets bring one.
    #[schemars(with = "Option<String>")]
    pub(crate) verify: Option<Spanned<String>>,
    /// How tokens are kept, for `immuta`, `token_endpoint` and `client_credentials`.
    #[schemars(with = "Option<TokenTable>")]
    pub(crate) token: Option<Spanned<TokenTable>>,
    /// The token endpoint of the scheme `client_credentials`.
    #[schemars(with = "Option<String>")]
    pub(crate) token_url: Option<Spanned<String>>,
    /// The client's ID, for `client_credentials`.
    #[schemars(with = "Option<String>")]
    pub(crate) client_id: Option<Spanned<String>>,
    /// How the client authenticates, for `client_credentials`. Default: `client_secret_basic`.
    #[schemars(with = "Option<ClientAuth>")]
    pub(crate) client_auth: Option<Spanned<ClientAuth>>,
    /// The OAuth scopes to ask for, with spaces between them (RFC 6749, 3.3), for `client_credentials`.
    #[schemars(with = "Option<String>")]
    pub(crate) scope: Option<Spanned<String>>,
    /// The API that the token is for, for `client_credentials`, where the vendor asks for it.
    #[schemars(with = "Option<String>")]
    pub(crate) audience: Option<Spanned<String>>,
    /// The token endpoint of the scheme `token_endpoint`.
    #[schemars(with = "Option<TokenEndpointTable>")]
    pub(crate) token_endpoint: Option<Spanned<TokenEndpointTable>>,
    /// A second credential on the same requests, as of a vendor that wants an application's key besides the user's token.
    /// It goes where the entry's own goes, so `url`, `account`, `process`, `headers`, `verify`, `preset` and `also` do not
    /// belong in it.
    #[schemars(with = "Option<Box<VendorTable>>")]
    pub(crate) also: Option<Box<Spanned<VendorTable>>>,
}

/// A vendor whose rules are known.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Preset {
    /// Alphamoon Workspace: the key is `user:pass`.
    Alphamoon,
    /// Immuta: the key is exchanged for a token.
    Immuta,
    /// Immuta, with the raw key on every request.
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
    /// A token, which the key obtains from a token endpoint.
    TokenEndpoint,
    /// A token of an OAuth client (RFC 6749, 4.4). The key is the client's secret.
    ClientCredentials,
    /// An authenticator that the program gives under this name: `{ own = "name" }`. It needs no key.
    Own(String),
}

/// How an OAuth client authenticates at a token endpoint, as OpenID Connect Core, 9, names it.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientAuth {
    /// `Authorization: Basic <client_id:secret>` (RFC 6749, 2.3.1).
    #[default]
    ClientSecretBasic,
    /// `client_id` and `client_secret` in the body.
    ClientSecretPost,
}

/// The token request of a key for a token.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenEndpointTable {
    /// The token endpoint.
    #[schemars(with = "String")]
    pub(crate) url: Spanned<String>,
    /// How the request's body is written. Default: `json`.
    #[serde(default)]
    pub(crate) format: Format,
    /// The field of the body that the key stands in, or its JSON pointer, as in `/auth/secret`.
    pub(crate) key_field: Option<String>,
    /// In place of `key_field`: the key is an OAuth client's secret and authorizes the token request itself (RFC 6749, 2.3.1).
    pub(crate) client_secret_basic: Option<OAuthClient>,
    /// In place of `key_field`: the key is an OAuth client's secret and goes into the body as `client_secret`, beside
    /// `client_id`.
    pub(crate) client_secret_post: Option<OAuthClient>,
    /// What else stands in the body: texts, numbers, booleans, and in JSON lists and tables of any depth. No secrets.
    #[serde(default)]
    pub(crate) fields: serde_json::Map<String, serde_json::Value>,
    /// Where the token stands in the answer, as a JSON pointer. Default: `/access_token`.
    pub(crate) token_at: Option<String>,
    /// Where its lifetime in seconds stands. Default: `/expires_in`.
    pub(crate) expires_in: Option<String>,
    /// Where the moment of its end stands.
    pub(crate) expires_at: Option<String>,
    /// The lifetime of a token whose answer names none, as in `1h`. Default: until it is refused.
    #[schemars(with = "Option<String>")]
    pub(crate) default_lifetime: Option<Spanned<String>>,
    /// Whether a lifetime of zero means that the vendor names none. Default: no.
    #[serde(default)]
    pub(crate) zero_means_unknown_lifetime: bool,
    /// Where a flag stands that is `false` when the key is refused in spite of a status of 200.
    pub(crate) refused_unless: Option<String>,
}

/// An OAuth client.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OAuthClient {
    /// The client's ID.
    pub(crate) client_id: String,
}

/// How tokens are kept. Lengths of time are written as in `30s`, `5m` or `1h 30m`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenTable {
    /// How long a token request may take. Default: `30s`.
    #[schemars(with = "Option<String>")]
    pub(crate) refresh_timeout: Option<Spanned<String>>,
    /// How often a token request is tried before it counts as failed. Default: 1.
    pub(crate) attempts: Option<NonZeroU32>,
    /// How long before its end a token is refreshed while it is still used. Default: by its lifetime.
    #[schemars(with = "Option<String>")]
    pub(crate) window: Option<Spanned<String>>,
    /// How long before its end a token is no longer used. Default: `10s` at most.
    #[schemars(with = "Option<String>")]
    pub(crate) margin: Option<Spanned<String>>,
    /// The longest that a token is taken to live, whatever its issuer says.
    #[schemars(with = "Option<String>")]
    pub(crate) max_age: Option<Spanned<String>>,
    /// Whether a token that has ended is sent where no newer one can be had. Default: no.
    #[serde(default)]
    pub(crate) serve_stale: bool,
    /// The statuses that say that a token is spent. Default: 401 alone.
    #[schemars(with = "Option<Vec<u16>>")]
    pub(crate) refresh_on: Option<Spanned<Vec<u16>>>,
}

/// How the body of a token request is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// A JSON object.
    #[default]
    Json,
    /// Form fields.
    Form,
}

/// Where a secret comes from. It never stands in the file itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Secret {
    /// An environment variable.
    Env(String),
    /// A file that others cannot read; a line break at its end does not count. A relative path counts from the folder of
    /// this configuration.
    File(PathBuf),
    /// As `file`, without the check of the owner: for an agent that runs as another user and writes the file.
    DangerousForeignFile(PathBuf),
    /// What a command prints: program and arguments, as in `["pass", "show", "vendor"]`. No shell reads them. Of the
    /// environment it gets `PATH` and `HOME`; more with `{ run = ["pass", "show", "vendor"], env = ["GPG_TTY"] }`.
    Command(CommandTable),
    /// An entry of the keyring of the operating system.
    OsKeyring(OsKeyringTable),
    /// A field of a secret in Vault (KV version 2), as in `secret/vendors/reports#api_key`. The table `vault` says which
    /// Vault.
    Vault(String),
    /// A source that the program gives under this name.
    Own(String),
    /// The secret itself: whoever reads the file has it.
    DangerousInline(Inline),
}

/// A command: its words, or those and the variables that it gets.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum CommandTable {
    /// Program and arguments.
    Words(Vec<String>),
    /// With variables of the environment.
    WithEnvironment(CommandWithEnvironment),
}

/// A command with variables of the environment.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommandWithEnvironment {
    /// Program and arguments.
    pub(crate) run: Vec<String>,
    /// The names of the variables that it gets besides `PATH` and `HOME`.
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
    /// What the entry is for, as in `multi-auth`.
    pub(crate) service: String,
    /// Whose it is: the vendor, as a rule.
    pub(crate) user: String,
}
