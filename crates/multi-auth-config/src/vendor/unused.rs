//! Fields that the scheme of an entry does not use. They are errors, because their author expected
//! an effect.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::document::{ClientAuth, Preset, SchemeName, TokenEndpointTable, VendorTable};

const UNUSED: Advice = Advice::new(
    "is not used by this scheme",
    "remove it, or choose a scheme that uses it",
);

/// A field of an entry, and where it is if the entry has it.
type Field = (&'static str, Option<Range<usize>>);

impl VendorCheck<'_> {
    pub(super) fn refuse_unused_fields(&self) -> Result<()> {
        self.refuse_if_unused(self.fields_of_keys())?;
        self.refuse_if_unused(self.fields_of_tokens())?;
        self.refuse_if_unused(self.fields_of_signatures())
    }

    /// The first field in `fields` that is not used.
    fn refuse_if_unused(&self, fields: Vec<(bool, Vec<Field>)>) -> Result<()> {
        let unused = fields.into_iter().filter(|(is_used, _)| !is_used);
        let found = unused
            .flat_map(|(_, fields)| fields)
            .find_map(|(field, span)| Some((field, span?)));
        found.map_or(Ok(()), |(field, span)| {
            Err(self.invalid(field, span, UNUSED))
        })
    }

    /// Whether the scheme is one of `names`.
    fn is_one(&self, names: &[SchemeName]) -> bool {
        let scheme = self.entry.scheme.as_ref();
        scheme.is_some_and(|scheme| names.contains(scheme.get_ref()))
    }

    fn has_client(&self) -> bool {
        self.is_one(&[SchemeName::ClientCredentials, SchemeName::RefreshToken])
    }

    fn is_oauth(&self) -> bool {
        self.has_client() || self.is_one(&[SchemeName::JwtBearer])
    }

    fn is_token(&self) -> bool {
        self.is_oauth() || self.is_one(&[SchemeName::TokenEndpoint, SchemeName::Jwt])
    }

    /// The fields of how a key or a token is sent, and whether they are used.
    fn fields_of_keys(&self) -> Vec<(bool, Vec<Field>)> {
        let entry = self.entry;
        let scheme = entry.scheme.as_ref().map(Spanned::get_ref);
        let preset = entry.preset.as_ref().map(|preset| *preset.get_ref());
        let is_immuta = preset == Some(Preset::Immuta);
        let is_named = self.is_one(&[SchemeName::Header, SchemeName::Query, SchemeName::Cookie]);
        let is_prefixed = self.is_one(&[SchemeName::Authorization, SchemeName::Header]);
        let is_placed = is_named || self.is_one(&[SchemeName::Authorization, SchemeName::Bearer]);
        let is_own = matches!(scheme, Some(SchemeName::Own(_)));
        // These two judge responses by their own rules.
        let judges = self.is_one(&[SchemeName::AwsSigv4, SchemeName::Digest]);
        vec![
            (!is_own, vec![("key", span(entry.key.as_ref()))]),
            (!is_own && !judges, conditions(entry)),
            (is_placed, vec![("value", span(entry.value.as_ref()))]),
            (
                is_named || self.is_token(),
                vec![("name", span(entry.name.as_ref()))],
            ),
            (
                self.is_one(&[SchemeName::Basic, SchemeName::Digest]),
                vec![("user", span(entry.user.as_ref()))],
            ),
            (
                self.is_one(&[SchemeName::Basic]),
                vec![("password", span(entry.password.as_ref()))],
            ),
            (
                is_prefixed || self.is_token() || is_immuta,
                vec![("prefix", span(entry.prefix.as_ref()))],
            ),
            (
                preset == Some(Preset::Alphamoon),
                vec![("process", span(entry.process.as_ref()))],
            ),
            (
                self.is_token() || is_immuta,
                vec![("token", span(entry.token.as_ref()))],
            ),
            (self.is_token(), token_places(entry)),
        ]
    }

    /// The fields of token requests, and whether they are used.
    fn fields_of_tokens(&self) -> Vec<(bool, Vec<Field>)> {
        let entry = self.entry;
        let has_secrets = [
            SchemeName::TokenEndpoint,
            SchemeName::JwtBearer,
            SchemeName::AwsSigv4,
            SchemeName::OAuth1,
            SchemeName::Hmac,
        ];
        vec![
            (
                self.is_one(&[SchemeName::TokenEndpoint]),
                vec![("token_endpoint", span(entry.token_endpoint.as_ref()))],
            ),
            (
                self.is_one(&has_secrets),
                vec![("secrets", first(entry.secrets.as_ref()))],
            ),
            (
                self.is_one(&[SchemeName::ClientCredentials]),
                vec![("grant_type", span(entry.grant_type.as_ref()))],
            ),
            (false, vec![("variables", first(entry.variables.as_ref()))]),
            (self.is_oauth(), oauth_fields(entry, &self.span)),
            (
                self.has_client(),
                vec![(
                    "assertion_audience",
                    span(entry.assertion_audience.as_ref()),
                )],
            ),
            (
                self.is_one(&[SchemeName::RefreshToken]),
                login_fields(entry),
            ),
        ]
    }

    /// The fields of signatures, and whether they are used.
    fn fields_of_signatures(&self) -> Vec<(bool, Vec<Field>)> {
        let entry = self.entry;
        let is_jwt = self.is_one(&[SchemeName::Jwt, SchemeName::JwtBearer]);
        let endpoint = entry.token_endpoint.as_ref().map(Spanned::get_ref);
        let signs_request = self.is_one(&[SchemeName::TokenEndpoint])
            && endpoint.is_some_and(TokenEndpointTable::has_jwt);
        let auth = entry.client_auth.as_ref().map(|auth| *auth.get_ref());
        let assertions = [ClientAuth::PrivateKeyJwt, ClientAuth::SecretJwt];
        let signs_client = self.has_client() && auth.is_some_and(|auth| assertions.contains(&auth));
        let is_http_signature = self.is_one(&[SchemeName::HttpSignature]);
        let has_signing_key = self.has_client() || is_jwt || signs_request || is_http_signature;
        let is_hmac = self.is_one(&[SchemeName::Hmac]);
        vec![
            (
                self.is_one(&[SchemeName::AwsSigv4]),
                vec![("sigv4", span(entry.sigv4.as_ref()))],
            ),
            (
                self.is_one(&[SchemeName::AzureSharedKey]),
                vec![("azure", span(entry.azure.as_ref()))],
            ),
            (
                self.is_one(&[SchemeName::OAuth1]),
                vec![("oauth1", span(entry.oauth1.as_ref()))],
            ),
            (is_hmac, vec![("hmac", span(entry.hmac.as_ref()))]),
            (
                self.is_one(&[SchemeName::Digest]),
                vec![("digest", span(entry.digest.as_ref()))],
            ),
            (
                is_http_signature,
                vec![("http_signature", span(entry.http_signature.as_ref()))],
            ),
            (has_signing_key, signing_fields(entry)),
            (
                has_signing_key || is_hmac,
                vec![("key_encoding", span(entry.key_encoding.as_ref()))],
            ),
            (
                is_jwt || signs_request || signs_client,
                vec![("jwt", span(entry.jwt.as_ref()))],
            ),
        ]
    }
}

/// The responses that refuse a credential.
fn conditions(entry: &VendorTable) -> Vec<Field> {
    let first = |conditions: &[Spanned<_>]| conditions.first().map(Spanned::span);
    vec![
        ("refused_if", first(&entry.refused_if)),
        ("forbidden_if", first(&entry.forbidden_if)),
    ]
}

/// The places of a token other than a header field.
fn token_places(entry: &VendorTable) -> Vec<Field> {
    vec![
        ("cookie", span(entry.cookie.as_ref())),
        ("query_parameter", span(entry.query_parameter.as_ref())),
    ]
}

/// The fields of an OAuth client. A list has the span of the `whole` entry.
fn oauth_fields(entry: &VendorTable, whole: &Range<usize>) -> Vec<Field> {
    let list = |is_there: bool| is_there.then(|| whole.clone());
    vec![
        ("token_url", span(entry.token_url.as_ref())),
        ("issuer", span(entry.issuer.as_ref())),
        ("endpoint_origins", list(entry.endpoint_origins.is_some())),
        ("client_id", span(entry.client_id.as_ref())),
        ("scope", span(entry.scope.as_ref())),
        ("audience", span(entry.audience.as_ref())),
        ("resource", list(entry.resource.is_some())),
        ("parameters", span(entry.parameters.as_ref())),
        ("parameters_in", span(entry.parameters_in.as_ref())),
        ("client_auth", span(entry.client_auth.as_ref())),
        ("dpop", span(entry.dpop.as_ref())),
    ]
}

/// How a key signs.
fn signing_fields(entry: &VendorTable) -> Vec<Field> {
    vec![
        ("algorithm", span(entry.algorithm.as_ref())),
        ("key_id", span(entry.key_id.as_ref())),
    ]
}

/// The fields of a login.
fn login_fields(entry: &VendorTable) -> Vec<Field> {
    vec![
        ("authorization_url", span(entry.authorization_url.as_ref())),
        (
            "device_authorization_url",
            span(entry.device_authorization_url.as_ref()),
        ),
        ("revocation_url", span(entry.revocation_url.as_ref())),
    ]
}

/// Where the first value of a table is.
fn first<T>(table: Option<&BTreeMap<String, Spanned<T>>>) -> Option<Range<usize>> {
    table?.values().next().map(Spanned::span)
}

fn span<T>(field: Option<&Spanned<T>>) -> Option<Range<usize>> {
    field.map(Spanned::span)
}
