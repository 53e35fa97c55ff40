//! The sources of secrets that `init` offers.

use std::fmt;
use std::path::Path;

use super::vendor_entry::{quoted, shell_quoted};

/// The source of a secret.
pub(super) enum KeySource {
    File(String),
    Env(String),
    Command(Vec<String>),
}

impl KeySource {
    /// Parses `file PATH`, `env NAME` or `command WORDS`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(' ')?;
        let rest = rest.trim();
        match kind {
            _ if rest.is_empty() => None,
            "file" => Some(Self::File(rest.to_owned())),
            "env" => Some(Self::Env(rest.to_owned())),
            // No shell removes quotes here.
            "command" if rest.contains(['"', '\'']) => None,
            "command" => Some(Self::Command(
                rest.split_whitespace().map(str::to_owned).collect(),
            )),
            _ => None,
        }
    }

    /// How to put the secret `what` there. Relative paths start at `folder`.
    pub(super) fn next_step(&self, what: &str, folder: &Path) -> String {
        match self {
            Self::File(path) => {
                let path = shell_quoted(&folder.join(path).display().to_string());
                format!(
                    "Put {what} into {path}, which only you may read: (umask 077; cat > {path}), then Ctrl-D"
                )
            }
            Self::Env(variable) => {
                format!("Put {what} into the environment variable {variable}")
            }
            Self::Command(words) => {
                let words: Vec<_> = words.iter().map(|text| shell_quoted(text)).collect();
                format!("See that `{}` prints {what}", words.join(" "))
            }
        }
    }
}

/// The source as TOML.
impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{{ file = {} }}", quoted(path)),
            Self::Env(name) => write!(f, "{{ env = {} }}", quoted(name)),
            Self::Command(words) => {
                let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
                write!(f, "{{ command = [{}] }}", words.join(", "))
            }
        }
    }
}
