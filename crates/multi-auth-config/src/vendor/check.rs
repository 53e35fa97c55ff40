//! Checks an entry: required fields, unused fields, and their combination.

use std::error::Error;
use std::ops::Range;
use std::time::SystemTime;

use multi_auth::{Account, AuthError};
use multi_auth_sign::SignError;
use toml::Spanned;

use super::{Locations, OtherSecret, Vendor, also};
use crate::document::{Secret, VendorTable};
use crate::reading::Reading;
use crate::scheme::{
    ClientAuthSettings, CredentialSettings, DPOP_KEY, GrantKind, OAuthSettings, Scheme,
    SharedTokens,
};
use crate::source::{ConfiguredSource, Constant, Server, may_be_key};
use crate::store::StoreSettings;
use crate::{Advice, ConfigError, ConfigLocation, ConfigProblem, expiry, template};

/// The tables that all vendors share.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) vault: Option<Server>,
    pub(crate) store: Option<StoreSettings>,
}

impl Shared {
    fn source(
        &self,
        secret: Secret,
        reading: &Reading<'_>,
    ) -> std::result::Result<ConfiguredSource, ConfigProblem> {
        ConfiguredSource::of(secret, reading.folder(), self.vault.as_ref())
    }
}

pub(super) type Result<T> = std::result::Result<T, ConfigError>;

impl Vendor {
    /// Checks the entry `name` and its second credential.
    pub(crate) fn check(
        name: String,
        mut entry: Spanned<VendorTable>,
        reading: &Reading<'_>,
        shared: &Shared,
    ) -> Result<Self> {
        let also = entry.get_mut().also.take().map(|also| *also);
        let url = entry.get_ref().url.clone();
        let vendor = Self::check_alone(name, &entry, reading, shared)?;
        match also {
            Some(also) => also::check(vendor, also, url, reading, shared),
            None => Ok(vendor),
        }
    }

    pub(super) fn check_alone(
        name: String,
        entry: &Spanned<VendorTable>,
        reading: &Reading<'_>,
        shared: &Shared,
    ) -> Result<Self> {
        let check = VendorCheck {
            span: entry.span(),
            entry: entry.get_ref(),
            name: &name,
            reading,
            store: shared.store.as_ref(),
        };
        let (mut scheme, spaces) = check.scheme()?;
        check.refuse_unused_fields()?;
        let places = check.locations(&scheme)?;
        let source = match (&check.entry.key, &check.entry.value) {
            (None, Some(value)) => Some(ConfiguredSource::constant(value.get_ref())),
            (Some(key), _) => {
                let source = shared.source(key.get_ref().clone(), reading);
                Some(source.map_err(|problem| ConfigError::new(places.key.clone(), problem))?)
            }
            (None, None) => scheme.no_key().map(ConfiguredSource::none),
        };
        let others = check.others(shared)?;
        let constant = check.entry.value.as_ref();
        let constant = constant.map(|value| Constant::new(value.get_ref()));
        let account = check.entry.account.as_deref().map(Account::new);
        let spaces = spaces.into_iter().map(|space| space.with_label(&*name));
        let spaces = spaces.map(|space| match &account {
            Some(account) => space.with_account(account.clone()),
            None => space,
        });
        let spaces: Vec<_> = spaces.collect();
        if let Some(space) = spaces.first() {
            scheme.bind_entry(space);
        }
        let shared = shared.store.as_ref().zip(spaces.first());
        let shared = shared.map(|(store, space)| SharedTokens {
            store: store.clone(),
            account: account.clone(),
            space: space.clone(),
        });
        Ok(Self {
            has_own_verification: check.entry.verify.is_some(),
            path_below_base_url: check.path_below_base_url()?,
            verification: check.verification(&spaces, account.as_ref())?,
            spaces,
            account,
            credential: CredentialSettings {
                token: check.token_settings()?,
                base_urls: check.base_urls()?,
                expires_at: check.expiry()?,
                headers: check.headers(&scheme)?,
                refused_if: check.conditions("refused_if", &check.entry.refused_if)?,
                forbidden_if: check.conditions("forbidden_if", &check.entry.forbidden_if)?,
                shared,
                scheme,
                name,
            },
            source,
            constant,
            others,
            places,
            also: None,
        })
    }
}

const KEY_AND_VALUE: Advice = Advice::new(
    "cannot be combined with `key`",
    "remove `value` if what is sent is a secret",
);

const SECRET_NAME: Advice = Advice::new(
    "has an invalid name",
    "use lower-case letters, digits and `_`, other than `key` and never a secret itself",
);

const KEY: &str = "write where the key comes from, as in key = { env = \"VENDOR_KEY\" }";

/// An entry that is being checked.
pub(super) struct VendorCheck<'r> {
    pub(super) name: &'r str,
    pub(super) entry: &'r VendorTable,
    pub(super) span: Range<usize>,
    reading: &'r Reading<'r>,
    pub(super) store: Option<&'r StoreSettings>,
}

impl VendorCheck<'_> {
    /// The positions of the entry and its key. An authenticator of the program and a public client
    /// have no key.
    fn locations(&self, scheme: &Scheme) -> Result<Locations> {
        let own = self.entry.scheme.as_ref();
        let own = own.filter(|_| matches!(scheme, Scheme::Own(_)));
        let is_public = |oauth: &OAuthSettings| match &oauth.kind {
            GrantKind::RefreshToken(_, _, client) => {
                matches!(client.auth, ClientAuthSettings::None)
            }
            GrantKind::ClientCredentials(..) | GrantKind::JwtBearer(..) => false,
        };
        let (field, span) = if let Some(own) = own {
            ("scheme", own.span())
        } else if matches!(scheme, Scheme::OAuth(oauth) if is_public(oauth)) {
            ("client_id", self.span.clone())
        } else if matches!(scheme, Scheme::SigV4(aws) if aws.has_own_credentials()) {
            ("sigv4", self.span.clone())
        } else if let Some(value) = &self.entry.value {
            if self.entry.key.is_some() {
                return Err(self.invalid("value", value.span(), KEY_AND_VALUE));
            }
            ("value", value.span())
        } else {
            let key = self.required("key", self.entry.key.as_ref(), KEY)?;
            ("key", key.span())
        };
        Ok(Locations {
            entry: self.place("", self.span.clone()),
            key: self.place(field, span),
        })
    }

    /// The sources of the table `secrets`, and of the key of `dpop`.
    fn others(&self, shared: &Shared) -> Result<Vec<OtherSecret>> {
        let secrets = self.entry.secrets.iter().flatten();
        let dpop = self.entry.dpop.as_ref().map(Spanned::get_ref);
        let dpop = dpop.and_then(|dpop| dpop.key.as_ref());
        let dpop = dpop.map(|key| self.other(DPOP_KEY, DPOP_KEY, key, shared));
        let other = |(name, secret): (&String, &Spanned<Secret>)| {
            if !template::is_name(name) || name == template::KEY || may_be_key(name) {
                return Err(self.invalid("secrets", secret.span(), SECRET_NAME));
            }
            self.other(name, &format!("secrets.{name}"), secret, shared)
        };
        secrets.map(other).chain(dpop).collect()
    }

    /// The source of the secret `name`, which is in `field`.
    fn other(
        &self,
        name: &str,
        field: &str,
        secret: &Spanned<Secret>,
        shared: &Shared,
    ) -> Result<OtherSecret> {
        let place = self.place(field, secret.span());
        let source = shared.source(secret.get_ref().clone(), self.reading);
        let source = source.map_err(|problem| ConfigError::new(place.clone(), problem))?;
        Ok(OtherSecret {
            name: name.to_owned(),
            source,
            place,
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
        made.map_err(|problem| self.refused(field, value.span(), problem))
    }

    /// The error of the core or of a signature, at `span`.
    pub(super) fn refused(
        &self,
        field: &str,
        span: Range<usize>,
        problem: AuthError,
    ) -> ConfigError {
        let place = self.place(field, span);
        match of_signature(&problem) {
            Some(advice) => ConfigError::invalid(place, advice),
            None => ConfigError::new(place, ConfigProblem::Vendor(problem)),
        }
    }

    pub(super) fn invalid(&self, field: &str, span: Range<usize>, advice: Advice) -> ConfigError {
        ConfigError::invalid(self.place(field, span), advice)
    }

    pub(super) fn place(&self, field: &str, span: Range<usize>) -> ConfigLocation {
        let dot = if field.is_empty() { "" } else { "." };
        let field = format!("vendors.{}{dot}{field}", self.name);
        self.reading.place(field, span)
    }
}

/// What is wrong with the description of a signature, if that is the problem.
fn of_signature(problem: &AuthError) -> Option<Advice> {
    let error = problem.source()?.downcast_ref::<SignError>()?;
    let (fact, remedy) = (error.fact(), error.remedy());
    Some(Advice::of(fact.into_owned(), remedy.into_owned()))
}
