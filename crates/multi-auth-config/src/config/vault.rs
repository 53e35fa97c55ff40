//! The table `vault`, checked.

use std::ops::Range;

use super::Reading;
use crate::document::{Secret, Vault};
use crate::source::{Chosen, Server};
use crate::{ConfigError, ConfigProblem};

const ITSELF: &str = "cannot come from Vault, which it opens: write another source, as in token = { file = \
                      \"/run/secrets/vault-token\" }";

/// The Vault that the file speaks of.
pub(super) fn check(vault: &Vault, reading: &Reading<'_>) -> Result<Server, ConfigError> {
    let wrong = |field: &str, span: Range<usize>, problem: ConfigProblem| {
        ConfigError::new(reading.place(format!("vault.{field}"), span), problem)
    };
    let itself = || ConfigProblem::Invalid(ITSELF.to_owned());
    let token = match vault.token.get_ref() {
        Secret::Vault(_) => Err(itself()),
        other => Chosen::of(other.clone(), None),
    };
    let token = token.and_then(|token| token.alone_only().ok_or_else(itself));
    let token = token.map_err(|problem| wrong("token", vault.token.span(), problem))?;
    let mut server = Server::new(vault.url.get_ref(), token)
        .map_err(|error| wrong("url", vault.url.span(), ConfigProblem::Secret(error)))?;
    if let Some(namespace) = &vault.namespace {
        server = server
            .with_namespace(namespace.get_ref())
            .map_err(|error| wrong("namespace", namespace.span(), ConfigProblem::Secret(error)))?;
    }
    if let Some(mount) = &vault.mount {
        server = server
            .with_mount(mount.get_ref())
            .map_err(|error| wrong("mount", mount.span(), ConfigProblem::Secret(error)))?;
    }
    Ok(server)
}
