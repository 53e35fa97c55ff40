//! The token request that an entry describes.

use std::ops::Range;

use multi_auth::ProtectionSpace;
use serde_json::{Map, Value};

use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::document::{self, Format, OAuthClient, SchemeName, TokenMethod};
use crate::scheme::{KeyLocation, Scheme, TokenEndpointSettings};

const TABLE: &str = "describe it in a table [vendors.<name>.token_endpoint] with url and key_field";

const TWICE: Advice = Advice::new("sets the field that holds the key", "remove that field");

const POINTER: Advice = Advice::new(
    "is not a JSON pointer",
    "write the path to the value, as in \"/data/token\" (RFC 6901)",
);

const NO_PLACE: Advice = Advice::new(
    "has no place for the key",
    "write key_field = \"secret\", client_secret_basic = { client_id = \"my-app\" } or client_secret_post = { client_id = \"my-app\" }",
);

const TWO_PLACES: Advice = Advice::new(
    "has two places for the key",
    "write one of `key_field`, `client_secret_basic` and `client_secret_post`",
);

const NESTED: Advice = Advice::new(
    "has a list or table, which a form cannot hold",
    "use strings, numbers and booleans, or format = \"json\"",
);

const NO_BODY: Advice = Advice::new(
    "is GET, which sends no body",
    "write method = \"POST\", or use `client_secret_basic` and `query` without `fields`",
);

const NO_JSON: Advice = Advice::new(
    "has a date or number that JSON does not have",
    "write it as a string",
);

impl VendorCheck<'_> {
    pub(super) fn token_endpoint(&self) -> Result<Scheme> {
        let endpoint =
            self.required("token_endpoint", self.entry.token_endpoint.as_ref(), TABLE)?;
        let (endpoint, span) = (endpoint.get_ref(), endpoint.span());
        // An invalid endpoint URL is refused here, with its line, and not at the first token
        // request.
        self.right(
            "token_endpoint.url",
            &endpoint.url,
            ProtectionSpace::new(endpoint.url.get_ref()),
        )?;
        self.check_pointers(endpoint, &span)?;
        let key = self.key_place(endpoint, &span)?;
        self.check_fields(endpoint, &key, &span)?;
        let lifetime = endpoint.default_lifetime.as_ref();
        Ok(Scheme::TokenEndpoint(Box::new(TokenEndpointSettings {
            url: endpoint.url.get_ref().clone(),
            method: endpoint.method,
            query: endpoint.query.clone(),
            token_types: endpoint.token_types.clone(),
            format: endpoint.format,
            key,
            fields: endpoint.fields.clone(),
            token_at: endpoint.token_at.clone(),
            expires_in: endpoint.expires_in.clone(),
            expires_at: endpoint.expires_at.clone(),
            default_lifetime: self.length("token_endpoint.default_lifetime", lifetime)?,
            zero_means_unknown_lifetime: endpoint.zero_means_unknown_lifetime,
            refused_unless: endpoint.refused_unless.clone(),
            placement: self.placement(&SchemeName::TokenEndpoint)?,
        })))
    }

    fn check_pointers(
        &self,
        endpoint: &document::TokenEndpointTable,
        span: &Range<usize>,
    ) -> Result<()> {
        for (field, pointer) in [
            ("token_endpoint.token_at", &endpoint.token_at),
            ("token_endpoint.expires_in", &endpoint.expires_in),
            ("token_endpoint.expires_at", &endpoint.expires_at),
            ("token_endpoint.refused_unless", &endpoint.refused_unless),
        ] {
            let is_one = pointer.as_ref().is_none_or(|text| text.starts_with('/'));
            if !is_one {
                return Err(self.invalid(field, span.clone(), POINTER));
            }
        }
        Ok(())
    }

    fn key_place(
        &self,
        endpoint: &document::TokenEndpointTable,
        span: &Range<usize>,
    ) -> Result<KeyLocation> {
        let wrong = |advice| Err(self.invalid("token_endpoint", span.clone(), advice));
        let id = |client: &OAuthClient| client.client_id.clone();
        let field = endpoint.key_field.as_ref();
        let basic = endpoint.client_secret_basic.as_ref().map(id);
        let post = endpoint.client_secret_post.as_ref().map(id);
        let places = [
            field.map(|field| KeyLocation::Body(names(field))),
            basic.map(KeyLocation::ClientSecretBasic),
            post.map(KeyLocation::ClientSecretPost),
        ];
        let mut places = places.into_iter().flatten();
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(place),
            (None, _) => wrong(NO_PLACE),
            (Some(_), Some(_)) => wrong(TWO_PLACES),
        }
    }

    fn check_fields(
        &self,
        endpoint: &document::TokenEndpointTable,
        key: &KeyLocation,
        span: &Range<usize>,
    ) -> Result<()> {
        let wrong = |advice| Err(self.invalid("token_endpoint.fields", span.clone(), advice));
        let is_in_body = !matches!(key, KeyLocation::ClientSecretBasic(_));
        if endpoint.method == TokenMethod::Get && (is_in_body || !endpoint.fields.is_empty()) {
            return Err(self.invalid("token_endpoint.method", span.clone(), NO_BODY));
        }
        let is_form = matches!(endpoint.format, Format::Form);
        let is_deep = matches!(key, KeyLocation::Body(names) if names.len() > 1);
        if is_form && (is_deep || endpoint.fields.values().any(is_nested)) {
            return wrong(NESTED);
        }
        if endpoint.fields.values().any(is_no_json) {
            return wrong(NO_JSON);
        }
        match key {
            KeyLocation::Body(names) if !is_free(&endpoint.fields, names) => wrong(TWICE),
            KeyLocation::ClientSecretPost(_)
                if ["client_id", "client_secret"]
                    .iter()
                    .any(|name| endpoint.fields.contains_key(*name)) =>
            {
                wrong(TWICE)
            }
            _ => Ok(()),
        }
    }
}

/// The path to a field: its name, or the steps of its JSON pointer (RFC 6901).
fn names(field: &str) -> Vec<String> {
    match field.strip_prefix('/') {
        Some(steps) => {
            let steps = steps.split('/');
            steps
                .map(|step| step.replace("~1", "/").replace("~0", "~"))
                .collect()
        }
        None => vec![field.to_owned()],
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

/// The parser turns dates into a table with a private name, and NaN and infinity into null.
fn is_no_json(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(is_no_json),
        Value::Object(members) => {
            members
                .keys()
                .any(|name| name.starts_with("$__toml_private"))
                || members.values().any(is_no_json)
        }
        _ => false,
    }
}

/// Whether `fields` has room for the key at `names`: each value on the path is a table or absent.
fn is_free(fields: &Map<String, Value>, names: &[String]) -> bool {
    let Some((first, rest)) = names.split_first() else {
        return false;
    };
    match fields.get(first) {
        None => true,
        Some(Value::Object(inner)) => !rest.is_empty() && is_free(inner, rest),
        Some(_) => false,
    }
}
