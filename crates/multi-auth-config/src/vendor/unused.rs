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
        let entry = self.entry;
        let preset = self.entry.preset.as_ref().map(|preset| *preset.get_ref());
        let scheme = self.entry.scheme.as_ref().map(Spanned::get_ref);
        let is_one = |names: &[SchemeName]| scheme.is_some_and(|scheme| names.contains(scheme));
        let is_jwt = is_one(&[SchemeName::Jwt, SchemeName::JwtBearer]);
        let has_client = is_one(&[SchemeName::ClientCredentials, SchemeName::RefreshToken]);
        let is_oauth = has_client || is_one(&[SchemeName::JwtBearer]);
        let is_token = is_oauth || is_one(&[SchemeName::TokenEndpoint, SchemeName::Jwt]);
        let endpoint = entry.token_endpoint.as_ref().map(Spanned::get_ref);
        let signs_request = is_one(&[SchemeName::TokenEndpoint])
            && endpoint.is_some_and(TokenEndpointTable::has_jwt);
        let auth = entry.client_auth.as_ref().map(|auth| *auth.get_ref());
        let signs_client = has_client
            && matches!(
                auth,
                Some(ClientAuth::PrivateKeyJwt | ClientAuth::SecretJwt)
            );
        let is_digest = is_one(&[SchemeName::Digest]);
        let is_http_signature = is_one(&[SchemeName::HttpSignature]);
        let has_signing_key = has_client || is_jwt || signs_request || is_http_signature;
        let is_hmac = is_one(&[SchemeName::Hmac]);
        let is_immuta = preset == Some(Preset::Immuta);
        let named = [SchemeName::Header, SchemeName::Query, SchemeName::Cookie];
        let prefixed = [SchemeName::Authorization, SchemeName::Header];
        let is_placed = is_one(&named) || is_one(&[SchemeName::Authorization, SchemeName::Bearer]);
        for (is_used, fields) in [
            (
                !matches!(scheme, Some(SchemeName::Own(_))),
                key_fields(entry),
            ),
            (is_placed, vec![("value", span(entry.value.as_ref()))]),
            (
                is_one(&named) || is_token,
                vec![("name", span(entry.name.as_ref()))],
            ),
            (
                is_one(&[SchemeName::Basic, SchemeName::Digest]),
                vec![("user", span(entry.user.as_ref()))],
            ),
            (
                is_one(&[SchemeName::Basic]),
                vec![("password", span(entry.password.as_ref()))],
            ),
            (
                is_one(&prefixed) || is_token || is_immuta,
                vec![("prefix", span(entry.prefix.as_ref()))],
            ),
            (
                preset == Some(Preset::Alphamoon),
                vec![("process", span(entry.process.as_ref()))],
            ),
            (
                is_token || is_immuta,
                vec![("token", span(entry.token.as_ref()))],
            ),
            (is_token, token_places(entry)),
            (
                is_one(&[SchemeName::AwsSigv4]),
                vec![("sigv4", span(entry.sigv4.as_ref()))],
            ),
            (
                is_one(&[SchemeName::AzureSharedKey]),
                vec![("azure", span(entry.azure.as_ref()))],
            ),
            (
                is_one(&[SchemeName::OAuth1]),
                vec![("oauth1", span(entry.oauth1.as_ref()))],
            ),
            (is_hmac, vec![("hmac", span(entry.hmac.as_ref()))]),
            (is_digest, vec![("digest", span(entry.digest.as_ref()))]),
            (
                is_http_signature,
                vec![("http_signature", span(entry.http_signature.as_ref()))],
            ),
            (
                is_one(&[SchemeName::TokenEndpoint]),
                vec![("token_endpoint", span(entry.token_endpoint.as_ref()))],
            ),
            (
                is_one(&[
                    SchemeName::TokenEndpoint,
                    SchemeName::JwtBearer,
                    SchemeName::AwsSigv4,
                    SchemeName::OAuth1,
                    SchemeName::Hmac,
                ]),
                vec![("secrets", first(entry.secrets.as_ref()))],
            ),
            (
                is_one(&[SchemeName::ClientCredentials]),
                vec![("grant_type", span(entry.grant_type.as_ref()))],
            ),
            (false, vec![("variables", first(entry.variables.as_ref()))]),
            (is_oauth, oauth_fields(entry, &self.span)),
            (
                is_oauth,
                vec![("client_auth", span(entry.client_auth.as_ref()))],
            ),
            (
                has_client,
                vec![(
                    "assertion_audience",
                    span(entry.assertion_audience.as_ref()),
                )],
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
            (is_one(&[SchemeName::RefreshToken]), login_fields(entry)),
        ] {
            let mut found = fields
                .into_iter()
                .filter_map(|(name, span)| Some((name, span?)));
            if let Some((field, span)) = found.next().filter(|_| !is_used) {
                return Err(self.invalid(field, span, UNUSED));
            }
        }
        Ok(())
    }
}

/// The fields of a credential that this crate builds.
fn key_fields(entry: &VendorTable) -> Vec<Field> {
    let first = |conditions: &[Spanned<_>]| conditions.first().map(Spanned::span);
    vec![
        ("key", span(entry.key.as_ref())),
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
