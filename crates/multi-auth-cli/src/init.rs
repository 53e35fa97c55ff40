//! `multi-auth init`: asks for vendors and writes a configuration.

mod key_source;
mod openapi;
mod preset;
mod questions;
mod vendor_entry;

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process;

use multi_auth_config::{Catalogue, Config};
use serde_json::json;

use self::questions::Questions;
use self::vendor_entry::VendorEntry;
use crate::args::{General, InitArgs};
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::exit::Exit;
use crate::{Outcome, client, output};

const HEAD: &str = "\
# The vendors whose requests multi-auth authenticates. This file holds no keys: it says where each one comes from.
# Check it with `multi-auth check`.
";

pub(crate) fn run(general: &General, command: &InitArgs) -> Outcome {
    let path = &general.config;
    // Check first, before asking questions whose answers could not be used.
    if path.symlink_metadata().is_ok() && !command.force {
        let problem = format!("{} exists already", path.display());
        let remedy = "give --force to replace it";
        return Err(Diagnostic::advised(DiagnosticCode::Usage, problem, remedy));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    if folder != Path::new("") && !folder.is_dir() {
        let problem = format!("{} is not a directory", folder.display());
        return Err(Diagnostic::advised(
            DiagnosticCode::Usage,
            problem,
            "create it first",
        ));
    }
    let catalogue = client::catalogue(general)?;
    let mut questions = Questions::new(io::stdin().lock());
    let document = command.openapi.as_deref().map(openapi::read).transpose()?;
    let first = document
        .map(|document| questions.described_by(&document))
        .transpose()?;
    let (text, entries) = ask(&mut questions, &catalogue, first)?;
    let written = write(path, &text, command.force);
    written.map_err(|error| Diagnostic::usage(format!("{}: {error}", path.display())))?;
    if general.json {
        let names: Vec<_> = entries.iter().map(|entry| &entry.name).collect();
        output::json(&json!({ "written": path, "vendors": names }));
    } else {
        tell_next(general, &entries);
    }
    Ok(Exit::Fine)
}

/// Writes a temporary file and renames it, so that the old file stays complete until then.
fn write(path: &Path, text: &str, is_forced: bool) -> io::Result<()> {
    // A unique name, so that the leftover of an interrupted run does no harm.
    let beside = path.with_extension(format!("toml.{}.new", process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        // A group-writable configuration would be refused, whatever the umask.
        options.mode(0o644);
    }
    let mut file = options.open(&beside)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    let placed = written.and_then(|()| {
        if is_forced {
            return fs::rename(&beside, path);
        }
        // A file that appeared in the meantime is not overwritten.
        fs::hard_link(&beside, path)
    });
    let _ = fs::remove_file(&beside);
    placed
}

fn tell_next(general: &General, entries: &[VendorEntry]) {
    let path = &general.config;
    output::line(&format!("Written: {}", path.display()));
    let folder = path.parent().unwrap_or(Path::new(""));
    if entries.iter().any(|entry| entry.needs_login) {
        let key = vendor_entry::shell_quoted(&folder.join(STORE_KEY).display().to_string());
        output::line(&format!(
            "Create the key of the token store: (umask 077; openssl rand -base64 32 > {key})"
        ));
    }
    let options = options(general);
    for entry in entries {
        let steps = entry.next_steps(folder);
        for step in &steps {
            output::line(step);
        }
        if entry.needs_login {
            output::line(&format!("Log in: multi-auth login {}{options}", entry.name));
        }
    }
    output::line(&format!("Then: multi-auth check{options}"));
}

/// The options by which another command finds the same configuration.
fn options(general: &General) -> String {
    let config = Some(&general.config).filter(|path| *path != Path::new("multi-auth.toml"));
    let options = [
        ("--config", config),
        ("--catalogue", general.catalogue.as_ref()),
    ];
    let options = options
        .into_iter()
        .filter_map(|(name, path)| Some((name, path?)));
    let options = options.map(|(name, path)| {
        format!(
            " {name} {}",
            vendor_entry::shell_quoted(&path.display().to_string())
        )
    });
    options.collect()
}

/// The file of the key that seals the tokens of people who log in.
const STORE_KEY: &str = "store.key";

/// Asks for one vendor after another, besides the `first` if there is one.
fn ask<R: BufRead>(
    questions: &mut Questions<R>,
    catalogue: &Catalogue,
    first: Option<VendorEntry>,
) -> Result<(String, Vec<VendorEntry>), Diagnostic> {
    let mut entries = Vec::from_iter(first);
    if entries.is_empty() {
        add(questions, catalogue, &mut entries)?;
    } else {
        Config::parse_with(&written(&entries), "the entry", [], catalogue)?;
    }
    while questions.yes("Another vendor?")? {
        add(questions, catalogue, &mut entries)?;
    }
    Ok((written(&entries), entries))
}

/// Adds a vendor to `entries`. It reports an invalid answer at once, and asks again.
fn add<R: BufRead>(
    questions: &mut Questions<R>,
    catalogue: &Catalogue,
    entries: &mut Vec<VendorEntry>,
) -> Result<(), Diagnostic> {
    loop {
        entries.push(questions.entry(catalogue, entries)?);
        let Err(error) = Config::parse_with(&written(entries), "", [], catalogue) else {
            return Ok(());
        };
        output::note(&format!("{}\nPlease answer again.", error.problem()));
        entries.pop();
    }
}

/// The text of the configuration.
fn written(entries: &[VendorEntry]) -> String {
    let vendors = entries.iter().map(|entry| format!("\n{entry}"));
    let text = HEAD.to_owned() + &vendors.collect::<String>();
    if entries.iter().any(|entry| entry.needs_login) {
        return format!(
            "{text}\n# Where the tokens of people who log in are kept, sealed.\n[store]\n\
             directory = \"tokens\"\nkey = {{ file = \"{STORE_KEY}\" }}\n"
        );
    }
    text
}
