//! A vendor of the catalogue with sample values, read from its file without the library.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use serde_json::{Map, Value, json};

use crate::body::TestBody;

/// What a user of a vendor writes, and the entry that results.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    /// The entry with all variables but secrets filled in.
    pub(crate) entry: Value,
    /// The secret variables.
    pub(crate) secrets: BTreeMap<String, String>,
    variables: Map<String, Value>,
    inputs: Vec<(String, String)>,
}

impl Sample {
    pub(crate) fn new(name: &'static str, text: &str) -> Self {
        Self::with_labels(name, text, None)
    }

    /// The same, with `label` for each variable whose values are not listed.
    pub(crate) fn with_labels(name: &'static str, text: &str, label: Option<&str>) -> Self {
        let root: toml::Table = text.parse().unwrap();
        let root = serde_json::to_value(root).unwrap();
        let (mut secrets, mut variables) = (BTreeMap::new(), Map::new());
        for (name, variable) in root["variables"].as_object().into_iter().flatten() {
            if variable["kind"] == "secret" {
                secrets.insert(name.clone(), format!("secret-{name}&<1>"));
            } else {
                let label = label.filter(|_| variable["values"].is_null());
                let example = variable["example"].clone();
                variables.insert(name.clone(), label.map_or(example, Value::from));
            }
        }
        let mut values = variables.clone();
        let mut inputs = Vec::new();
        for (path, input) in root["inputs"].as_object().into_iter().flatten() {
            let value = sample_of(path, input["example"].as_str(), &root["entry"]);
            if path == "url" {
                values.insert("url".to_owned(), value.clone().into());
            }
            inputs.push((path.clone(), value));
        }
        let mut entry = filled(&root["entry"], &values);
        for (path, value) in &inputs {
            if path != "url" || entry["url"].is_null() {
                let pointer = path.replace('.', "/");
                set(&mut entry, &format!("/{pointer}"), value.clone().into());
            }
        }
        Self {
            name,
            entry,
            secrets,
            variables,
            inputs,
        }
    }

    /// The configuration of a user.
    pub(crate) fn config(&self, store: &str) -> String {
        let mut entry = json!({ "preset": self.name });
        if !self.variables.is_empty() {
            entry["variables"] = self.variables.clone().into();
        }
        for (name, secret) in &self.secrets {
            let pointer = format!("/secrets/{name}/dangerous_inline");
            set(&mut entry, &pointer, secret.clone().into());
        }
        for (path, value) in &self.inputs {
            let mut pointer = format!("/{}", path.replace('.', "/"));
            if pointer.ends_with("/key") {
                pointer.push_str("/dangerous_inline");
            }
            set(&mut entry, &pointer, value.clone().into());
        }
        let key = STANDARD.encode([7; 32]);
        let root = json!({
            "store": { "directory": store, "key": { "dangerous_inline": key } },
            "vendors": { "v": entry },
        });
        toml::to_string(&root).unwrap()
    }

    /// The base URL that the token response names, if it names one.
    pub(crate) fn named_base_url(&self) -> Option<String> {
        let domain = self.entry["base_url"]["domains"][0].as_str()?;
        Some(domain.replace("https://", "https://sample."))
    }

    /// The URL that a user requests.
    pub(crate) fn url(&self) -> String {
        let named = self.named_base_url();
        let url = named.unwrap_or_else(|| self.entry["url"].as_str().unwrap().to_owned());
        let url = url.trim_end_matches('/');
        format!("{url}{}", self.entry["verify"].as_str().unwrap_or("/x"))
    }

    /// The request that a user sends to `url`. Some vendors sign a nonce in its form.
    pub(crate) fn request(&self, url: &str) -> Request<TestBody> {
        let hmac = self.entry["hmac"].to_string();
        let request = Request::builder().uri(url);
        let request = match hmac
            .split_once("{form:")
            .and_then(|(_, rest)| rest.split_once('}'))
        {
            Some((name, _)) => request
                .method("POST")
                .body(TestBody::whole(format!("{name}=1&x=2"))),
            None => request.body(TestBody::default()),
        };
        request.unwrap()
    }

    /// Every host of the entry.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let mut hosts = Vec::new();
        collect(&self.entry, &mut hosts);
        let named = self.named_base_url().map(Value::from);
        collect(&named.unwrap_or_default(), &mut hosts);
        hosts
    }

    /// The entry and its `also`, each with the value that it sends.
    pub(crate) fn parts(&self) -> Vec<(&Value, String)> {
        let (mut parts, mut part) = (Vec::new(), &self.entry);
        while part.is_object() {
            let key = part["key"].as_str().or_else(|| part["value"].as_str());
            parts.push((part, key.unwrap_or_default().to_owned()));
            part = &part["also"];
        }
        parts
    }
}

/// The value of the input at `path`.
fn sample_of(path: &str, example: Option<&str>, entry: &Value) -> String {
    let depth = path.matches("also.").count();
    let part = (0..depth).fold(entry, |part, _| &part["also"]);
    let last = path.rsplit('.').next().unwrap();
    match (last, part["scheme"].as_str(), part["algorithm"].as_str()) {
        ("key", Some("hmac"), _) if part["key_encoding"] == "base64" => STANDARD.encode("key-1"),
        ("key", _, Some("HS256")) => "0123456789abcdef".repeat(4),
        ("key", Some("jwt" | "jwt_bearer"), Some("ES256")) => super::keys::es256(),
        ("key", Some("jwt" | "jwt_bearer"), _) => super::keys::rs256(),
        ("key", Some("client_credentials"), _) if part["client_auth"] == "private_key_jwt" => {
            super::keys::rs256()
        }
        ("key", Some("basic"), _) if part["user"].is_null() && part["password"].is_null() => {
            "user-1:key-1".to_owned()
        }
        ("key", Some("token_endpoint"), _)
            if part["token_endpoint"]["credential"]["scheme"] == "jwt" =>
        {
            super::keys::rs256()
        }
        ("key", Some("token_endpoint"), _) if is_pair(&part["token_endpoint"]["credential"]) => {
            "user-1:key-1".to_owned()
        }
        ("key", ..) => format!("key-{}", depth + 1),
        (name, ..) if name == "url" || name.ends_with("_url") => {
            let url = example.unwrap_or("https://vendor.example.com");
            let mut url = url::Url::parse(url).unwrap();
            url.set_port(None).unwrap();
            url.as_str().trim_end_matches('/').to_owned()
        }
        (name, ..) => example.map_or_else(|| format!("{name}-1"), str::to_owned),
    }
}

fn is_pair(credential: &Value) -> bool {
    let is_basic = credential["scheme"] == "basic";
    is_basic && credential["user"].is_null() && credential["password"].is_null()
}

/// `value` with `{name}` replaced in all texts.
fn filled(value: &Value, values: &Map<String, Value>) -> Value {
    match value {
        Value::String(text) => {
            let fill = |text: String, (name, value): (&String, &Value)| {
                text.replace(&format!("{{{name}}}"), value.as_str().unwrap())
            };
            values.iter().fold(text.clone(), fill).into()
        }
        Value::Array(list) => list.iter().map(|value| filled(value, values)).collect(),
        Value::Object(table) => {
            let pairs = table.iter();
            pairs
                .map(|(name, value)| (name.clone(), filled(value, values)))
                .collect()
        }
        other => other.clone(),
    }
}

/// Sets the value at `pointer`, and creates the objects on its path.
pub(crate) fn set(root: &mut Value, pointer: &str, value: Value) {
    if pointer.is_empty() {
        *root = value;
        return;
    }
    let names: Vec<_> = pointer[1..].split('/').collect();
    let mut place = root;
    for name in names {
        let name = name.replace("~1", "/").replace("~0", "~");
        let index = name.parse::<usize>().ok();
        if let (Some(index), false) = (index, place.is_object()) {
            if !place.is_array() {
                *place = json!([]);
            }
            let list = place.as_array_mut().unwrap();
            list.resize((index + 1).max(list.len()), Value::Null);
            place = &mut list[index];
            continue;
        }
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[name];
    }
    *place = value;
}

fn collect(value: &Value, hosts: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with("https://") => {
            let host = url::Url::parse(text).ok();
            hosts.extend(host.and_then(|url| url.host_str().map(str::to_owned)));
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, hosts)),
        Value::Object(table) => table.values().for_each(|value| collect(value, hosts)),
        _ => {}
    }
}
