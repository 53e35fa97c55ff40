//! What a document says of its vendor.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use url::Url;

use super::{Credential, Server};

/// The vendor of a document.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) servers: Vec<Server>,
    root: Value,
}

/// The alternatives of a document, and why others are not among them.
#[derive(Debug)]
pub(crate) struct Alternatives {
    /// The credentials of a request: one of these lists.
    pub(crate) usable: Vec<Alternative>,
    pub(crate) reasons: Vec<&'static str>,
}

/// Credentials that a request carries at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alternative {
    /// Each with its scopes.
    pub(crate) credentials: Vec<(Credential, Vec<String>)>,
}

/// What is wrong, and what to do about it.
type Problem = (&'static str, &'static str);

/// The most alternatives that are looked at.
const MOST: usize = 100;

const BY_HAND: &str = "write the entry by hand, as the vendor's documentation says";

impl Document {
    pub(super) fn of(root: Value) -> Result<Self, Problem> {
        let version = root["openapi"].as_str().unwrap_or_default();
        if !version.starts_with("3.") {
            let problem = if root["swagger"].is_null() {
                "is not an OpenAPI document"
            } else {
                "is a document of Swagger 2.0"
            };
            return Err((problem, "name a document of OpenAPI 3, or convert this one"));
        }
        Ok(Self {
            title: super::shown(root["info"]["title"].as_str().unwrap_or("vendor")),
            servers: Server::all(&root),
            root,
        })
    }

    /// The alternatives that an entry can express. The URLs of their endpoints start at `base`, the
    /// URL of the server.
    pub(super) fn alternatives(&self, base: &str) -> Result<Alternatives, Problem> {
        alternatives(&self.root, Url::parse(base).ok().as_ref())
    }
}

fn alternatives(root: &Value, base: Option<&Url>) -> Result<Alternatives, Problem> {
    let requirement =
        requirement(root).ok_or(("says of no request that it needs a credential", BY_HAND))?;
    let schemes = &root["components"]["securitySchemes"];
    let (mut usable, mut reasons) = (Vec::new(), Vec::new());
    for one in requirement.as_array().into_iter().flatten().take(MOST) {
        match alternative(one, schemes, root, base) {
            Ok(alternative) if alternative.credentials.is_empty() => {}
            Ok(alternative) if usable.contains(&alternative) => {}
            Ok(alternative) => usable.push(alternative),
            Err(problem) if reasons.contains(&problem) => {}
            Err(problem) => reasons.push(problem),
        }
    }
    match (usable.is_empty(), reasons.first()) {
        (false, _) => Ok(Alternatives { usable, reasons }),
        (true, Some(reason)) => Err((reason, BY_HAND)),
        (true, None) => Err(("says that requests need no credential", BY_HAND)),
    }
}

fn alternative(
    requirement: &Value,
    schemes: &Value,
    root: &Value,
    base: Option<&Url>,
) -> Result<Alternative, &'static str> {
    let mut credentials = Vec::new();
    for (name, scopes) in requirement.as_object().into_iter().flatten() {
        let scheme = followed(&schemes[name], root);
        if scheme.is_null() {
            return Err("needs a security scheme that it does not describe");
        }
        let scopes = scopes.as_array().into_iter().flatten();
        let scopes = scopes
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        credentials.push((Credential::of(scheme, base)?, scopes));
    }
    let in_authorization = credentials
        .iter()
        .filter(|(one, _)| one.is_authorization())
        .count();
    if in_authorization > 1 {
        return Err("needs two credentials in `Authorization` at once");
    }
    Ok(Alternative { credentials })
}

/// The target of `$ref`, within the document.
fn followed<'r>(scheme: &'r Value, root: &'r Value) -> &'r Value {
    let target = scheme["$ref"]
        .as_str()
        .and_then(|target| target.strip_prefix('#'));
    target
        .and_then(|pointer| root.pointer(pointer))
        .unwrap_or(scheme)
}

/// The document's requirement, or the most frequent one of its operations, with the scopes of all
/// of them. Without either, each scheme is an alternative.
fn requirement(root: &Value) -> Option<Value> {
    let is_list = |value: &&Value| value.as_array().is_some_and(|list| !list.is_empty());
    if let Some(own) = Some(&root["security"]).filter(is_list) {
        return Some(own.clone());
    }
    let mut groups = BTreeMap::<Vec<Names>, Vec<&Value>>::new();
    let paths = root["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(_, path)| path.as_object().into_iter().flatten());
    for security in operations
        .map(|(_, operation)| &operation["security"])
        .filter(is_list)
    {
        groups.entry(names(security)).or_default().push(security);
    }
    let most = groups.into_iter().max_by_key(|(_, group)| group.len());
    if let Some((names, group)) = most {
        return Some(together(&names, &group));
    }
    let schemes = root["components"]["securitySchemes"].as_object()?;
    let each: Vec<_> = schemes.keys().map(|name| json!({ name: [] })).collect();
    (!each.is_empty()).then_some(Value::Array(each))
}

/// The names of the schemes of one alternative.
type Names = BTreeSet<String>;

fn names(requirement: &Value) -> Vec<Names> {
    let alternatives = requirement.as_array().into_iter().flatten();
    let names = |one: &Value| {
        one.as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect()
    };
    alternatives.map(names).collect()
}

/// The requirement with these names, and the scopes of all of `group`.
fn together(names: &[Names], group: &[&Value]) -> Value {
    let scopes = |at: usize, name: &str| -> BTreeSet<&str> {
        let lists = group
            .iter()
            .filter_map(|security| security[at][name].as_array());
        lists.flatten().filter_map(Value::as_str).collect()
    };
    let alternative = |(at, names): (usize, &Names)| -> Value {
        names
            .iter()
            .map(|name| (name.clone(), json!(scopes(at, name))))
            .collect()
    };
    names.iter().enumerate().map(alternative).collect()
}
