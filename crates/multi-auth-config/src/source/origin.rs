//! Descriptions of sources, for errors and for display.
//!
//! A user may write a key where a source's name belongs. So a name is shown only if such a
//! variable, file or program exists.

use std::path::{Path, PathBuf};

pub(super) fn variable(name: &str) -> String {
    let is_there = super::variable::value(name).is_some();
    named("the environment variable", is_there.then(|| shown(name)))
}

/// A file that was not found is identified by its directory, if that exists.
pub(super) fn file(path: &Path) -> String {
    if path.symlink_metadata().is_ok() {
        return format!("the file {}", existing(path));
    }
    let folder = path.parent().filter(|folder| folder.is_dir());
    named(
        "the file",
        folder.map(|folder| format!("in {}", existing(folder))),
    )
}

/// The arguments are left out: one may be a secret.
pub(super) fn command(program: &str) -> String {
    let is_there = is_program(Path::new(program));
    named("the command", is_there.then(|| shown(program)))
}

#[cfg(feature = "os-keyring")]
pub(super) fn os_keyring() -> String {
    "the entry in the operating system's keyring".to_owned()
}

/// The path is left out: only Vault knows whether it exists.
pub(super) fn vault() -> String {
    "the secret in Vault".to_owned()
}

pub(super) fn own() -> String {
    "the program's own source".to_owned()
}

pub(super) fn constant() -> String {
    "a constant of the configuration".to_owned()
}

pub(super) fn inline() -> String {
    "the configuration itself".to_owned()
}

fn named(what: &str, name: Option<String>) -> String {
    match name {
        Some(name) => format!("{what} {name}"),
        None => what.to_owned(),
    }
}

/// A path that exists.
pub(crate) fn existing(path: &Path) -> String {
    shown(&path.display().to_string())
}

/// Whether the program exists: in a directory of `PATH`, unless it is a path.
fn is_program(program: &Path) -> bool {
    let is_named = program.components().count() > 1 || program.is_absolute();
    if is_named || program.as_os_str().is_empty() {
        return program.is_file();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&folders).map(|folder| folder.join(program));
    let mut places = places.flat_map(|place| [place.clone(), with_exe(place)]);
    places.any(|place| place.is_file())
}

fn with_exe(mut place: PathBuf) -> PathBuf {
    place.set_extension(std::env::consts::EXE_EXTENSION);
    place
}

/// `name` without control characters, which could move a terminal's cursor.
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

/// Whether a name looks like a key: it has a known prefix, or mixes letters and digits.
pub(crate) fn may_be_key(name: &str) -> bool {
    const KINDS: [&str; 14] = [
        "AKIA",
        "ASIA",
        "AIza",
        "dapi",
        "eyJ",
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "hvs",
        "sk-",
        "sk_",
        "xox",
    ];
    const LONG: usize = 16;
    let is_number = |part: &str| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_digit());
    let letters: Vec<_> = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let turns = |kind: fn(&char) -> bool| {
        let pairs = letters.windows(2);
        pairs
            .filter(|pair| kind(&pair[0]) != kind(&pair[1]))
            .count()
    };
    let (digits, capitals) = (turns(char::is_ascii_digit), turns(char::is_ascii_uppercase));
    let is_mixed = name.len() >= LONG && (digits >= 4 || digits > 0 && digits + capitals >= 6);
    is_mixed
        || name.split(['-', '_']).any(is_number)
        || KINDS.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_source_is_shown_only_where_it_is_there() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(variable("PATH"), "the environment variable PATH");
        assert_eq!(file(&here), format!("the file {}", here.display()));
        assert_eq!(command("ls"), "the command ls");
        for text in [
            variable("MULTI_AUTH_CANARY"),
            file(Path::new("/no/canary")),
            file(Path::new("canary\0")),
            command("canary"),
            command("/no/canary"),
            command(""),
        ] {
            assert!(!text.contains("canary") && !text.ends_with(' '), "{text}");
        }
    }

    #[test]
    fn a_name_that_looks_like_a_key_is_not_printed() {
        for key in [
            "ghp_abc",
            "sk-live",
            "hvs.CAES",
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMIK7MDENG",
            "0a1b2c3d4e5f6a7b8c9d",
            "9876501234567",
        ] {
            assert!(may_be_key(key), "{key}");
        }
        for name in [
            "alphamoon",
            "your-reports-eu-west-1",
            "a__b",
            "warehouse2",
            "northAmericaEastReports",
            "s3-bucket-2027",
            "skills",
        ] {
            assert!(!may_be_key(name), "{name}");
        }
    }
}
