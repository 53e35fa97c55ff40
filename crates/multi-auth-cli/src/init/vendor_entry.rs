//! Writes the entry of a vendor.

use std::fmt;
use std::path::Path;

use super::key_source::KeySource;

/// A vendor's entry.
pub(super) struct VendorEntry {
    pub(super) name: String,
    /// The fields that say how and where the credential is sent, as lines of TOML.
    pub(super) fields: Vec<String>,
    pub(super) secrets: Vec<EntrySecret>,
    pub(super) expires_at: Option<String>,
    /// Whether a person logs in, and the table `store` keeps the token.
    pub(super) needs_login: bool,
}

/// A secret of an entry.
pub(super) struct EntrySecret {
    /// The field, such as `key`, `also.key` or `secrets.password`.
    pub(super) field: String,
    /// What it is, in the sentences of the next steps.
    pub(super) what: String,
    pub(super) source: KeySource,
}

impl VendorEntry {
    /// The remaining steps for it. Relative paths start at `folder`.
    pub(super) fn next_steps(&self, folder: &Path) -> Vec<String> {
        let steps = self.secrets.iter();
        steps
            .map(|secret| secret.source.next_step(&secret.what, folder))
            .collect()
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
        self.fields
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))?;
        for secret in &self.secrets {
            if matches!(secret.source, KeySource::File(_)) {
                writeln!(f, "# A file that only you may read.")?;
            }
            // A dotted key leaves room for other fields of its table.
            writeln!(f, "{} = {}", secret.field, secret.source)?;
        }
        match &self.expires_at {
            Some(date) => writeln!(f, "expires_at = {date}"),
            None if self.secrets.is_empty() => Ok(()),
            None => writeln!(
                f,
                "# The expiry of the key: warnings come 30, 7 and 1 days before.\n# expires_at = 2027-03-01"
            ),
        }
    }
}

/// A TOML string. A JSON string is one, except for DEL.
pub(super) fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json.replace('\u{7f}', "\\u007f")
}
