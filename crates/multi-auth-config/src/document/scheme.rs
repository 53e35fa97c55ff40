//! The names of presets, schemes and client authentication methods.

use schemars::JsonSchema;
use serde::Deserialize;

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
    /// A JWT that the key signs, as a bearer token.
    Jwt,
    /// A token that an assertion obtains, signed with the key (RFC 7523, 2.1).
    JwtBearer,
    /// A signature of each request by AWS Signature Version 4, as `sigv4` describes. The key is the
    /// secret access key.
    AwsSigv4,
    /// `Authorization: SharedKey ...`: a signature of each request to Azure Storage, as `azure`
    /// describes. The key is the account key.
    AzureSharedKey,
    /// `Authorization: OAuth ...`: a signature of each request by OAuth 1.0a (RFC 5849), as
    /// `oauth1` describes. The key is the client's secret, which vendors call the consumer secret.
    #[serde(rename = "oauth1")]
    OAuth1,
    /// A signature of each request by the vendor's own rules, as `hmac` describes. The key is the
    /// key of the signature.
    Hmac,
    /// `Authorization: Digest ...`: the answer to the server's challenge (RFC 7616). The key is the
    /// password of `user`.
    Digest,
    /// An HTTP message signature of each request (RFC 9421), as `http_signature` describes. The key
    /// is the private key, or the secret of `HS256`.
    HttpSignature,
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

/// How the secret of HS256 or of a signature is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyEncoding {
    /// As its bytes.
    #[default]
    Text,
    /// In hexadecimal.
    Hex,
    /// In base64 (RFC 4648, 4).
    Base64,
    /// In base64url (RFC 4648, 5), with or without padding.
    Base64url,
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
