//! The table `vault`, checked.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use crate::document::{Secret, VaultTable};
use crate::reading::Reading;
use crate::source::{ConfiguredSource, Server};
use crate::{Advice, ConfigError, ConfigProblem, SecretSource, SourceError};

const NO_URL: Advice = Advice::new(
    "is missing",
    "write Vault's address, as in url = \"https://vault.example.com:8200\"",
);

const NO_TOKEN: Advice = Advice::new(
    "is missing",
    "write where Vault's token comes from, as in token = { file = \"/run/secrets/vault-token\" }",
);

const ITSELF: Advice = Advice::new(
    "cannot come from Vault itself",
    "write another source, as in token = { file = \"/run/secrets/vault-token\" }",
);

/// The Vault that the file speaks of.
pub(super) fn check(
    vault: &Spanned<VaultTable>,
    reading: &Reading<'_>,
) -> Result<Server, ConfigError> {
    let check = VaultCheck {
        vault: vault.get_ref(),
        span: vault.span(),
        reading,
    };
    let mut server = check.server()?;
    if let Some(namespace) = &check.vault.namespace {
        let wrong = |error| check.wrong("namespace", namespace.span(), error);
        server = server.with_namespace(namespace.get_ref()).map_err(wrong)?;
    }
    if let Some(mount) = &check.vault.mount {
        let wrong = |error| check.wrong("mount", mount.span(), error);
        server = server.with_mount(mount.get_ref()).map_err(wrong)?;
    }
    Ok(server)
}

/// Where the token comes from, and the name of that source where the program gives it.
type TokenOrigin = (Arc<dyn SecretSource>, Option<String>);

/// The table that is being checked.
struct VaultCheck<'r> {
    vault: &'r VaultTable,
    span: Range<usize>,
    reading: &'r Reading<'r>,
}

impl VaultCheck<'_> {
    fn server(&self) -> Result<Server, ConfigError> {
        let missing = |field, problem| self.invalid(field, self.span.clone(), problem);
        let url = self.vault.url.as_ref();
        let url = url.ok_or_else(|| missing("url", NO_URL))?;
        let token = self.vault.token.as_ref();
        let token = token.ok_or_else(|| missing("token", NO_TOKEN))?;
        let (token, own) = self.token(token)?;
        let server = Server::new(url.get_ref(), token);
        let server = server.map_err(|error| self.wrong("url", url.span(), error))?;
        Ok(server.with_own_token(own))
    }

    fn token(&self, token: &Spanned<Secret>) -> Result<TokenOrigin, ConfigError> {
        let itself = || self.invalid("token", token.span(), ITSELF);
        if matches!(token.get_ref(), Secret::Vault(_)) {
            return Err(itself());
        }
        let configured = ConfiguredSource::of(token.get_ref().clone(), self.reading.folder(), None);
        let configured =
            configured.map_err(|problem| self.error("token", token.span(), problem))?;
        configured.alone_only().ok_or_else(itself)
    }

    fn wrong(&self, field: &str, span: Range<usize>, error: SourceError) -> ConfigError {
        self.error(field, span, ConfigProblem::Secret(error))
    }

    fn invalid(&self, field: &str, span: Range<usize>, advice: Advice) -> ConfigError {
        self.error(field, span, ConfigProblem::Invalid(advice))
    }

    fn error(&self, field: &str, span: Range<usize>, problem: ConfigProblem) -> ConfigError {
        ConfigError::new(self.reading.place(format!("vault.{field}"), span), problem)
    }
}
