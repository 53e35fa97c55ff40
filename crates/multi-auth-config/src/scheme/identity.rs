//! What a token is requested with, except the secrets, as text. Processes share a token only if all
//! of it is equal.
//!
//! Each function takes its type apart, so that a new field must be considered here. `Debug` does
//! not suffice: it hides values that may hold a secret.

use std::fmt::Debug;

use http::HeaderMap;
use multi_auth::ConstantHeaders;

use super::oauth::{AssertionSettings, ClientAuthSettings, ClientSettings};
use super::token_endpoint::{InnerCredential, KeyLocation};
use super::{
    GrantKind, JwtSettings, OAuthSettings, Parameters, ResponseSettings, Scheme,
    TokenEndpointSettings,
};

impl Scheme {
    /// What its tokens are requested with. `None` if it has no token requests, or if its tokens are
    /// those of a person, which are in the store already.
    pub(super) fn token_request(&self) -> Option<String> {
        match self {
            Self::Immuta(_) => Some("immuta".to_owned()),
            Self::TokenEndpoint(endpoint) => Some(of_token_endpoint(endpoint)),
            Self::OAuth(client) => of_client(client),
            _ => None,
        }
    }
}

/// The constant header fields of an entry.
pub(super) fn of_headers(headers: &ConstantHeaders) -> String {
    let mut fields = HeaderMap::new();
    headers.add_to(&mut fields);
    let mut fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    fields.sort_unstable();
    text(&fields)
}

fn of_client(client: &OAuthSettings) -> Option<String> {
    let OAuthSettings {
        server,
        parameters,
        placement,
        kind,
        dpop,
        base_url_at,
    } = client;
    let kind = match kind {
        GrantKind::ClientCredentials(grant_type, client) => {
            text(&("client_credentials", grant_type, of_settings(client)))
        }
        GrantKind::JwtBearer(jwt, client) => {
            let client = client.as_ref().map(of_settings);
            text(&("jwt_bearer", of_jwt(jwt), client))
        }
        GrantKind::RefreshToken(..) => return None,
    };
    let parameters = of_parameters(parameters);
    Some(text(&(
        server,
        parameters,
        placement.to_string(),
        kind,
        dpop,
        base_url_at,
    )))
}

fn of_settings(client: &ClientSettings) -> String {
    let ClientSettings { id, auth } = client;
    let auth = match auth {
        ClientAuthSettings::Basic => text(&"basic"),
        ClientAuthSettings::BasicUnencoded => text(&"basic_unencoded"),
        ClientAuthSettings::Post => text(&"post"),
        ClientAuthSettings::None => text(&"none"),
        ClientAuthSettings::Assertion(AssertionSettings::Plain(signing), audience) => {
            text(&(signing, audience))
        }
        ClientAuthSettings::Assertion(AssertionSettings::Custom(jwt), audience) => {
            text(&(of_jwt(jwt), audience))
        }
    };
    text(&(id, auth))
}

fn of_parameters(parameters: &Parameters) -> String {
    let Parameters {
        scope,
        audience,
        resource,
        others,
        encoding,
    } = parameters;
    text(&(scope, audience, resource, others, encoding))
}

fn of_jwt(jwt: &JwtSettings) -> String {
    let JwtSettings {
        signing,
        issuer,
        subject,
        audience,
        lifetime,
        backdated_by,
        random_id,
        not_before,
        claims,
        header,
    } = jwt;
    let times = (lifetime, backdated_by, random_id, not_before);
    text(&(signing, issuer, subject, audience, times, claims, header))
}

fn of_token_endpoint(endpoint: &TokenEndpointSettings) -> String {
    let TokenEndpointSettings {
        url,
        method,
        query,
        headers,
        format,
        key,
        fields,
        response,
        placement,
        then,
    } = endpoint;
    let request = (url, method, query, headers, format, of_key(key), fields);
    let then = then.as_deref().map(of_token_endpoint);
    text(&(request, of_response(response), placement.to_string(), then))
}

fn of_key(key: &KeyLocation) -> String {
    match key {
        KeyLocation::Body(path) => text(&("body", path)),
        KeyLocation::Xml(template) => text(&("xml", template)),
        KeyLocation::ClientSecretBasic(id) => text(&("client_secret_basic", id)),
        KeyLocation::ClientSecretPost(id) => text(&("client_secret_post", id)),
        KeyLocation::Inner(InnerCredential::Placed(placement)) => text(&placement.to_string()),
        KeyLocation::Inner(InnerCredential::Pair) => text(&"pair"),
        KeyLocation::Inner(InnerCredential::Password(user)) => text(&("password", user)),
        KeyLocation::Inner(InnerCredential::User(password)) => text(&("user", password)),
        KeyLocation::Inner(InnerCredential::Jwt(jwt)) => text(&("jwt", of_jwt(jwt))),
    }
}

fn of_response(response: &ResponseSettings) -> String {
    let ResponseSettings {
        token,
        token_types,
        expires_in,
        expires_in_milliseconds,
        expires_in_minutes,
        expires_at,
        expires_by_jwt,
        default_lifetime,
        zero_means_unknown_lifetime,
        refused_unless,
        keep,
    } = response;
    let relative = (expires_in, expires_in_milliseconds, expires_in_minutes);
    let lifetime = (relative, expires_at, expires_by_jwt, default_lifetime);
    let zero = zero_means_unknown_lifetime;
    text(&(token, token_types, lifetime, zero, refused_unless, keep))
}

/// `Debug` quotes texts, so two lists of texts never become the same text.
fn text(value: &impl Debug) -> String {
    format!("{value:?}")
}
