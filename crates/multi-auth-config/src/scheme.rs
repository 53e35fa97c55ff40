//! Makes a vendor's authenticator of its key.

mod body;

use std::sync::Arc;

use multi_auth::{
    Alphamoon, ApiKey, AuthError, Authenticator, Basic, Bearer, BearerBuilder, Immuta,
    SecretString, TokenEndpoint, Transport,
};
use secrecy::ExposeSecret;

use crate::Vendor;
use crate::vendor::{KeyLocation, Scheme, TokenEndpointSettings};

/// What puts a vendor's key, or the token for it, on requests.
pub(crate) struct VendorAuthenticator {
    pub(crate) authenticator: Arc<dyn Authenticator>,
    /// The same, where it is a token.
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

/// What puts the key of `vendor`, or the token for it, on requests.
pub(crate) fn authenticator(
    vendor: &Vendor,
    secret: SecretString,
    transport: &Arc<dyn Transport>,
) -> Result<VendorAuthenticator, AuthError> {
    let authenticator = match &vendor.scheme {
        Scheme::Pair => basic(vendor, Basic::from_pair(secret)?),
        Scheme::Password(user) => basic(vendor, Basic::new(user.expose_secret(), secret)?),
        Scheme::AlphamoonKey(alphamoon) => {
            basic(vendor, Alphamoon::organization_key(alphamoon, secret)?)
        }
        Scheme::AlphamoonProcessKey(alphamoon) => {
            basic(vendor, Alphamoon::process_key(alphamoon, secret)?)
        }
        Scheme::Placed(placement) => key(vendor, ApiKey::new(placement.clone(), secret)?),
        Scheme::ImmutaRawKey(immuta) => key(vendor, Immuta::raw_key(immuta, secret)?),
        Scheme::Immuta(immuta) => {
            let immuta = immuta.clone().with_headers(vendor.headers.clone());
            let builder = immuta.bearer_builder(secret, Arc::clone(transport))?;
            return vendor
                .token
                .build(builder.label(vendor.name()))
                .map(VendorAuthenticator::from);
        }
        Scheme::TokenEndpoint(endpoint) => {
            let builder = bearer(vendor, endpoint, secret, transport)?;
            return vendor
                .token
                .build(builder.label(vendor.name()))
                .map(VendorAuthenticator::from);
        }
    };
    Ok(VendorAuthenticator {
        authenticator,
        token: None,
    })
}

fn basic(vendor: &Vendor, key: Basic) -> Arc<dyn Authenticator> {
    Arc::new(match vendor.expires_at {
        Some(end) => key.with_expiry(end),
        None => key,
    })
}

fn key(vendor: &Vendor, key: ApiKey) -> Arc<dyn Authenticator> {
    Arc::new(match vendor.expires_at {
        Some(end) => key.with_expiry(end),
        None => key,
    })
}

fn bearer(
    vendor: &Vendor,
    endpoint: &TokenEndpointSettings,
    secret: SecretString,
    transport: &Arc<dyn Transport>,
) -> Result<BearerBuilder, AuthError> {
    let builder = TokenEndpoint::builder(&endpoint.url, Arc::clone(transport))?;
    let mut builder = builder.headers(vendor.headers.clone());
    builder = match &endpoint.key {
        KeyLocation::Body(names) => body::with_key(builder, endpoint, names, &secret),
        KeyLocation::ClientSecretBasic(client) => {
            let client = Basic::client_secret(client, secret)?;
            body::without_key(builder, endpoint).authorized_by(client)
        }
    };
    if let Some(pointer) = &endpoint.token_at {
        builder = builder.token_at(pointer);
    }
    if let Some(pointer) = &endpoint.expires_in {
        builder = builder.expires_in(pointer);
    }
    if let Some(pointer) = &endpoint.expires_at {
        builder = builder.expires_at(pointer);
    }
    if let Some(lifetime) = endpoint.default_lifetime {
        builder = builder.default_lifetime(lifetime);
    }
    if endpoint.zero_means_unknown_lifetime {
        builder = builder.zero_means_unknown_lifetime();
    }
    if let Some(pointer) = &endpoint.refused_unless {
        builder = builder.refused_unless(pointer);
    }
    let bearer = Bearer::builder(builder.build());
    Ok(bearer.placement(endpoint.placement.clone()))
}
