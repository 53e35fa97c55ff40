//! Where secrets come from, as the file says.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::source::Inline;

/// Where a secret comes from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Secret {
    /// An environment variable.
    Env(String),
    /// A file that others cannot read, without its trailing line break. A relative path starts at
    /// the directory of this configuration.
    File(PathBuf),
    /// As `file`, but another user may own it, such as an agent that writes the file.
    DangerousForeignFile(PathBuf),
    /// The output of a command: program and arguments, such as `["pass", "show", "vendor"]`,
    /// without a shell. It gets the variables `PATH` and `HOME`; to pass others, write `{ run =
    /// ["pass", "show", "vendor"], env = ["GPG_TTY"] }`.
    Command(CommandTable),
    /// An entry of the keyring of the operating system.
    OsKeyring(OsKeyringTable),
    /// A field of a secret in Vault (KV version 2), such as `secret/vendors/reports#api_key`. The
    /// table `vault` describes the server.
    Vault(String),
    /// A source of the program with this name.
    Own(String),
    /// The secret itself: everyone who can read the file has it.
    DangerousInline(Inline),
}

impl Secret {
    /// The environment variables that hold it, or that its command reads.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let variables: &[String] = match self {
            Self::Env(name) => std::slice::from_ref(name),
            Self::Command(CommandTable::WithEnvironment(command)) => &command.env,
            _ => &[],
        };
        variables.iter().map(String::as_str)
    }
}

/// A command: its words, with or without the variables that it gets.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum CommandTable {
    /// Program and arguments.
    Words(Vec<String>),
    /// Program, arguments and environment variables.
    WithEnvironment(CommandWithEnvironment),
}

/// A command with environment variables.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommandWithEnvironment {
    /// Program and arguments.
    pub(crate) run: Vec<String>,
    /// The environment variables that it gets besides `PATH` and `HOME`.
    #[serde(default)]
    pub(crate) env: Vec<String>,
}

/// An entry of the keyring of the operating system.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    not(feature = "os-keyring"),
    expect(
        dead_code,
        reason = "only the feature reads it; without it, it is refused"
    )
)]
pub(crate) struct OsKeyringTable {
    /// The service of the entry, such as `multi-auth`.
    pub(crate) service: String,
    /// The user of the entry, usually the vendor.
    pub(crate) user: String,
}
