//! A second credential on the requests of an entry.

use std::sync::Arc;

use multi_auth::{AllOf, Authenticator, Placement, Transport};
use toml::Spanned;

use super::Vendor;
use super::check::{Result, Shared};
use crate::document::VendorTable;
use crate::reading::Reading;
use crate::scheme::Scheme;
use crate::{Advice, ConfigError};

/// The default of an Alphamoon URL. Only its placement is read here.
const ANYWHERE: &str = "https://workspace.alphamoon.ai";

const NO_SCHEME: Advice = Advice::new(
    "is missing",
    "write how the key is sent, as in scheme = \"bearer\"",
);

const SHARED: Advice = Advice::new(
    "belongs to the vendor itself, not to its second credential",
    "remove it here",
);

const SAME_PLACE: Advice = Advice::new(
    "has the same place as the first credential",
    "use another scheme, or another name for one of them",
);

/// Adds the credential of `also` to `vendor`.
pub(super) fn check(
    vendor: Vendor,
    mut also: Spanned<VendorTable>,
    url: Option<Spanned<String>>,
    reading: &Reading<'_>,
    shared: &Shared,
) -> Result<Vendor> {
    let span = also.span();
    if also.get_ref().scheme.is_none() {
        let place = reading.place(format!("vendors.{}.also.scheme", vendor.name()), span);
        return Err(ConfigError::invalid(place, NO_SCHEME));
    }
    let name = format!("{}.also", vendor.name());
    refuse_shared(&name, &also, reading)?;
    let url = url.unwrap_or_else(|| Spanned::new(span, ANYWHERE.to_owned()));
    also.get_mut().url = Some(url);
    let also = Vendor::check_alone(name, &also, reading, shared)?;
    let mut also = Vendor {
        spaces: vendor.spaces.clone(),
        account: vendor.account.clone(),
        ..also
    };
    also.credential
        .headers
        .clone_from(&vendor.credential.headers);
    // The placement of the program's authenticator is not known yet.
    let is_own = |vendor: &Vendor| vendor.own_authenticator().is_some();
    if is_own(&vendor) || is_own(&also) {
        return Ok(with_also(vendor, also));
    }
    let (own, other) = (
        place_of(&vendor.credential.scheme),
        place_of(&also.credential.scheme),
    );
    if own.is_same_place(&other)
        || super::headers::is_place(&also.credential.scheme, &also.credential.headers)
    {
        return Err(ConfigError::invalid(also.places.entry, SAME_PLACE));
    }
    Ok(with_also(vendor, also))
}

/// The fields that belong to the vendor, not to its second credential.
fn refuse_shared(name: &str, also: &Spanned<VendorTable>, reading: &Reading<'_>) -> Result<()> {
    let table = also.get_ref();
    let span = |field: &Option<Spanned<String>>| field.as_ref().map(Spanned::span);
    let whole = |is_there: bool| is_there.then(|| also.span());
    let fields = [
        ("preset", table.preset.as_ref().map(Spanned::span)),
        ("url", span(&table.url)),
        ("account", whole(table.account.is_some())),
        ("process", span(&table.process)),
        ("headers", whole(table.headers.is_some())),
        ("verify", span(&table.verify)),
        ("also", table.also.as_ref().map(|also| also.span())),
    ];
    let found = fields
        .into_iter()
        .find_map(|(field, span)| Some((field, span?)));
    found.map_or(Ok(()), |(field, span)| {
        let location = reading.place(format!("vendors.{name}.{field}"), span);
        Err(ConfigError::invalid(location, SHARED))
    })
}

fn with_also(vendor: Vendor, also: Vendor) -> Vendor {
    Vendor {
        also: Some(Box::new(also)),
        ..vendor
    }
}

/// Where `scheme` puts its credential.
fn place_of(scheme: &Scheme) -> Placement {
    match scheme {
        Scheme::Placed(placement) | Scheme::Jwt(_, placement) => placement.clone(),
        Scheme::TokenEndpoint(endpoint) => endpoint.placement.clone(),
        Scheme::OAuth(client) => client.placement.clone(),
        _ => Placement::authorization(),
    }
}

impl Vendor {
    /// This credential, and the one of `also`.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Self> {
        [Some(self), self.also.as_deref()].into_iter().flatten()
    }

    /// Reads the authenticators of all credentials.
    pub(crate) async fn read_all(
        &self,
        transport: &Arc<dyn Transport>,
    ) -> std::result::Result<Arc<dyn Authenticator>, ConfigError> {
        let Some(also) = &self.also else {
            return self.read_one(transport).await;
        };
        let (own, also) = tokio::join!(self.read_one(transport), also.read_one(transport));
        let mut made = ConfigError::all([own, also])?.into_iter();
        match (made.next(), made.next()) {
            (Some(own), Some(also)) => Ok(Arc::new(AllOf::new(own, also))),
            // `all` returns as many as it takes.
            (own, _) => own.ok_or_else(|| self.error(multi_auth::AuthError::NotReady)),
        }
    }

    /// Its authenticator: the program's, or one built from its key.
    async fn read_one(
        &self,
        transport: &Arc<dyn Transport>,
    ) -> std::result::Result<Arc<dyn Authenticator>, ConfigError> {
        match self.own() {
            Some(own) => own,
            None => Ok(self.read(transport).await?.1),
        }
    }
}
