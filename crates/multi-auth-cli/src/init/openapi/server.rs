//! The servers of a document.

use serde_json::Value;
use url::Url;

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

impl Server {
    /// The servers of the document `root` to which a credential can be bound.
    pub(super) fn all(root: &Value) -> Vec<Self> {
        let servers = root["servers"].as_array().into_iter().flatten();
        let mut all: Vec<Self> = Vec::new();
        for server in servers.filter_map(Self::of) {
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
        let variables = variables.collect();
        let server = Self { url, variables };
        let usual = |variable: &ServerVariable| variable.usual.clone();
        server.is_usable(&server.filled(usual)).then_some(server)
    }

    /// Its URL with the values that `value` returns.
    pub(crate) fn filled(&self, value: impl Fn(&ServerVariable) -> String) -> String {
        let fill = |url: String, variable: &ServerVariable| {
            url.replace(&format!("{{{}}}", variable.name), &value(variable))
        };
        self.variables.iter().fold(self.url.clone(), fill)
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
