//! Writes the entry of a vendor.

use std::fmt;
use std::path::Path;

/// A vendor's entry.
pub(super) struct VendorEntry {
    pub(super) name: String,
    pub(super) sent: SchemeChoice,
    pub(super) url: String,
    pub(super) verify: Option<String>,
    pub(super) key: KeySource,
    pub(super) expires_at: Option<String>,
}

pub(super) enum SchemeChoice {
    Preset(String),
    Scheme {
        scheme: String,
        name: Option<String>,
    },
}

/// The source of a key.
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
}

impl VendorEntry {
    /// The remaining steps for it. Relative paths start at `folder`.
    pub(super) fn next_step(&self, folder: &Path) -> String {
        let name = &self.name;
        match &self.key {
            KeySource::File(path) => {
                let path = shell_quoted(&folder.join(path).display().to_string());
                format!(
                    "Put the key of {name} into {path}, which only you may read: (umask 077; cat > {path}), then Ctrl-D"
                )
            }
            KeySource::Env(variable) => {
                format!("Put the key of {name} into the environment variable {variable}")
            }
            KeySource::Command(words) => {
                let words: Vec<_> = words.iter().map(|text| shell_quoted(text)).collect();
                format!("See that `{}` prints the key of {name}", words.join(" "))
            }
        }
    }
}

/// `text` as one word of a shell.
pub(super) fn shell_quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

impl fmt::Display for VendorEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[vendors.{}]", self.name)?;
        match &self.sent {
            SchemeChoice::Preset(preset) => writeln!(f, "preset = {}", quoted(preset))?,
            SchemeChoice::Scheme { scheme, name } => {
                writeln!(f, "scheme = {}", quoted(scheme))?;
                if let Some(name) = name {
                    writeln!(f, "name = {}", quoted(name))?;
                }
            }
        }
        writeln!(f, "# The only place that the credential may go.")?;
        writeln!(f, "url = {}", quoted(&self.url))?;
        if let Some(verify) = &self.verify {
            writeln!(f, "# The path that `multi-auth check` requests.")?;
            writeln!(f, "verify = {}", quoted(verify))?;
        }
        match &self.key {
            KeySource::File(path) => writeln!(
                f,
                "# A file that only you may read.\nkey = {{ file = {} }}",
                quoted(path)
            )?,
            KeySource::Env(name) => writeln!(f, "key = {{ env = {} }}", quoted(name))?,
            KeySource::Command(words) => {
                let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
                writeln!(f, "key = {{ command = [{}] }}", words.join(", "))?;
            }
        }
        match &self.expires_at {
            Some(date) => writeln!(f, "expires_at = {date}"),
            None => writeln!(
                f,
                "# The expiry of the key: warnings come 30, 7 and 1 days before.\n# expires_at = 2027-03-01"
            ),
        }
    }
}

/// A TOML string: a JSON string is one.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
