//! Checks an entry: required fields, unused fields, and their combination.

use std::ops::Range;
use std::time::SystemTime;

use multi_auth::{Account, AuthError};
use toml::Spanned;

use super::{Locations, Vendor, also};
use crate::document::{Preset, SchemeName, VendorTable};
use crate::reading::Reading;
use crate::scheme::{CredentialSettings, Scheme};
use crate::source::{ConfiguredSource, Server};
use crate::{Advice, ConfigError, ConfigLocation, ConfigProblem, expiry};

pub(super) type Result<T> = std::result::Result<T, ConfigError>;

impl Vendor {
    /// Checks the entry `name` and its second credential.
    pub(crate) fn check(
        name: String,
        mut entry: Spanned<VendorTable>,
        reading: &Reading<'_>,
        vault: Option<&Server>,
    ) -> Result<Self> {
        let also = entry.get_mut().also.take().map(|also| *also);
        let url = entry.get_ref().url.clone();
        let vendor = Self::check_alone(name, &entry, reading, vault)?;
        match also {
            Some(also) => also::check(vendor, also, url, reading, vault),
            None => Ok(vendor),
        }
    }

    pub(super) fn check_alone(
        name: String,
        entry: &Spanned<VendorTable>,
        reading: &Reading<'_>,
        vault: Option<&Server>,
    ) -> Result<Self> {
        let check = VendorCheck {
            span: entry.span(),
            entry: entry.get_ref(),
            name: &name,
            reading,
        };
        let (scheme, spaces) = check.scheme()?;
        check.refuse_useless()?;
        let places = check.locations(&scheme)?;
        let source = match &check.entry.key {
            Some(key) => {
                let source = ConfiguredSource::of(key.get_ref().clone(), reading.folder(), vault);
                Some(source.map_err(|problem| ConfigError::new(places.key.clone(), problem))?)
            }
            None => None,
        };
        let account = check.entry.account.as_deref().map(Account::new);
        let spaces = spaces.into_iter().map(|space| space.with_label(&*name));
        let spaces = spaces.map(|space| match &account {
            Some(account) => space.with_account(account.clone()),
            None => space,
        });
        let spaces: Vec<_> = spaces.collect();
        Ok(Self {
            has_own_verification: check.entry.verify.is_some(),
            verification: check.verification(&spaces, account.as_ref())?,
            spaces,
            account,
            credential: CredentialSettings {
                token: check.token_settings()?,
                expires_at: check.expiry()?,
                headers: check.headers(&scheme)?,
                scheme,
                name,
            },
            source,
            places,
            also: None,
        })
    }
}

const USELESS: Advice = Advice::new(
    "is not used by this scheme",
    "remove it, or choose a scheme that uses it",
);

const KEY: &str = "write where the key comes from, as in key = { env = \"VENDOR_KEY\" }";

/// An entry that is being checked.
pub(super) struct VendorCheck<'r> {
    name: &'r str,
    pub(super) entry: &'r VendorTable,
    pub(super) span: Range<usize>,
    reading: &'r Reading<'r>,
}

impl VendorCheck<'_> {
    /// Fields that this scheme does not use: an error, because their author expected an effect.
    fn refuse_useless(&self) -> Result<()> {
        let entry = self.entry;
        let preset = entry.preset.as_ref().map(|preset| *preset.get_ref());
        let scheme = entry.scheme.as_ref().map(Spanned::get_ref);
        let is_one = |names: &[SchemeName]| scheme.is_some_and(|scheme| names.contains(scheme));
        let span = |field: &Option<Spanned<String>>| field.as_ref().map(Spanned::span);
        let tokens = [SchemeName::TokenEndpoint, SchemeName::ClientCredentials];
        let named = [SchemeName::Header, SchemeName::Query, SchemeName::Cookie];
        let prefixed = [SchemeName::Authorization, SchemeName::Header];
        let has_client = is_one(&[SchemeName::ClientCredentials]);
        let is_own = matches!(scheme, Some(SchemeName::Own(_)));
        for (field, span, is_used) in [
            ("key", entry.key.as_ref().map(Spanned::span), !is_own),
            ("name", span(&entry.name), is_one(&named) || is_one(&tokens)),
            ("token_url", span(&entry.token_url), has_client),
            ("client_id", span(&entry.client_id), has_client),
            (
                "client_auth",
                entry.client_auth.as_ref().map(Spanned::span),
                has_client,
            ),
            ("scope", span(&entry.scope), has_client),
            ("audience", span(&entry.audience), has_client),
            ("issuer", span(&entry.issuer), has_client),
            (
                "endpoint_origins",
                entry.endpoint_origins.as_ref().map(|_| self.span.clone()),
                has_client,
            ),
            (
                "resource",
                entry.resource.as_ref().map(|_| self.span.clone()),
                has_client,
            ),
            (
                "parameters",
                entry.parameters.as_ref().map(Spanned::span),
                has_client,
            ),
            (
                "parameters_in",
                entry.parameters_in.as_ref().map(Spanned::span),
                has_client,
            ),
            (
                "user",
                entry.user.as_ref().map(Spanned::span),
                is_one(&[SchemeName::Basic]),
            ),
            (
                "prefix",
                span(&entry.prefix),
                is_one(&prefixed) || is_one(&tokens) || preset == Some(Preset::Immuta),
            ),
            (
                "process",
                span(&entry.process),
                preset == Some(Preset::Alphamoon),
            ),
            (
                "token",
                entry.token.as_ref().map(Spanned::span),
                is_one(&tokens) || preset == Some(Preset::Immuta),
            ),
            (
                "token_endpoint",
                entry.token_endpoint.as_ref().map(Spanned::span),
                is_one(&[SchemeName::TokenEndpoint]),
            ),
        ] {
            if let Some(span) = span.filter(|_| !is_used) {
                return Err(self.invalid(field, span, USELESS));
            }
        }
        Ok(())
    }

    /// The positions of the entry and its key. An authenticator of the program has no key.
    fn locations(&self, scheme: &Scheme) -> Result<Locations> {
        let own = self.entry.scheme.as_ref();
        let own = own.filter(|_| matches!(scheme, Scheme::Own(_)));
        let (field, span) = if let Some(own) = own {
            ("scheme", own.span())
        } else {
            let key = self.required("key", self.entry.key.as_ref(), KEY)?;
            ("key", key.span())
        };
        Ok(Locations {
            entry: self.place("", self.span.clone()),
            key: self.place(field, span),
        })
    }

    fn expiry(&self) -> Result<Option<SystemTime>> {
        const FORM: Advice = Advice::new(
            "is not a date or time",
            "write a date (in UTC) or a time with an offset, as in 2027-03-01T12:00:00Z",
        );
        let Some(date) = &self.entry.expires_at else {
            return Ok(None);
        };
        let moment = expiry::moment(date.get_ref());
        let moment = moment.ok_or_else(|| self.invalid("expires_at", date.span(), FORM))?;
        Ok(Some(moment.into()))
    }

    pub(super) fn required<'e, T>(
        &self,
        field: &str,
        value: Option<&'e T>,
        remedy: &'static str,
    ) -> Result<&'e T> {
        let missing = || self.invalid(field, self.span.clone(), Advice::new("is missing", remedy));
        value.ok_or_else(missing)
    }

    /// The value that the core built from `field`, or its error with the field's position.
    pub(super) fn right<T>(
        &self,
        field: &str,
        value: &Spanned<String>,
        made: std::result::Result<T, AuthError>,
    ) -> Result<T> {
        made.map_err(|problem| {
            ConfigError::new(
                self.place(field, value.span()),
                ConfigProblem::Vendor(problem),
            )
        })
    }

    pub(super) fn invalid(&self, field: &str, span: Range<usize>, advice: Advice) -> ConfigError {
        ConfigError::invalid(self.place(field, span), advice)
    }

    fn place(&self, field: &str, span: Range<usize>) -> ConfigLocation {
        let dot = if field.is_empty() { "" } else { "." };
        let field = format!("vendors.{}{dot}{field}", self.name);
        self.reading.place(field, span)
    }
}
