//! Binds a vendor's credential, made of its key.

use std::sync::Arc;

use multi_auth::{
    Alphamoon, ApiKey, AuthError, Authenticator, Basic, Bearer, Immuta, KeyringBuilder,
    SecretString, TokenExchange, Transport,
};

use crate::Vendor;
use crate::document::Format;
use crate::vendor::{Exchange, Scheme};

/// `builder` with the credential of `vendor`, whose key is `secret`.
pub(crate) fn bind(
    builder: KeyringBuilder,
    vendor: &Vendor,
    secret: SecretString,
    transport: &Arc<dyn Transport>,
) -> Result<KeyringBuilder, AuthError> {
    match &vendor.scheme {
        Scheme::Pair => bind_basic(builder, vendor, Basic::from_pair(secret)?),
        Scheme::Password(user) => bind_basic(builder, vendor, Basic::new(user.clone(), secret)?),
        Scheme::AlphamoonKey(alphamoon) => bind_basic(
            builder,
            vendor,
            Alphamoon::organization_key(alphamoon, secret)?,
        ),
        Scheme::AlphamoonProcessKey(alphamoon) => {
            bind_basic(builder, vendor, Alphamoon::process_key(alphamoon, secret)?)
        }
        Scheme::Placed(placement) => {
            bind_key(builder, vendor, ApiKey::new(placement.clone(), secret)?)
        }
        Scheme::ImmutaRawKey(immuta) => bind_key(builder, vendor, Immuta::raw_key(immuta, secret)?),
        Scheme::Immuta(immuta) => {
            let bearer = immuta.bearer(secret, Arc::clone(transport))?;
            bind_at_scopes(builder, vendor, bearer)
        }
        Scheme::Exchange(exchange) => {
            let bearer = bearer(exchange, secret, transport)?;
            bind_at_scopes(builder, vendor, bearer)
        }
    }
}

fn bind_basic(
    builder: KeyringBuilder,
    vendor: &Vendor,
    key: Basic,
) -> Result<KeyringBuilder, AuthError> {
    let key = match vendor.expires_at {
        Some(end) => key.with_expiry(end),
        None => key,
    };
    bind_at_scopes(builder, vendor, key)
}

fn bind_key(
    builder: KeyringBuilder,
    vendor: &Vendor,
    key: ApiKey,
) -> Result<KeyringBuilder, AuthError> {
    let key = match vendor.expires_at {
        Some(end) => key.with_expiry(end),
        None => key,
    };
    bind_at_scopes(builder, vendor, key)
}

fn bind_at_scopes(
    builder: KeyringBuilder,
    vendor: &Vendor,
    authenticator: impl Authenticator + 'static,
) -> Result<KeyringBuilder, AuthError> {
    builder.bind_all(vendor.scopes.iter().cloned(), authenticator)
}

fn bearer(
    exchange: &Exchange,
    secret: SecretString,
    transport: &Arc<dyn Transport>,
) -> Result<Bearer, AuthError> {
    let mut builder = TokenExchange::builder(&exchange.url, Arc::clone(transport))?;
    let fields = exchange.fields.iter();
    let fields = fields.map(|(name, value)| (name.clone(), SecretString::from(value.clone())));
    let fields = fields.chain([(exchange.key_field.clone(), secret)]);
    builder = match exchange.format {
        Format::Json => builder.json(fields),
        Format::Form => builder.form(fields),
    };
    if let Some(pointer) = &exchange.token_at {
        builder = builder.token_at(pointer);
    }
    if let Some(pointer) = &exchange.expires_in {
        builder = builder.expires_in(pointer);
    }
    if let Some(pointer) = &exchange.expires_at {
        builder = builder.expires_at(pointer);
    }
    let bearer = Bearer::builder(builder.build());
    Ok(bearer.placement(exchange.placement.clone()).build())
}
