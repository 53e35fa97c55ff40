//! The source that the file selects.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use multi_auth::{SecretString, Transport};

use super::vault::{SecretPath, Server};
use super::{
    CommandSource, EnvSource, FileSource, SecretSource, SourceError, SourceProblem, origin,
    variable,
};
use crate::document::{CommandTable, OsKeyringTable, Secret};
use crate::{Advice, ConfigProblem};

/// A source and its description.
#[derive(Clone, Debug)]
pub(crate) struct ConfiguredSource {
    origin: String,
    /// The file that holds the secret, if one does.
    file: Option<PathBuf>,
    kind: SourceKind,
}

/// How a source is read.
#[derive(Clone, Debug)]
enum SourceKind {
    Alone(Arc<dyn SecretSource>),
    Vault(Box<Server>, SecretPath),
    /// The program provides it by this name.
    Own(String),
}

const NO_VAULT: Advice = Advice::new(
    "needs a Vault server",
    "add a table [vault] with url and token, as in url = \"https://vault.example.com:8200\", token = { file = \"/run/secrets/vault-token\" }",
);

#[cfg(not(feature = "os-keyring"))]
const NO_KEYRING: Advice = Advice::new(
    "needs the feature `os-keyring` of multi-auth-config",
    "enable it",
);

const NO_VARIABLE: Advice = Advice::new(
    "is not the name of an environment variable",
    "write a name of letters, digits and `_`, never the key itself",
);

const NO_NAME: Advice = Advice::new(
    "is not the name of a source",
    "write the name that the program gives to `Config::with_source`: letters, digits and `_`, never the key itself",
);

const DOLLAR: Advice = Advice::new(
    "has a `$` in its path, and variables are not expanded",
    "write the whole path, or `~/` for your home directory",
);

const NO_PROGRAM: Advice = Advice::new(
    "has no program",
    "write it first, as in { command = [\"pass\", \"show\", \"vendor\"] }",
);

const ONE_WORD: Advice = Advice::new(
    "has a space in the program",
    "write each argument as its own string, as in { command = [\"pass\", \"show\", \"vendor\"] }",
);

impl ConfiguredSource {
    /// The source that `secret` describes. Relative paths start at `folder`. `vault` is the file's
    /// Vault server.
    pub(crate) fn of(
        secret: Secret,
        folder: &Path,
        vault: Option<&Server>,
    ) -> Result<Self, ConfigProblem> {
        Ok(match secret {
            Secret::Env(name) if !is_name(&name) => return Err(invalid(NO_VARIABLE)),
            Secret::Env(name) => Self::alone(origin::variable(&name), EnvSource::new(name)),
            Secret::File(path) => Self::file_at(FileSource::new(meant(&path, folder)?)),
            Secret::DangerousForeignFile(path) => {
                Self::file_at(FileSource::new(meant(&path, folder)?).dangerous_any_owner())
            }
            Secret::Own(name) if !is_name(&name) => return Err(invalid(NO_NAME)),
            Secret::Own(name) => Self {
                origin: origin::own(),
                file: None,
                kind: SourceKind::Own(name),
            },
            Secret::Command(command) => Self::command(command)?,
            Secret::OsKeyring(entry) => Self::os_keyring(entry)?,
            Secret::Vault(location) => {
                let server = vault.ok_or_else(|| invalid(NO_VAULT))?;
                let location = server.locate(&location).map_err(ConfigProblem::Secret)?;
                Self {
                    origin: origin::vault(),
                    file: None,
                    kind: SourceKind::Vault(Box::new(server.clone()), location),
                }
            }
            Secret::DangerousInline(secret) => Self::alone(origin::inline(), secret),
        })
    }

    /// No secret, because of `reason`.
    pub(crate) fn none(reason: &str) -> Self {
        Self::alone(reason.to_owned(), NoSecret)
    }

    /// A constant of the file that is no secret.
    pub(crate) fn constant(value: &str) -> Self {
        Self::alone(origin::constant(), Constant::new(value))
    }

    fn file_at(source: FileSource) -> Self {
        Self {
            file: Some(source.place().to_owned()),
            ..Self::alone(origin::file(source.path()), source)
        }
    }

    fn command(command: CommandTable) -> Result<Self, ConfigProblem> {
        let (words, variables) = match command {
            CommandTable::Words(words) => (words, Vec::new()),
            CommandTable::WithEnvironment(command) => (command.run, command.env),
        };
        if !variables.iter().all(|name| is_name(name)) {
            return Err(invalid(NO_VARIABLE));
        }
        let mut words = words.into_iter();
        let program = words.next().ok_or_else(|| invalid(NO_PROGRAM))?;
        if program.contains(char::is_whitespace) {
            return Err(invalid(ONE_WORD));
        }
        let origin = origin::command(&program);
        let source = CommandSource::new(program, words).with_environment(variables);
        Ok(Self::alone(origin, source))
    }

    #[cfg(feature = "os-keyring")]
    fn os_keyring(entry: OsKeyringTable) -> Result<Self, ConfigProblem> {
        let OsKeyringTable { service, user } = entry;
        let source = super::OsKeyringSource::new(service, user);
        let source = source.map_err(ConfigProblem::Secret)?;
        Ok(Self::alone(origin::os_keyring(), source))
    }

    #[cfg(not(feature = "os-keyring"))]
    fn os_keyring(_: OsKeyringTable) -> Result<Self, ConfigProblem> {
        Err(invalid(NO_KEYRING))
    }

    fn alone(origin: String, source: impl SecretSource + 'static) -> Self {
        Self {
            origin,
            file: None,
            kind: SourceKind::Alone(Arc::new(source)),
        }
    }

    /// Uses `source` as the one that the program gives as `name`. Returns whether it was asked for.
    pub(crate) fn give(&mut self, name: &str, source: &Arc<dyn SecretSource>) -> bool {
        match &mut self.kind {
            SourceKind::Own(own) if own == name => {
                self.kind = SourceKind::Alone(Arc::clone(source));
                true
            }
            SourceKind::Vault(server, _) => server.give(name, source),
            SourceKind::Own(_) | SourceKind::Alone(_) => false,
        }
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    pub(crate) async fn read(
        &self,
        transport: &Arc<dyn Transport>,
    ) -> Result<SecretString, SourceError> {
        match &self.kind {
            SourceKind::Alone(source) => source.read().await,
            SourceKind::Vault(server, location) => server.read(location, transport).await,
            SourceKind::Own(_) => Err(SourceError::new(&*self.origin, SourceProblem::NotGiven)),
        }
    }

    /// The source, unless it needs a transport, and its name if the program provides it.
    pub(crate) fn alone_only(self) -> Option<(Arc<dyn SecretSource>, Option<String>)> {
        match self.kind {
            SourceKind::Alone(source) => Some((source, None)),
            SourceKind::Own(name) => Some((Arc::new(NotGiven(self.origin)), Some(name))),
            SourceKind::Vault(..) => None,
        }
    }
}

/// The empty secret of a client that has none.
#[derive(Debug)]
struct NoSecret;

#[async_trait]
impl SecretSource for NoSecret {
    async fn read(&self) -> Result<SecretString, SourceError> {
        Ok(SecretString::default())
    }
}

/// A constant of the file.
#[derive(Clone)]
pub(crate) struct Constant(String);

impl Constant {
    pub(crate) fn new(value: &str) -> Self {
        Self(value.to_owned())
    }

    pub(crate) fn value(&self) -> &str {
        &self.0
    }
}

/// Hides the value: it may be a secret, although the documentation forbids it.
impl fmt::Debug for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Constant")
    }
}

#[async_trait]
impl SecretSource for Constant {
    async fn read(&self) -> Result<SecretString, SourceError> {
        Ok(self.0.as_str().into())
    }
}

/// A placeholder for a source that the program has not provided yet.
#[derive(Debug)]
struct NotGiven(String);

#[async_trait]
impl SecretSource for NotGiven {
    async fn read(&self) -> Result<SecretString, SourceError> {
        Err(SourceError::new(&*self.0, SourceProblem::NotGiven))
    }
}

/// Resolves `path` from `folder`. `~/` is the user's home directory; nothing else is expanded.
pub(crate) fn meant(path: &Path, folder: &Path) -> Result<PathBuf, ConfigProblem> {
    let below_home = path.strip_prefix("~").ok();
    let path = match below_home.zip(variable::value("HOME")) {
        Some((rest, home)) => Path::new(&home).join(rest),
        None => folder.join(path),
    };
    let has_dollar = path.as_os_str().to_string_lossy().contains('$');
    if has_dollar && path.symlink_metadata().is_err() {
        return Err(invalid(DOLLAR));
    }
    Ok(path)
}

/// Whether `name` is valid for a variable, a source or an authenticator. A text with other
/// characters may be a key.
pub(crate) fn is_name(name: &str) -> bool {
    let is_ok = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let starts_right = name.starts_with(|first: char| !first.is_ascii_digit());
    starts_right && name.bytes().all(is_ok)
}

fn invalid(advice: Advice) -> ConfigProblem {
    ConfigProblem::Invalid(advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_same_wherever_the_program_goes() {
        let secret = Secret::File("keys/reports".into());
        let configured = ConfiguredSource::of(secret, Path::new(""), None).unwrap();
        let here = std::env::current_dir().unwrap();
        assert_eq!(configured.file().unwrap(), here.join("keys/reports"));
    }

    #[cfg(not(feature = "os-keyring"))]
    #[test]
    fn without_its_feature_the_keyring_is_refused_where_it_is_named() {
        let text = "[vendors.v]\npreset = 'alphamoon'\nkey = { os_keyring = { service = 's', user = 'u' } }";
        let error = crate::Config::parse(text, "multi-auth.toml", []).unwrap_err();
        let place = "multi-auth.toml:3:7: vendors.v.key: needs the feature `os-keyring`";
        assert!(error.to_string().starts_with(place), "{error}");
    }
}
