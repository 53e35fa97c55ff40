//! The servers of a document.

use serde_json::Value;
use url::Url;

use super::is_plain;

/// A server of a document (OpenAPI 3.1, 4.8.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// Its URL, with `{name}` for each variable.
    pub(crate) url: String,
    pub(crate) variables: Vec<ServerVariable>,
}

/// A variable of a server's URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerVariable {
    pub(crate) name: String,
    pub(crate) usual: String,
    /// The only values, if there are few.
    pub(crate) values: Vec<String>,
}

/// The most servers that a user can choose from.
const MOST_SERVERS: usize = 50;

impl Server {
    /// The servers of the document `root` to which a credential can be bound.
    pub(super) fn all(root: &Value) -> Vec<Self> {
        let servers = root["servers"].as_array().into_iter().flatten();
        let mut all: Vec<Self> = Vec::new();
        for server in servers.filter_map(Self::of).take(MOST_SERVERS) {
            if !all.contains(&server) {
                all.push(server);
            }
        }
        all
    }

    fn of(server: &Value) -> Option<Self> {
        let url = server["url"].as_str()?.trim().to_owned();
        let variables = server["variables"].as_object().into_iter().flatten();
        let variables = variables.filter(|(name, _)| url.contains(&format!("{{{name}}}")));
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let variables = variables.map(|(name, variable)| ServerVariable {
            name: name.clone(),
            usual: text(&variable["default"]).unwrap_or_default(),
            values: variable["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(text)
                .collect(),
        });
        let variables: Vec<_> = variables.collect();
        let values = variables
            .iter()
            .flat_map(|one| one.values.iter().chain([&one.usual]));
        if !values.chain([&url]).all(|text| is_plain(text)) {
            return None;
        }
        let server = Self { url, variables };
        let usual = |variable: &ServerVariable| variable.usual.clone();
        server.is_usable(&server.filled(usual)).then_some(server)
    }

    /// Its URL with the values that `value` returns. A value is not searched for names.
    pub(crate) fn filled(&self, value: impl Fn(&ServerVariable) -> String) -> String {
        let mut filled = String::new();
        let mut rest = self.url.as_str();
        while let Some((before, tail)) = rest.split_once('{') {
            let known = tail.split_once('}').and_then(|(name, after)| {
                let variable = self.variables.iter().find(|one| one.name == name)?;
                Some((value(variable), after))
            });
            filled.push_str(before);
            rest = if let Some((value, after)) = known {
                filled.push_str(&value);
                after
            } else {
                filled.push('{');
                tail
            };
        }
        filled + rest
    }

    /// Whether a credential can be bound to `url`, its URL with values. A server without a default
    /// is asked for.
    fn is_usable(&self, url: &str) -> bool {
        let has_gap = self
            .variables
            .iter()
            .any(|variable| variable.usual.is_empty());
        let is_https = self.url.starts_with("https://");
        let is_whole = |url: Url| url.query().is_none() && url.fragment().is_none();
        is_https && (has_gap || Url::parse(url).is_ok_and(is_whole) && !url.contains('{'))
    }
}
