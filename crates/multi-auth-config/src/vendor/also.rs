//! Further credentials on the requests of an entry.

use std::iter::successors;
use std::sync::Arc;

use futures_util::future::join_all;
use multi_auth::{AllOf, AuthError, Authenticator, Sequence, Transport};
use toml::Spanned;

use super::Vendor;
use super::check::{Result, Shared};
use crate::document::VendorTable;
use crate::reading::Reading;
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

/// Adds the credential of `also` to `vendor`, and the credential of each `also` in it.
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
    also.get_mut().url = Some(url.clone());
    let next = also.get_mut().also.take();
    let checked = Vendor::check_alone(name, &also, reading, shared)?;
    let mut checked = Vendor {
        spaces: vendor.spaces.clone(),
        account: vendor.account.clone(),
        ..checked
    };
    let headers = &mut checked.credential.headers;
    headers.clone_from(&vendor.credential.headers);
    let checked = match next {
        Some(next) => check(checked, *next, Some(url), reading, shared)?,
        None => checked,
    };
    refuse_same_place(&vendor, &checked)?;
    Ok(Vendor {
        also: Some(Box::new(checked)),
        ..vendor
    })
}

/// Two credentials in one place would replace each other.
fn refuse_same_place(vendor: &Vendor, also: &Vendor) -> Result<()> {
    // The placement of the program's authenticator is not known yet.
    let is_known = |vendor: &&Vendor| vendor.own_authenticator().is_none();
    let own = Some(vendor).filter(is_known);
    let own = own.map_or_else(Vec::new, |vendor| vendor.credential.scheme.places());
    for part in also.parts().filter(is_known) {
        let scheme = &part.credential.scheme;
        let places = scheme.places();
        let is_same = own
            .iter()
            .any(|own| places.iter().any(|place| own.is_same_place(place)));
        if is_same || super::headers::is_place(scheme, &part.credential.headers) {
            return Err(ConfigError::invalid(part.places.entry.clone(), SAME_PLACE));
        }
    }
    Ok(())
}

/// The fields that belong to the vendor, not to its second credential.
fn refuse_shared(name: &str, also: &Spanned<VendorTable>, reading: &Reading<'_>) -> Result<()> {
    let table = also.get_ref();
    let span = |field: &Option<Spanned<String>>| field.as_ref().map(Spanned::span);
    let whole = |is_there: bool| is_there.then(|| also.span());
    let fields = [
        ("preset", table.preset.as_ref().map(Spanned::span)),
        ("url", span(&table.url)),
        ("base_url", table.base_url.as_ref().map(Spanned::span)),
        ("account", whole(table.account.is_some())),
        ("process", span(&table.process)),
        ("headers", whole(table.headers.is_some())),
        ("verify", span(&table.verify)),
    ];
    let found = fields
        .into_iter()
        .find_map(|(field, span)| Some((field, span?)));
    found.map_or(Ok(()), |(field, span)| {
        let location = reading.place(format!("vendors.{name}.{field}"), span);
        Err(ConfigError::invalid(location, SHARED))
    })
}

/// One authenticator for `made`, those of the credentials of `vendor`; `None` if there is none. A
/// signature comes last, and covers the credentials before it.
pub(crate) fn together(
    vendor: &Vendor,
    made: impl IntoIterator<Item = Arc<dyn Authenticator>>,
) -> Option<Arc<dyn Authenticator>> {
    let signs = |(part, _): &(&Vendor, _)| part.credential.scheme.signs_requests();
    let (signers, others): (Vec<_>, Vec<_>) = vendor.parts().zip(made).partition(signs);
    let others = others.into_iter().map(|(_, made)| made);
    let both = |own, also| Arc::new(AllOf::new(own, also)) as Arc<dyn Authenticator>;
    let signers = signers.into_iter().map(|(_, made)| made);
    let signed = |first, signer| Arc::new(Sequence::new(first, signer)) as Arc<dyn Authenticator>;
    others
        .reduce(both)
        .into_iter()
        .chain(signers)
        .reduce(signed)
}

impl Vendor {
    /// This credential, and those of `also`.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Self> {
        successors(Some(self), |part| part.also.as_deref())
    }

    /// Reads the authenticators of all credentials.
    pub(crate) async fn read_all(
        &self,
        transport: &Arc<dyn Transport>,
    ) -> std::result::Result<Arc<dyn Authenticator>, ConfigError> {
        let parts = self.parts().map(|part| part.read_one(transport));
        let made = ConfigError::all(join_all(parts).await)?;
        // There is always one: this credential's.
        together(self, made).ok_or_else(|| self.error(AuthError::NotReady))
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
