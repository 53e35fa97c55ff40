//! Makes a vendor's authenticator of its key.

use std::sync::Arc;

use multi_auth::{
    Alphamoon, ApiKey, AuthError, Authenticator, Basic, Bearer, BearerBuilder, Immuta,
    SecretString, TokenExchange, Transport,
};

use crate::Vendor;
use crate::document::Format;
use crate::vendor::{Exchange, Scheme};

/// What puts the key of `vendor`, or the token for it, on requests.
pub(crate) fn authenticator(
    vendor: &Vendor,
    secret: SecretString,
    transport: &Arc<dyn Transport>,
) -> Result<Arc<dyn Authenticator>, AuthError> {
    Ok(match &vendor.scheme {
        Scheme::Pair => basic(vendor, Basic::from_pair(secret)?),
        Scheme::Password(user) => basic(vendor, Basic::new(user.clone(), secret)?),
        Scheme::AlphamoonKey(alphamoon) => {
            basic(vendor, Alphamoon::organization_key(alphamoon, secret)?)
        }
        Scheme::AlphamoonProcessKey(alphamoon) => {
            basic(vendor, Alphamoon::process_key(alphamoon, secret)?)
        }
        Scheme::Placed(placement) => key(vendor, ApiKey::new(placement.clone(), secret)?),
        Scheme::ImmutaRawKey(immuta) => key(vendor, Immuta::raw_key(immuta, secret)?),
        Scheme::Immuta(immuta) => {
            let bearer = immuta.bearer_builder(secret, Arc::clone(transport))?;
            Arc::new(bearer.label(vendor.name()).build())
        }
        Scheme::Exchange(exchange) => {
            let bearer = bearer(exchange, secret, transport)?;
            Arc::new(bearer.label(vendor.name()).build())
        }
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
    exchange: &Exchange,
    secret: SecretString,
    transport: &Arc<dyn Transport>,
) -> Result<BearerBuilder, AuthError> {
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
    Ok(bearer.placement(exchange.placement.clone()))
}
