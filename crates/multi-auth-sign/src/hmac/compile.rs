//! Checks the templates of a signer, and orders its values.

use multi_auth::{AuthError, Placement};

use super::OutputEncoding;
use super::computed::{Computed, Function};
use super::template::{Part, Reads, Template};
use super::value::{Computation, TemplateValue};
use crate::SignError;

/// The names of secrets, and of the values that are computed before.
pub(super) struct Names<'n> {
    secrets: Vec<&'n str>,
    values: Vec<(&'n str, Reads)>,
}

impl<'n> Names<'n> {
    pub(super) fn new(secrets: impl Iterator<Item = &'n str>) -> Self {
        let secrets = secrets.collect();
        Self {
            secrets,
            values: Vec::new(),
        }
    }

    fn template(&self, text: &str) -> Result<Template, SignError> {
        Template::parse(text, |name| {
            let secret = self.secrets.iter().position(|secret| *secret == name);
            let secret = secret.map(|at| (Part::Secret(at), Reads::NOTHING));
            let value = || self.values.iter().position(|value| value.0 == name);
            secret.or_else(|| value().map(|at| (Part::Value(at), self.values[at].1)))
        })
    }
}

/// Checks `values`, and sorts them so that each names only values before it.
pub(super) fn values<'n>(
    values: &'n [(Box<str>, TemplateValue)],
    key: &[u8],
    names: &mut Names<'n>,
) -> Result<Vec<Computed>, SignError> {
    let mut left: Vec<_> = values.iter().collect();
    let mut sorted = Vec::new();
    while !left.is_empty() {
        let is_next = |value: &TemplateValue| !left.iter().any(|(name, _)| value.names(name));
        let next = left.iter().position(|(_, value)| is_next(value));
        let (name, value) = left.remove(next.ok_or_else(circle)?);
        let value = value.compile(key, names)?;
        names.values.push((name, value.shown()));
        sorted.push(value);
    }
    Ok(sorted)
}

fn circle() -> SignError {
    SignError::signature(
        "values of the signature name each other in a circle",
        "let each name only others that do not need it",
    )
}

impl TemplateValue {
    fn names(&self, name: &str) -> bool {
        let key = self.key.as_deref().unwrap_or_default();
        Template::names(&self.message, name) || Template::names(key, name)
    }

    fn compile(&self, key: &[u8], names: &Names<'_>) -> Result<Computed, SignError> {
        const KEY: SignError = SignError::signature(
            "a value of the signature has a key and is no HMAC",
            "remove its key",
        );
        let own_key = self
            .key
            .as_deref()
            .map(|key| names.template(key))
            .transpose()?;
        if own_key.is_some() && !matches!(self.computation, Computation::Hmac(_)) {
            return Err(KEY);
        }
        let message = names.template(&self.message)?;
        let reads = own_key.as_ref().map(|key| key.reads).unwrap_or_default();
        Ok(Computed {
            reads: message.reads.and(reads),
            function: Function::of(self.computation, key, own_key),
            message,
            output: self.output,
            methods: self.methods.clone(),
            is_optional: self.is_optional,
            longest: self.longest,
        })
    }
}

impl Computed {
    /// What a template reads that names this value.
    fn shown(&self) -> Reads {
        let is_text = matches!(self.function, Function::Text);
        // A hash hides the key.
        let reads = if is_text {
            self.reads
        } else {
            self.reads.without(Reads::KEY).and(Reads::RAW)
        };
        match self.output {
            OutputEncoding::Raw => reads,
            _ => reads.without(Reads::RAW),
        }
    }
}

/// A field or a parameter of the signature.
pub(super) struct Placed {
    pub(super) name: Box<str>,
    pub(super) place: Placement,
    pub(super) template: Template,
}

/// Checks the fields or the parameters in `pairs`.
pub(super) fn placed(
    pairs: &[(Box<str>, Box<str>)],
    names: &Names<'_>,
    place: impl Fn(&str) -> Result<Placement, AuthError>,
) -> Result<Vec<Placed>, AuthError> {
    const TWICE: SignError = SignError::signature(
        "the signature sets a field or a parameter twice",
        "remove one of them",
    );
    let mut all: Vec<Placed> = Vec::new();
    for (name, template) in pairs {
        let template = names.template(template)?;
        check_sent(name, template.reads)?;
        let place = place(name)?;
        if all.iter().any(|other| other.place.is_same_place(&place)) {
            return Err(TWICE.into());
        }
        let name = name.clone();
        all.push(Placed {
            name,
            place,
            template,
        });
    }
    Ok(all)
}

/// Checks that what is sent is text, and not the key.
fn check_sent(name: &str, reads: Reads) -> Result<(), SignError> {
    const KEY: &str = "send a hash or an HMAC";
    const RAW: &str = "give the value an output in hexadecimal or base64";
    let (what, remedy) = if reads.contain(Reads::KEY) {
        ("the key itself", KEY)
    } else if reads.contain(Reads::RAW) {
        ("bytes that are no text", RAW)
    } else {
        return Ok(());
    };
    let what = format!("the field or parameter `{name}` of the signature would send {what}");
    Err(SignError::signature_of(what, remedy))
}
