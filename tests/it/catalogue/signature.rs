//! Signatures by templates, computed from what arrived.

use std::collections::BTreeMap;

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use multi_auth_testing::RecordedRequest;
use serde_json::Value;

use super::oracle::{expect, pairs};

/// What a request is checked against.
pub(crate) struct Signature<'s> {
    pub(crate) request: &'s RecordedRequest,
    /// The table `hmac` of the entry.
    pub(crate) table: &'s Value,
    pub(crate) key: Vec<u8>,
    pub(crate) secrets: &'s BTreeMap<String, String>,
}

impl Signature<'_> {
    /// Checks the fields and parameters of the signature.
    pub(crate) fn check(&self) -> Result<(), String> {
        let found = self.found()?;
        for (name, text) in &found {
            let expected = match self.secrets.get(name) {
                Some(secret) => secret.clone(),
                None if self.value(name).is_null() => continue,
                None => String::from_utf8(self.compute(name, &found)).unwrap(),
            };
            expect(name, &[text], &[&expected])?;
        }
        let is_signed = found.contains_key("signature");
        is_signed
            .then_some(())
            .ok_or_else(|| "no signature".to_owned())
    }

    /// The text of each name in the fields and parameters.
    fn found(&self) -> Result<BTreeMap<String, String>, String> {
        let (mut found, query) = (BTreeMap::new(), self.request.query.as_deref());
        for (name, template) in self.table["headers"].as_object().into_iter().flatten() {
            let text = self.request.header(name).unwrap_or_default();
            self.bind(template.as_str().unwrap(), text, &mut found)?;
        }
        let query = pairs(query.unwrap_or_default().as_bytes());
        for (name, template) in self.table["query"].as_object().into_iter().flatten() {
            let text = query.get(name).map(String::as_str).unwrap_or_default();
            self.bind(template.as_str().unwrap(), text, &mut found)?;
        }
        Ok(found)
    }

    /// Takes the texts of the names in `template` out of `text`.
    fn bind(
        &self,
        template: &str,
        text: &str,
        found: &mut BTreeMap<String, String>,
    ) -> Result<(), String> {
        let (mut template, mut text) = (template.to_owned(), text);
        loop {
            let open = template.find('{').unwrap_or(template.len());
            let fault = || format!("{text} is not {template}");
            text = text.strip_prefix(&template[..open]).ok_or_else(fault)?;
            let Some((name, rest)) = template[open..]
                .strip_prefix('{')
                .and_then(|rest| rest.split_once('}'))
            else {
                return expect("the rest", &[text], &[""]);
            };
            let value = self.value(name);
            if value["algorithm"].is_null() && value["output"].is_null() && value.is_object() {
                template = format!("{}{rest}", value["message"].as_str().unwrap());
                continue;
            }
            let end = rest
                .chars()
                .next()
                .and_then(|next| text.find(next))
                .unwrap_or(text.len());
            let own = &text[..end];
            if value["algorithm"].is_null() && value["output"] == "base64" {
                let decoded = String::from_utf8(STANDARD.decode(own).unwrap()).unwrap();
                self.bind(value["message"].as_str().unwrap(), &decoded, found)?;
            } else {
                found.insert(name.to_owned(), own.to_owned());
            }
            (template, text) = (rest.to_owned(), &text[end..]);
        }
    }

    fn value(&self, name: &str) -> &Value {
        match name {
            "signature" => &self.table["signature"],
            name => &self.table["values"][name],
        }
    }

    /// The value `name` of the request.
    fn compute(&self, name: &str, found: &BTreeMap<String, String>) -> Vec<u8> {
        let value = self.value(name);
        let methods = value["methods"].as_array();
        if methods.is_some_and(|all| !all.iter().any(|one| one == self.request.method.as_str())) {
            return Vec::new();
        }
        let message = self.filled(value["message"].as_str().unwrap(), found);
        if message.is_empty() && value["unless_empty"] == true {
            return Vec::new();
        }
        let key = value["key"].as_str().map(|key| self.filled(key, found));
        let bytes = computed(
            value["algorithm"].as_str(),
            key.as_deref().unwrap_or(&self.key),
            &message,
        );
        match value["output"].as_str() {
            Some("base64") => STANDARD.encode(bytes).into_bytes(),
            None if value["algorithm"].is_string() => hex::encode(bytes).into_bytes(),
            _ => bytes,
        }
    }

    fn filled(&self, template: &str, found: &BTreeMap<String, String>) -> Vec<u8> {
        let mut parts = template.split('{');
        let mut text = parts.next().unwrap().as_bytes().to_vec();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            text.extend(self.part(name, found));
            text.extend_from_slice(rest.as_bytes());
        }
        text
    }

    fn part(&self, name: &str, found: &BTreeMap<String, String>) -> Vec<u8> {
        let request = self.request;
        let query = request.query.as_deref().unwrap_or_default();
        let target = format!(
            "{}{}{query}",
            request.path,
            if query.is_empty() { "" } else { "?" }
        );
        let authority = request.authority.as_deref().unwrap_or_default();
        match name {
            "method" => request.method.as_str().into(),
            "scheme" => "https".into(),
            "authority" => authority.into(),
            "path" => request.path.as_str().into(),
            // The signature is the last parameter, and is no part of what it signs.
            "query" => query.split("&signature=").next().unwrap().into(),
            "sorted_query" => query.into(),
            "request_target" => target.into(),
            "target_uri" => format!("https://{authority}{target}").into(),
            "body" => request.body.to_vec(),
            "key" => self.key.clone(),
            name => match (name.strip_prefix("form:"), found.get(name)) {
                (Some(name), _) => pairs(&request.body)[name].clone().into(),
                (None, _) if self.value(name).is_object() => self.compute(name, found),
                (None, text) => text.unwrap_or_else(|| &self.secrets[name]).clone().into(),
            },
        }
    }
}

fn computed(algorithm: Option<&str>, key: &[u8], message: &[u8]) -> Vec<u8> {
    let keyed = |algorithm| {
        hmac::sign(&hmac::Key::new(algorithm, key), message)
            .as_ref()
            .to_vec()
    };
    let hash = |algorithm| digest::digest(algorithm, message).as_ref().to_vec();
    match algorithm {
        None => message.to_vec(),
        Some("hmac-sha256") => keyed(hmac::HMAC_SHA256),
        Some("hmac-sha512") => keyed(hmac::HMAC_SHA512),
        Some("sha1") => hash(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        Some("sha256") => hash(&digest::SHA256),
        Some("sha512") => hash(&digest::SHA512),
        Some(other) => panic!("an unknown algorithm: {other}"),
    }
}
