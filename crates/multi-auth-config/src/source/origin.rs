//! What sources are called, in errors and where a program shows them.

use std::path::Path;

pub(super) fn variable(name: &str) -> String {
    format!("the environment variable {name}")
}

pub(super) fn file(path: &Path) -> String {
    format!("the file {}", shown(&path.display().to_string()))
}

/// Without its arguments, for one of them may be a secret.
pub(super) fn command(program: &str) -> String {
    format!("the command {}", shown(program))
}

#[cfg(feature = "keyring")]
pub(super) fn keyring(service: &str, user: &str) -> String {
    format!("the entry of {user} for {service} in the system's keyring")
}

pub(super) fn own(name: &str) -> String {
    format!("the program's own source {name}")
}

pub(super) fn inline() -> String {
    "the configuration itself".to_owned()
}

/// `name` without what would move a terminal's cursor or begin a line.
pub(crate) fn shown(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}
