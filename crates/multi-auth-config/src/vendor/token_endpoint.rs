//! The token request that an entry describes.

mod key;
mod names;
mod response;

use std::ops::Range;

use multi_auth::{ConstantHeaders, ProtectionSpace};
use serde_json::{Map, Value};
use toml::Spanned;

use super::check::{Result, VendorCheck};
use crate::document::{Format, SchemeName, TokenEndpointTable, TokenMethod};
use crate::scheme::{KeyLocation, Scheme, TokenEndpointSettings};
use crate::{Advice, ConfigError};

const TABLE: &str = "describe it in a table [vendors.<name>.token_endpoint] with url and key_field";

const TWICE: Advice = Advice::new("sets the field that holds the key", "remove that field");

const NESTED: Advice = Advice::new(
    "has a list or table, which a form cannot hold",
    "use strings, numbers and booleans, or format = \"json\"",
);

const NO_BODY: Advice = Advice::new(
    "sends no body",
    "write method = \"POST\" and format = \"json\", or put the key into `credential` or `client_secret_basic`, and use `query` in place of `fields`",
);

const NO_FIELDS: Advice = Advice::new("is not used with XML", "write everything into `body`");

const NO_JSON: Advice = Advice::new(
    "has a date or number that JSON does not have",
    "write it as a string",
);

/// A token request that is being checked.
pub(super) struct Endpoint<'e> {
    table: &'e TokenEndpointTable,
    span: Range<usize>,
    /// Its field: `token_endpoint`, or `token_endpoint.then` for the next step.
    path: String,
}

impl<'e> Endpoint<'e> {
    fn new(table: &'e Spanned<TokenEndpointTable>, path: String) -> Self {
        Self {
            table: table.get_ref(),
            span: table.span(),
            path,
        }
    }

    /// The next step, if there is one.
    fn then(&self) -> Option<Self> {
        let then = self.table.then.as_deref()?;
        Some(Self::new(then, self.field("then")))
    }

    /// The field `name` of it.
    fn field(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }
}

impl VendorCheck<'_> {
    /// An error in the field `name` of `endpoint`.
    fn wrong(&self, endpoint: &Endpoint<'_>, name: &str, advice: Advice) -> ConfigError {
        self.invalid(&endpoint.field(name), endpoint.span.clone(), advice)
    }

    pub(super) fn token_endpoint(&self) -> Result<Scheme> {
        let table = self.required("token_endpoint", self.entry.token_endpoint.as_ref(), TABLE)?;
        let endpoint = Endpoint::new(table, "token_endpoint".to_owned());
        let settings = self.step(&endpoint)?;
        self.check_names(endpoint)?;
        Ok(Scheme::TokenEndpoint(Box::new(settings)))
    }

    /// A token request, and those that follow it.
    fn step(&self, endpoint: &Endpoint<'_>) -> Result<TokenEndpointSettings> {
        let table = endpoint.table;
        // An invalid endpoint URL is refused here, with its line, and not at the first token
        // request.
        self.right(
            &endpoint.field("url"),
            &table.url,
            ProtectionSpace::new(table.url.get_ref()),
        )?;
        let response = self.response(endpoint)?;
        let key = self.key_place(endpoint)?;
        self.check_fields(endpoint, &key)?;
        let then = endpoint.then();
        let then = then.map(|then| self.step(&then).map(Box::new));
        Ok(TokenEndpointSettings {
            url: table.url.get_ref().clone(),
            method: table.method,
            query: table.query.clone(),
            headers: self.endpoint_headers(endpoint)?,
            format: table.format,
            key,
            fields: table.fields.clone(),
            response,
            placement: self.placement(&SchemeName::TokenEndpoint)?,
            then: then.transpose()?,
        })
    }

    fn endpoint_headers(&self, endpoint: &Endpoint<'_>) -> Result<Vec<(String, String)>> {
        let mut headers = Vec::new();
        for (name, value) in &endpoint.table.headers {
            let made = ConstantHeaders::new().with(name, value.get_ref());
            self.right(&endpoint.field("headers"), value, made)?;
            headers.push((name.clone(), value.get_ref().clone()));
        }
        Ok(headers)
    }

    fn check_fields(&self, endpoint: &Endpoint<'_>, key: &KeyLocation) -> Result<()> {
        let table = endpoint.table;
        let wrong = |field: &str, advice| Err(self.wrong(endpoint, field, advice));
        let has_fields = !table.fields.is_empty();
        let is_in_body = matches!(key, KeyLocation::Body(_) | KeyLocation::ClientSecretPost(_));
        let is_xml = matches!(key, KeyLocation::Xml(_));
        if table.method == TokenMethod::Get && (is_in_body || is_xml || has_fields) {
            return wrong("method", NO_BODY);
        }
        match table.format {
            Format::None if is_in_body || has_fields => {
                return wrong("format", NO_BODY);
            }
            Format::Xml if is_in_body || has_fields => {
                return wrong("fields", NO_FIELDS);
            }
            _ => {}
        }
        let fields = "fields";
        let is_deep = matches!(key, KeyLocation::Body(names) if names.len() > 1);
        if table.format == Format::Form && (is_deep || table.fields.values().any(is_nested)) {
            return wrong(fields, NESTED);
        }
        if table.fields.values().any(is_no_json) {
            return wrong(fields, NO_JSON);
        }
        let is_set = |name: &&str| table.fields.contains_key(*name);
        match key {
            KeyLocation::Body(names) if !is_free(&table.fields, names) => wrong(fields, TWICE),
            KeyLocation::ClientSecretPost(_)
                if ["client_id", "client_secret"].iter().any(is_set) =>
            {
                wrong(fields, TWICE)
            }
            _ => Ok(()),
        }
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
