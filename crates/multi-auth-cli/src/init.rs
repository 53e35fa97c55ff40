//! `multi-auth init`: a configuration, by asking.

mod entry;
mod questions;

use std::fs::OpenOptions;
use std::io::{self, BufRead, Write};

use multi_auth_config::Config;
use serde_json::json;

use self::entry::Entry;
use self::questions::Questions;
use crate::args::{General, Init};
use crate::exit::Exit;
use crate::rule::Fault;
use crate::{Outcome, tell};

const HEAD: &str = "\
# The vendors whose requests multi-auth authenticates. No key stands here: the file says where each one is.
# Check it with `multi-auth check`.
";

pub(crate) fn run(general: &General, command: &Init) -> Outcome {
    let path = &general.config;
    let mut options = OpenOptions::new();
    // Whoever is asked for nothing should not have been asked.
    if path.exists() && !command.force {
        let problem = format!(
            "{} is there already: give --force to write over it",
            path.display()
        );
        return Err(Fault::usage(problem));
    }
    let (text, entries) = ask(&mut Questions::new(io::stdin().lock()))?;
    options
        .write(true)
        .create(true)
        .truncate(true)
        .create_new(!command.force);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Fault::usage(format!("{}: {error}", path.display())))?;
    if general.json {
        let names: Vec<_> = entries.iter().map(|entry| &entry.name).collect();
        tell::json(&json!({ "written": path, "vendors": names }));
    } else {
        tell::line(&format!("Written: {}", path.display()));
        for entry in &entries {
            tell::line(&entry.next_step());
        }
        tell::line("Then: multi-auth check");
    }
    Ok(Exit::Fine)
}

/// Asks for one vendor after the other; what is wrong is said at once, and asked again.
fn ask<R: BufRead>(questions: &mut Questions<R>) -> Result<(String, Vec<Entry>), Fault> {
    let (mut text, mut entries) = (HEAD.to_owned(), Vec::new());
    loop {
        let entry = questions.entry()?;
        let longer = format!("{text}\n{entry}");
        match Config::parse(&longer, "the answers", []) {
            Ok(_) => {
                text = longer;
                entries.push(entry);
            }
            Err(error) => tell::note(&format!("{error}\nOnce more, then.")),
        }
        if !entries.is_empty() && !questions.yes("Another vendor?")? {
            return Ok((text, entries));
        }
    }
}
