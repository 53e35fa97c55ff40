//! Builds a vendor's credential from its key.

mod azure;
pub(crate) use azure::AzureSettings;
mod body;
mod digest;
pub(crate) use digest::DigestSettings;
mod dpop;
pub(crate) use dpop::{DPOP_KEY, DpopSettings};
mod hmac;
pub(crate) use hmac::{HmacSettings, method};
mod http_signature;
mod identity;
pub(crate) use http_signature::HttpSignatureSettings;
mod judged_key;
use judged_key::JudgedKey;
mod jwt;
pub(crate) use jwt::JwtSettings;
mod oauth;
mod oauth1;
mod own;
pub(crate) use oauth1::{CONSUMER_KEY, OAuth1Settings, TOKEN, TOKEN_SECRET};
pub(crate) use own::OwnScheme;
mod secrets;
pub(crate) use secrets::Secrets;
mod signing;
pub(crate) use oauth::{
    AssertionSettings, AuthorizationServer, BOUND_TO, CLIENT_SECRET, ClientAuthSettings,
    ClientSettings, GrantKind, OAuthSettings, Parameters, ServerUrls, discovery, stored_key,
};
pub(crate) use signing::SigningSettings;
mod shared;
pub(crate) use shared::{DEFAULT_ACCOUNT, SharedTokens};
mod sigv4;
pub(crate) use sigv4::{ACCESS_KEY_ID, AwsCredentialSettings, SESSION_TOKEN, SigV4Settings};
mod token_endpoint;
pub(crate) use token_endpoint::{
    InnerCredential, KeyLocation, ResponseSettings, TokenEndpointSettings, TokenLocation,
};
mod token_settings;
pub(crate) use token_settings::TokenSettings;

use std::sync::Arc;
use std::time::SystemTime;

use multi_auth::{
    Alphamoon, ApiKey, AuthError, Authenticator, BaseUrls, Basic, Bearer, BearerBuilder,
    ConstantHeaders, Immuta, Placement, ProtectionSpace, ResponseHead, SecretString, Transport,
};
use multi_auth_sign::Dpop;
use secrecy::ExposeSecret;

use crate::condition::Conditions;
use crate::store::StoreSettings;

/// How a credential is built from its key.
#[derive(Clone, Debug)]
pub(crate) enum Scheme {
    /// `user:pass`.
    Pair,
    /// The password of this user. Some vendors take the key as the user, with an empty password.
    Password(SecretString),
    /// The user, with this constant password.
    User(SecretString),
    Placed(Placement),
    AlphamoonKey(Alphamoon),
    AlphamoonProcessKey(Alphamoon),
    Immuta(Immuta),
    ImmutaRawKey(Immuta),
    TokenEndpoint(Box<TokenEndpointSettings>),
    OAuth(Box<OAuthSettings>),
    Jwt(Box<JwtSettings>, Placement),
    SigV4(Box<SigV4Settings>),
    Azure(Box<AzureSettings>),
    OAuth1(Box<OAuth1Settings>),
    Hmac(Box<HmacSettings>),
    Digest(Box<DigestSettings>),
    HttpSignature(Box<HttpSignatureSettings>),
    Own(OwnScheme),
}

impl Scheme {
    /// Every place of its credential. A request that has a value in one of them is sent without the
    /// credential.
    pub(crate) fn places(&self) -> Vec<Placement> {
        let fields = |names: &[&str]| {
            let field = |name: &&str| Placement::header(name).ok();
            names.iter().filter_map(field).collect()
        };
        match self {
            Self::SigV4(_) => fields(&["authorization", "x-amz-date", "x-amz-security-token"]),
            Self::Azure(_) => fields(&["authorization", "x-ms-date"]),
            Self::Hmac(signature) => signature.places(),
            Self::HttpSignature(_) => fields(&["signature", "signature-input", "signature-agent"]),
            Self::OAuth(client) if client.dpop.is_some() => fields(&["authorization", "dpop"]),
            other => vec![other.placement()],
        }
    }

    /// Where it puts its credential, if that is one place.
    fn placement(&self) -> Placement {
        match self {
            Self::Placed(placement) | Self::Jwt(_, placement) => placement.clone(),
            Self::TokenEndpoint(endpoint) => endpoint.placement.clone(),
            Self::OAuth(client) => client.placement.clone(),
            Self::Immuta(_) => Placement::bearer(),
            _ => Placement::authorization(),
        }
    }

    /// What it sends, with `****` for each secret.
    pub(crate) fn sends(&self) -> Vec<String> {
        const BASIC: &str = "Authorization: Basic ****";
        match self {
            Self::Own(_) => Vec::new(),
            Self::SigV4(_) => vec!["Authorization: AWS4-HMAC-SHA256 ****".to_owned()],
            Self::Azure(_) => vec!["Authorization: SharedKey ****".to_owned()],
            Self::OAuth1(_) => vec!["Authorization: OAuth ****".to_owned()],
            Self::Hmac(signature) => signature.sends(),
            Self::Digest(_) => vec!["Authorization: Digest ****".to_owned()],
            Self::HttpSignature(_) => vec!["Signature: ****".to_owned()],
            Self::Pair
            | Self::Password(_)
            | Self::User(_)
            | Self::AlphamoonKey(_)
            | Self::AlphamoonProcessKey(_) => vec![BASIC.to_owned()],
            other => vec![other.placement().to_string()],
        }
    }

    /// Keeps the text at `pointer` of a token response as the base URL. Returns whether the scheme
    /// has token responses.
    pub(crate) fn keep_base_url(&mut self, pointer: &str) -> bool {
        match self {
            Self::TokenEndpoint(endpoint) => endpoint.keep_base_url(pointer),
            Self::OAuth(client) => client.base_url_at = Some(pointer.to_owned()),
            _ => return false,
        }
        true
    }

    /// Why it has no key, if it may have none.
    pub(crate) fn no_key(&self) -> Option<&'static str> {
        match self {
            Self::OAuth(_) => Some("no key: the client is public"),
            Self::SigV4(settings) if settings.has_own_credentials() => {
                Some("where AWS's own tools find it")
            }
            _ => None,
        }
    }

    /// Whether it signs each request.
    pub(crate) fn signs_requests(&self) -> bool {
        matches!(
            self,
            Self::SigV4(_)
                | Self::Azure(_)
                | Self::OAuth1(_)
                | Self::Hmac(_)
                | Self::Digest(_)
                | Self::HttpSignature(_)
        ) || self.dpop().is_some()
    }

    /// The key to which its tokens are bound, if the entry has one.
    pub(crate) fn dpop(&self) -> Option<&DpopSettings> {
        match self {
            Self::OAuth(client) => client.dpop.as_ref(),
            _ => None,
        }
    }

    /// Whether a person logs in for its tokens.
    pub(crate) fn needs_login(&self) -> bool {
        let kind = match self {
            Self::OAuth(client) => Some(&client.kind),
            _ => None,
        };
        matches!(kind, Some(GrantKind::RefreshToken(..)))
    }

    /// The store of its refresh tokens.
    pub(crate) fn store_mut(&mut self) -> Option<&mut StoreSettings> {
        match self {
            Self::OAuth(client) => client.store_mut(),
            _ => None,
        }
    }

    /// Binds the refresh token of an entry on a server to `space` and to the client that it was
    /// issued to: other deployments may share the server.
    pub(crate) fn bind_entry(&mut self, space: &ProtectionSpace) {
        if let Self::OAuth(client) = self {
            client.bind_entry(space);
        }
    }
}

/// The part of a token that is the base URL. A part of an entry's `keep` has no space in its name.
pub(crate) const BASE_URL: &str = "base URL";

/// The settings of a credential.
#[derive(Clone, Debug)]
pub(crate) struct CredentialSettings {
    /// The vendor's name in the file, which logs and metrics show.
    pub(crate) name: String,
    pub(crate) scheme: Scheme,
    pub(crate) expires_at: Option<SystemTime>,
    pub(crate) headers: ConstantHeaders,
    pub(crate) token: TokenSettings,
    /// The base URLs that a token response may name.
    pub(crate) base_urls: Option<BaseUrls>,
    /// The responses that refuse the credential.
    pub(crate) refused_if: Conditions,
    /// The responses that mean that it lacks a permission.
    pub(crate) forbidden_if: Conditions,
    /// The store of the file, if it has one.
    pub(crate) shared: Option<SharedTokens>,
}

/// Attaches a vendor's key, or the token that it obtains, to requests.
pub(crate) struct VendorAuthenticator {
    pub(crate) authenticator: Arc<dyn Authenticator>,
    /// The same for a token.
    pub(crate) token: Option<Bearer>,
}

impl From<Bearer> for VendorAuthenticator {
    fn from(bearer: Bearer) -> Self {
        Self {
            authenticator: Arc::new(bearer.clone()),
            token: Some(bearer),
        }
    }
}

impl From<Arc<dyn Authenticator>> for VendorAuthenticator {
    fn from(authenticator: Arc<dyn Authenticator>) -> Self {
        Self {
            authenticator,
            token: None,
        }
    }
}

impl CredentialSettings {
    /// Builds the authenticator of the key in `secrets`, whose tokens are bound to `dpop`.
    pub(crate) fn authenticator(
        &self,
        secrets: Secrets,
        dpop: Option<&Dpop>,
        transport: &Arc<dyn Transport>,
    ) -> Result<VendorAuthenticator, AuthError> {
        let authenticator = match &self.scheme {
            Scheme::Pair => self.basic(Basic::from_pair(secrets.key)?),
            Scheme::Password(user) => self.basic(Basic::new(user.expose_secret(), secrets.key)?),
            Scheme::User(password) => {
                self.basic(Basic::new(secrets.key.expose_secret(), password.clone())?)
            }
            Scheme::AlphamoonKey(alphamoon) => self.basic(alphamoon.organization_key(secrets.key)?),
            Scheme::AlphamoonProcessKey(alphamoon) => {
                self.basic(alphamoon.process_key(secrets.key)?)
            }
            Scheme::Placed(placement) => self.key(ApiKey::new(placement.clone(), secrets.key)?),
            Scheme::ImmutaRawKey(immuta) => self.key(immuta.raw_key(secrets.key)?),
            Scheme::Immuta(immuta) => {
                let immuta = immuta.clone().with_headers(self.headers.clone());
                let key = secrets.key.clone();
                let builder = immuta.bearer_builder(key, Arc::clone(transport))?;
                return self.bearer(self.shared(builder, &secrets, transport)?);
            }
            Scheme::Jwt(jwt, placement) => {
                let builder = Bearer::builder(jwt.source(secrets.key)?);
                return self.bearer(builder.placement(placement.clone()));
            }
            Scheme::SigV4(signature) => Arc::new(signature.signer(&secrets, transport)?),
            Scheme::Azure(signature) => self.judged(signature.signer(secrets)?),
            Scheme::OAuth1(signature) => self.judged(signature.signer(&secrets)?),
            Scheme::Hmac(signature) => self.judged(signature.signer(&secrets)?),
            Scheme::Digest(digest) => Arc::new(digest.authenticator(secrets)?),
            Scheme::HttpSignature(signature) => self.judged(signature.signer(secrets)?),
            Scheme::TokenEndpoint(endpoint) => {
                let builder = endpoint.bearer(secrets.clone(), &self.headers, transport)?;
                return self.bearer(self.shared(builder, &secrets, transport)?);
            }
            Scheme::OAuth(client) => {
                let builder = client.bearer(secrets.clone(), dpop, &self.headers, transport)?;
                let builder = self.shared(builder, &secrets, transport)?;
                return match dpop {
                    Some(dpop) => self.bound(builder, dpop),
                    None => self.bearer(builder),
                };
            }
            // It has no key to be read.
            Scheme::Own(_) => return Err(AuthError::NotReady),
        };
        Ok(VendorAuthenticator {
            authenticator,
            token: None,
        })
    }

    fn basic(&self, key: Basic) -> Arc<dyn Authenticator> {
        self.judged(match self.expires_at {
            Some(end) => key.with_expiry(end),
            None => key,
        })
    }

    fn key(&self, key: ApiKey) -> Arc<dyn Authenticator> {
        self.judged(match self.expires_at {
            Some(end) => key.with_expiry(end),
            None => key,
        })
    }

    /// `key`, judged by the conditions if there are any.
    fn judged(&self, key: impl Authenticator + 'static) -> Arc<dyn Authenticator> {
        if self.refused_if.is_empty() && self.forbidden_if.is_empty() {
            return Arc::new(key);
        }
        let (refused, forbidden) = (self.refused_if.clone(), self.forbidden_if.clone());
        Arc::new(JudgedKey::new(key, refused, forbidden))
    }

    /// Tokens that are sent with proofs of `dpop`.
    fn bound(&self, builder: BearerBuilder, dpop: &Dpop) -> Result<VendorAuthenticator, AuthError> {
        let bearer = dpop.bearer_from(self.with_settings(builder)?);
        Ok(VendorAuthenticator {
            token: Some(bearer.tokens().clone()),
            authenticator: Arc::new(bearer),
        })
    }

    fn bearer(&self, builder: BearerBuilder) -> Result<VendorAuthenticator, AuthError> {
        let builder = self.with_settings(builder)?;
        let Some(allowed) = &self.base_urls else {
            return Ok(builder.build().into());
        };
        let bearer = builder.build_with_base_url(BASE_URL, allowed.clone());
        Ok(VendorAuthenticator {
            token: Some(bearer.bearer().clone()),
            authenticator: Arc::new(bearer),
        })
    }

    fn with_settings(&self, builder: BearerBuilder) -> Result<BearerBuilder, AuthError> {
        let builder = self.token.apply(builder.label(&*self.name))?;
        Ok(self.with_conditions(builder))
    }

    fn with_conditions(&self, mut builder: BearerBuilder) -> BearerBuilder {
        if !self.refused_if.is_empty() {
            let (refused, reads) = (self.refused_if.clone(), self.refused_if.read_json());
            let means_invalid = move |response: &ResponseHead<'_>| refused.hold(response);
            builder = if reads {
                builder.refresh_when_json(means_invalid)
            } else {
                builder.refresh_when(means_invalid)
            };
        }
        if !self.forbidden_if.is_empty() {
            let (forbidden, reads) = (self.forbidden_if.clone(), self.forbidden_if.read_json());
            let lacks_permission = move |response: &ResponseHead<'_>| forbidden.hold(response);
            builder = if reads {
                builder.forbidden_when_json(lacks_permission)
            } else {
                builder.forbidden_when(lacks_permission)
            };
        }
        builder
    }
}
