//! The OAuth client of an entry.

mod client;
mod server;

use multi_auth::oauth::Encoding;
use multi_auth_store::StoreKey;

use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::document::{ParameterPlace, SchemeName};
use crate::scheme::{BOUND_TO, DEFAULT_ACCOUNT, GrantKind, OAuthSettings, Parameters, Scheme};

const SET_BY_OTHERS: Advice = Advice::new(
    "sets a parameter that another field sets",
    "remove it, and use `scope`, `audience`, `resource`, `client_id` or `client_auth`",
);

const GRANT_TYPE: Advice = Advice::new(
    "is not a grant type",
    "write a name as in the vendor's documentation, such as account_credentials",
);

/// A name or a URI (RFC 6749, A.10).
fn is_grant_type(text: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/".contains(&byte);
    !text.is_empty() && text.bytes().all(is_of_name)
}

const ODD_ACCOUNT: Advice = Advice::new(
    "is empty, longer than 256 bytes, or has a control character",
    "write the name of the account",
);

/// The longest account beside a thumbprint, which is the SHA-256 of a key in base64url.
const LONGEST_BOUND_ACCOUNT: usize = 256 - BOUND_TO.len() - 43;

const LONG_ACCOUNT: Advice = Advice::new(
    "is longer than 203 bytes, and `dpop` stores its key's thumbprint beside it",
    "shorten the name of the account",
);

/// Parameters that other fields of an entry set.
const OWN_FIELDS: [&str; 8] = [
    "grant_type",
    "scope",
    "audience",
    "resource",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

const NO_STORE: &str = "add a table [store], as in directory = \"tokens\", key = { env = \"MULTI_AUTH_STORE_KEY\" }; `openssl rand -base64 32` creates a key";

impl VendorCheck<'_> {
    /// The scheme of an OAuth client that obtains tokens for itself (RFC 6749, 4.4).
    pub(super) fn client_credentials(&self) -> Result<Scheme> {
        const CLIENT_CREDENTIALS: &str = "client_credentials";
        let grant_type = match &self.entry.grant_type {
            Some(grant_type) if !is_grant_type(grant_type.get_ref()) => {
                return Err(self.invalid("grant_type", grant_type.span(), GRANT_TYPE));
            }
            Some(grant_type) => grant_type.get_ref().as_str(),
            None => CLIENT_CREDENTIALS,
        };
        let scheme = SchemeName::ClientCredentials;
        self.oauth(&scheme, || {
            let client = self.oauth_client(&scheme)?;
            Ok(GrantKind::ClientCredentials(grant_type.to_owned(), client))
        })
    }

    /// The scheme of an OAuth client that refreshes the tokens of a person (RFC 6749, 6).
    pub(super) fn refresh_token(&self) -> Result<Scheme> {
        let store = self.required("scheme", self.store, NO_STORE)?;
        let account = self.entry.account.as_deref().unwrap_or(DEFAULT_ACCOUNT);
        let key = StoreKey::new(self.name, account);
        let key = key.map_err(|_| self.invalid("account", self.span.clone(), ODD_ACCOUNT))?;
        if self.entry.dpop.is_some() && account.len() > LONGEST_BOUND_ACCOUNT {
            return Err(self.invalid("account", self.span.clone(), LONG_ACCOUNT));
        }
        let scheme = SchemeName::RefreshToken;
        self.oauth(&scheme, || {
            let client = self.oauth_client(&scheme)?;
            Ok(GrantKind::RefreshToken(store.clone(), key, client))
        })
    }

    /// The scheme of a signed assertion that obtains tokens (RFC 7523, 2.1).
    pub(super) fn jwt_bearer(&self) -> Result<Scheme> {
        let jwt = self.jwt()?;
        self.oauth(&SchemeName::JwtBearer, || {
            Ok(GrantKind::JwtBearer(jwt, self.client_of_assertion()?))
        })
    }

    /// The server is checked first, then what is of this `kind`.
    fn oauth(
        &self,
        scheme: &SchemeName,
        kind: impl FnOnce() -> Result<GrantKind>,
    ) -> Result<Scheme> {
        Ok(Scheme::OAuth(Box::new(OAuthSettings {
            server: self.authorization_server()?,
            kind: kind()?,
            parameters: self.parameters()?,
            dpop: self.dpop()?,
            placement: self.placement(scheme)?,
            base_url_at: None,
        })))
    }

    fn parameters(&self) -> Result<Parameters> {
        let entry = self.entry;
        if let Some(parameters) = &entry.parameters {
            let mut names = parameters.get_ref().keys();
            if names.any(|name| OWN_FIELDS.contains(&name.as_str())) {
                return Err(self.invalid("parameters", parameters.span(), SET_BY_OTHERS));
            }
        }
        let place = entry.parameters_in.as_ref();
        let others = entry.parameters.as_ref();
        let text = |field: &Option<toml::Spanned<String>>| {
            field.as_ref().map(|text| text.get_ref().clone())
        };
        Ok(Parameters {
            scope: text(&entry.scope),
            audience: text(&entry.audience),
            resource: entry.resource.clone().unwrap_or_default(),
            others: others
                .map(|others| others.get_ref().clone())
                .unwrap_or_default(),
            encoding: match place.map(|place| *place.get_ref()).unwrap_or_default() {
                ParameterPlace::Form => Encoding::Form,
                ParameterPlace::Json => Encoding::Json,
                ParameterPlace::Query => Encoding::Query,
            },
        })
    }
}
