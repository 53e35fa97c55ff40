//! The file, each field with its location. The JSON Schema is generated from here, with these
//! descriptions.

mod condition;
pub(crate) use condition::{ConditionTable, Scalar};
mod proxy;
pub(crate) use proxy::{AllowTable, CallerTable, ProxyTable};
mod scheme;
pub(crate) use scheme::{ClientAuth, KeyEncoding, ParameterPlace, Preset, SchemeName};
mod secret;
pub(crate) use secret::{CommandTable, OsKeyringTable, Secret};
mod signing;
pub(crate) use signing::{
    AwsSource, AzureTable, DigestTable, DpopTable, HmacAlgorithm, HmacTable, HmacValueTable,
    HttpSignatureTable, NonceName, OAuth1Method, OAuth1Table, OutputName, SigV4Table,
    TimestampName,
};
mod token;
pub(crate) use token::{
    BaseUrlTable, Format, InnerCredentialTable, InnerScheme, JwtTable, OAuthClient,
    TokenEndpointTable, TokenMethod, TokenTable,
};

use std::collections::BTreeMap;
use std::iter::successors;
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
    /// The proxy of `multi-auth proxy`.
    #[schemars(with = "Option<ProxyTable>")]
    pub(crate) proxy: Option<Spanned<ProxyTable>>,
}

impl Document {
    /// Whether the text itself holds a secret.
    pub(crate) fn has_secret(&self) -> bool {
        let mut secrets = self.secrets();
        secrets.any(|secret| matches!(secret, Secret::DangerousInline(_)))
    }

    /// The environment variables that hold a secret.
    pub(crate) fn secret_variables(&self) -> Vec<String> {
        let own = self.secrets().flat_map(Secret::variables);
        let entries = self.vendors.values().map(Spanned::get_ref);
        let mut parts = entries.flat_map(VendorTable::parts);
        let is_of_aws = |part: &VendorTable| {
            let signature = part.sigv4.as_ref().map(Spanned::get_ref);
            signature.is_some_and(|signature| signature.credentials.is_some())
        };
        let aws: &[&str] = if parts.any(is_of_aws) { &OF_AWS } else { &[] };
        own.chain(aws.iter().copied()).map(str::to_owned).collect()
    }

    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let entries = self.vendors.values().map(Spanned::get_ref);
        let keys = entries.flat_map(VendorTable::parts).flat_map(|part| {
            let others = part.secrets.iter().flat_map(BTreeMap::values);
            let dpop = part.dpop.as_ref().map(Spanned::get_ref);
            let dpop = dpop.and_then(|dpop| dpop.key.as_ref());
            part.key.iter().chain(others).chain(dpop)
        });
        let vault = self.vault.as_ref().map(Spanned::get_ref);
        let token = vault.and_then(|vault| vault.token.as_ref());
        let store = self.store.as_ref().map(Spanned::get_ref);
        let store = store.into_iter().flat_map(StoreTable::secrets);
        keys.chain(token).chain(store).map(Spanned::get_ref)
    }
}

/// The variables in which AWS's tools find credentials, or what obtains them.
const OF_AWS: [&str; 8] = [
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

impl StoreTable {
    fn secrets(&self) -> impl Iterator<Item = &Spanned<Secret>> {
        let previous = self.previous_keys.iter().flatten();
        let others = self.password.iter().chain(&self.naming_key);
        self.key.iter().chain(previous).chain(others)
    }
}

impl VendorTable {
    /// This table, and those of `also`.
    fn parts(&self) -> impl Iterator<Item = &Self> {
        successors(Some(self), |part| {
            part.also.as_deref().map(Spanned::get_ref)
        })
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
    /// The directory of a store of files. Only its user may have access to it. It is created if it
    /// does not exist. A relative path starts at the directory of this configuration.
    #[schemars(with = "Option<String>")]
    pub(crate) directory: Option<Spanned<PathBuf>>,
    /// The Redis server of a store that processes on several machines share: `rediss://HOST`,
    /// `redis://HOST`, or `rediss+sentinel://HOST,HOST/SERVICE`. The password belongs to
    /// `password`.
    #[schemars(with = "Option<String>")]
    pub(crate) url: Option<Spanned<String>>,
    /// The user of the Redis server. Default: that of `url`, or `default`.
    #[schemars(with = "Option<String>")]
    pub(crate) user: Option<Spanned<String>>,
    /// Where the password of the user comes from. Default: none.
    #[schemars(with = "Option<Secret>")]
    pub(crate) password: Option<Spanned<Secret>>,
    /// A file with the certificate authorities of the Redis server, in PEM. Default: those of the
    /// system.
    #[schemars(with = "Option<String>")]
    pub(crate) root_certificates: Option<Spanned<PathBuf>>,
    /// Allows a Redis server on another machine without TLS.
    #[schemars(with = "Option<bool>")]
    pub(crate) dangerous_plain_tcp: Option<Spanned<bool>>,
    /// Where the key comes from that seals the entries: 32 random bytes in base64, from
    /// `openssl rand -base64 32`.
    #[schemars(with = "Secret")]
    pub(crate) key: Option<Spanned<Secret>>,
    /// Where other keys come from that open entries, while the sealing key is changed.
    #[schemars(with = "Option<Vec<Secret>>")]
    pub(crate) previous_keys: Option<Vec<Spanned<Secret>>>,
    /// Where the key comes from that names the entries of a Redis server. Without it, a new sealing
    /// key loses the stored refresh tokens.
    #[schemars(with = "Option<Secret>")]
    pub(crate) naming_key: Option<Spanned<Secret>>,
}

/// One credential, and where it may go.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VendorTable {
    /// A vendor of the catalogue, such as `freshdesk`, or `alphamoon`, `immuta` or
    /// `immuta-raw-key`, in place of `scheme`. `multi-auth vendors` lists them.
    #[schemars(with = "Option<String>")]
    pub(crate) preset: Option<Spanned<Preset>>,
    /// The variables of the preset, such as `{ subdomain = "acme" }`.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub(crate) variables: Option<BTreeMap<String, Spanned<String>>>,
    /// Where the secrets come from that a token request or a signature needs besides the key, by
    /// name. `{name}` in its fields, its query, its body and its templates stands for one.
    #[schemars(with = "Option<BTreeMap<String, Secret>>")]
    pub(crate) secrets: Option<BTreeMap<String, Spanned<Secret>>>,
    /// How the key is sent, in place of `preset`.
    #[schemars(with = "Option<SchemeName>")]
    pub(crate) scheme: Option<Spanned<SchemeName>>,
    /// Where the credential may go: scheme, host, port, and a path prefix if there is one.
    #[schemars(with = "Option<String>")]
    pub(crate) url: Option<Spanned<String>>,
    /// In place of `url`, for a vendor whose token response names the base URL of requests, such as
    /// Salesforce.
    #[schemars(with = "Option<BaseUrlTable>")]
    pub(crate) base_url: Option<Spanned<BaseUrlTable>>,
    /// Where the key comes from.
    #[schemars(with = "Option<Secret>")]
    pub(crate) key: Option<Spanned<Secret>>,
    /// In place of `key`: a constant that the vendor requires and that is no secret, such as the ID
    /// of an account or the version of an API.
    #[schemars(with = "Option<String>")]
    pub(crate) value: Option<Spanned<String>>,
    /// The name of the header field, query parameter or cookie that holds the key. With a token:
    /// the header field that holds it. Default: `Authorization`.
    #[schemars(with = "Option<String>")]
    pub(crate) name: Option<Spanned<String>>,
    /// With a token: the cookie that holds it, in place of `name`.
    #[schemars(with = "Option<String>")]
    pub(crate) cookie: Option<Spanned<String>>,
    /// With a token: the query parameter that holds it, in place of `name`.
    #[schemars(with = "Option<String>")]
    pub(crate) query_parameter: Option<Spanned<String>>,
    /// The user of the schemes `basic` and `digest`, if the key is the password alone.
    #[schemars(with = "Option<String>")]
    pub(crate) user: Option<Spanned<Inline>>,
    /// The constant password of the scheme `basic`, such as `X`, if the key is the user. No secret.
    #[schemars(with = "Option<String>")]
    pub(crate) password: Option<Spanned<Inline>>,
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
    /// The responses that mean that the vendor refuses the credential, besides status 401. A token
    /// is refreshed, and `multi-auth check` reports the key.
    #[serde(default)]
    #[schemars(with = "Vec<ConditionTable>")]
    pub(crate) refused_if: Vec<Spanned<ConditionTable>>,
    /// The responses that mean that the credential lacks a permission, besides status 403. A token
    /// is not refreshed.
    #[serde(default)]
    #[schemars(with = "Vec<ConditionTable>")]
    pub(crate) forbidden_if: Vec<Spanned<ConditionTable>>,
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
    /// The grant type that the vendor requires in place of `client_credentials`, such as Zoom's
    /// `account_credentials`.
    #[schemars(with = "Option<String>")]
    pub(crate) grant_type: Option<Spanned<String>>,
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
    /// The signature algorithm: `RS256` (the default), `PS256`, `PS512`, `ES256`, `ES384` or
    /// `EdDSA`. For `jwt`, `jwt_bearer` and `http_signature` also `HS256`.
    #[schemars(with = "Option<String>")]
    pub(crate) algorithm: Option<Spanned<String>>,
    /// How the secret of `HS256`, or the key of `hmac`, is written: `text` (the default), `hex`,
    /// `base64` or `base64url`.
    #[schemars(with = "Option<KeyEncoding>")]
    pub(crate) key_encoding: Option<Spanned<KeyEncoding>>,
    /// The ID of the signing key, which the vendor shows beside it.
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
    /// The JWT of the schemes `jwt` and `jwt_bearer`, of a token request whose credential is one,
    /// and of the client authentication with `private_key_jwt`.
    #[schemars(with = "Option<JwtTable>")]
    pub(crate) jwt: Option<Spanned<JwtTable>>,
    /// The signature of the scheme `aws_sigv4`.
    #[schemars(with = "Option<SigV4Table>")]
    pub(crate) sigv4: Option<Spanned<SigV4Table>>,
    /// The signature of the scheme `azure_shared_key`.
    #[schemars(with = "Option<AzureTable>")]
    pub(crate) azure: Option<Spanned<AzureTable>>,
    /// The signature of the scheme `oauth1`.
    #[schemars(with = "Option<OAuth1Table>")]
    pub(crate) oauth1: Option<Spanned<OAuth1Table>>,
    /// The signature of the scheme `hmac`.
    #[schemars(with = "Option<HmacTable>")]
    pub(crate) hmac: Option<Spanned<HmacTable>>,
    /// Settings of the scheme `digest`.
    #[schemars(with = "Option<DigestTable>")]
    pub(crate) digest: Option<Spanned<DigestTable>>,
    /// The signature of the scheme `http_signature`.
    #[schemars(with = "Option<HttpSignatureTable>")]
    pub(crate) http_signature: Option<Spanned<HttpSignatureTable>>,
    /// Binds the tokens of `client_credentials`, `refresh_token` and `jwt_bearer` to a key, so that
    /// a stolen token is of no use without it (RFC 9449).
    #[schemars(with = "Option<DpopTable>")]
    pub(crate) dpop: Option<Spanned<DpopTable>>,
    /// A second credential on the same requests, for a vendor that requires two, such as an
    /// application key besides the user's token. It has the same protection space, so it has no
    /// `url`, `account`, `process`, `headers`, `verify` or `preset`. A third credential is its
    /// `also`.
    #[schemars(with = "Option<Box<VendorTable>>")]
    pub(crate) also: Option<Box<Spanned<VendorTable>>>,
}
