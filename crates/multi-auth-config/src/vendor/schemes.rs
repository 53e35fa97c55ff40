//! The scheme and the protection spaces of an entry.

use std::ops::Range;

use multi_auth::{Alphamoon, AuthError, Immuta, Placement, ProtectionSpace};
use secrecy::ExposeSecret;

use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::document::{Preset, SchemeName};
use crate::scheme::{OwnScheme, Scheme};
use crate::source::{Inline, is_name, may_be_key};

pub(super) const COLON: Advice = Advice::new(
    "has a colon, which separates user and password",
    "remove `user` if the key is `user:password`",
);

const HALVES: Advice = Advice::new(
    "cannot be combined with `user`, because the key is the other half",
    "write the password as `key`, or remove `user`",
);

const TWO_PLACES: Advice = Advice::new(
    "cannot be combined with another place of the token",
    "remove one of them",
);

const OWN_NAME: Advice = Advice::new(
    "has an invalid name",
    "write the name that the program gives to `Config::with_authenticator`: letters, digits and `_`, and never a key",
);

const URL: &str = "write where the credential may go, as in url = \"https://api.example.com\"";

pub(super) fn has_colon(user: &Inline) -> bool {
    user.secret().expose_secret().contains(':')
}

impl VendorCheck<'_> {
    /// The scheme and the protection spaces.
    pub(super) fn scheme(&self) -> Result<(Scheme, Vec<ProtectionSpace>)> {
        const NEITHER: Advice = Advice::new(
            "has neither `preset` nor `scheme`",
            "write a preset of `multi-auth vendors`, as in preset = \"freshdesk\", or how the key is sent, as in scheme = \"bearer\"",
        );
        const BOTH: Advice = Advice::new(
            "cannot be combined with `preset`, which has its own scheme",
            "remove one of them",
        );
        match (&self.entry.preset, &self.entry.scheme) {
            (Some(preset), None) => self.preset(*preset.get_ref()),
            (None, Some(scheme)) => self.plain(scheme.get_ref(), scheme.span()),
            (Some(_), Some(scheme)) => Err(self.invalid("scheme", scheme.span(), BOTH)),
            (None, None) => Err(self.invalid("", self.span.clone(), NEITHER)),
        }
    }

    fn preset(&self, preset: Preset) -> Result<(Scheme, Vec<ProtectionSpace>)> {
        match preset {
            Preset::Alphamoon => self.alphamoon(),
            Preset::Immuta | Preset::ImmutaRawKey => {
                let url = self.required("url", self.entry.url.as_ref(), URL)?;
                let mut immuta = self.right("url", url, Immuta::new(url.get_ref()))?;
                let scopes = vec![immuta.protection_space()];
                if preset == Preset::ImmutaRawKey {
                    return Ok((Scheme::ImmutaRawKey(immuta), scopes));
                }
                if let Some(prefix) = &self.entry.prefix {
                    immuta = self.right("prefix", prefix, immuta.with_prefix(prefix.get_ref()))?;
                }
                Ok((Scheme::Immuta(immuta), scopes))
            }
        }
    }

    fn alphamoon(&self) -> Result<(Scheme, Vec<ProtectionSpace>)> {
        let alphamoon = match &self.entry.url {
            Some(url) => self.right("url", url, Alphamoon::new(url.get_ref()))?,
            None => Alphamoon::default(),
        };
        let Some(process) = &self.entry.process else {
            let scopes = vec![alphamoon.protection_space()];
            return Ok((Scheme::AlphamoonKey(alphamoon), scopes));
        };
        let scopes = alphamoon.process_protection_spaces(process.get_ref());
        let scopes = self.right("process", process, scopes)?;
        Ok((Scheme::AlphamoonProcessKey(alphamoon), scopes))
    }

    fn plain(
        &self,
        scheme: &SchemeName,
        span: Range<usize>,
    ) -> Result<(Scheme, Vec<ProtectionSpace>)> {
        let base_urls = self.base_urls()?;
        let spaces = match &base_urls {
            Some(allowed) => allowed.protection_spaces().to_vec(),
            None => vec![self.url()?],
        };
        let mut checked = match scheme {
            SchemeName::Basic => self.basic()?,
            SchemeName::TokenEndpoint => self.token_endpoint()?,
            SchemeName::ClientCredentials => self.client_credentials()?,
            SchemeName::RefreshToken => self.refresh_token()?,
            SchemeName::JwtBearer => self.jwt_bearer()?,
            SchemeName::Jwt => self.self_signed()?,
            SchemeName::AwsSigv4 => self.aws_sigv4()?,
            SchemeName::AzureSharedKey => self.azure_shared_key()?,
            SchemeName::OAuth1 => self.oauth1()?,
            SchemeName::Hmac => self.hmac()?,
            SchemeName::Digest => self.digest()?,
            SchemeName::HttpSignature => self.http_signature()?,
            SchemeName::Own(name) if !is_name(name) || may_be_key(name) => {
                return Err(self.invalid("scheme", span, OWN_NAME));
            }
            SchemeName::Own(name) => Scheme::Own(OwnScheme::new(name)),
            scheme => Scheme::Placed(self.placement(scheme)?),
        };
        self.keep_base_url(&mut checked)?;
        Ok((checked, spaces))
    }

    fn url(&self) -> Result<ProtectionSpace> {
        let url = self.required("url", self.entry.url.as_ref(), URL)?;
        self.right("url", url, ProtectionSpace::new(url.get_ref()))
    }

    fn basic(&self) -> Result<Scheme> {
        match (&self.entry.user, &self.entry.password) {
            (None, None) => Ok(Scheme::Pair),
            (Some(user), None) if has_colon(user.get_ref()) => {
                Err(self.invalid("user", user.span(), COLON))
            }
            (Some(user), None) => Ok(Scheme::Password(user.get_ref().secret().clone())),
            (None, Some(password)) => Ok(Scheme::User(password.get_ref().secret().clone())),
            (Some(_), Some(password)) => Err(self.invalid("password", password.span(), HALVES)),
        }
    }

    /// Where the key or the token is sent.
    pub(super) fn placement(&self, scheme: &SchemeName) -> Result<Placement> {
        const NAME: &str = "write it, as in name = \"x-api-key\"";
        let named = |place: Named| {
            let name = self.required("name", self.entry.name.as_ref(), NAME)?;
            self.right("name", name, place(name.get_ref()))
        };
        let placement = match scheme {
            SchemeName::TokenEndpoint
            | SchemeName::ClientCredentials
            | SchemeName::RefreshToken
            | SchemeName::Jwt
            | SchemeName::JwtBearer => return self.token_placement(),
            SchemeName::Basic | SchemeName::Bearer | SchemeName::Own(_) => Placement::bearer(),
            SchemeName::Authorization
            | SchemeName::AwsSigv4
            | SchemeName::AzureSharedKey
            | SchemeName::OAuth1
            | SchemeName::Hmac
            | SchemeName::Digest
            | SchemeName::HttpSignature => Placement::authorization(),
            SchemeName::Header => named(Placement::header)?,
            SchemeName::Query => named(Placement::query)?,
            SchemeName::Cookie => named(Placement::cookie)?,
        };
        self.prefixed(placement)
    }

    /// Where a token is sent: by default as a bearer token.
    fn token_placement(&self) -> Result<Placement> {
        let entry = self.entry;
        if let Some(dpop) = &entry.dpop {
            return self.dpop_placement(dpop);
        }
        let places: [(_, _, Named); 3] = [
            ("name", &entry.name, Placement::header),
            ("cookie", &entry.cookie, Placement::cookie),
            ("query_parameter", &entry.query_parameter, Placement::query),
        ];
        let mut given = places
            .into_iter()
            .filter_map(|(field, name, place)| Some((field, name.as_ref()?, place)));
        let first = given.next();
        if let Some((field, name, _)) = given.next() {
            return Err(self.invalid(field, name.span(), TWO_PLACES));
        }
        match first {
            Some((field, name, place)) => {
                self.prefixed(self.right(field, name, place(name.get_ref()))?)
            }
            None if entry.prefix.is_some() => self.prefixed(Placement::authorization()),
            None => Ok(Placement::bearer()),
        }
    }

    fn prefixed(&self, placement: Placement) -> Result<Placement> {
        match &self.entry.prefix {
            Some(prefix) => {
                let prefixed = placement.with_prefix(prefix.get_ref().clone());
                self.right("prefix", prefix, prefixed)
            }
            None => Ok(placement),
        }
    }
}

type Named = fn(&str) -> std::result::Result<Placement, AuthError>;
