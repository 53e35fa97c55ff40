//! Takes a vendor from an OpenAPI 3 document (<https://spec.openapis.org/oas/v3.1.1>): its servers,
//! its security schemes, and which of them a request needs.

mod credential;
pub(super) use credential::{Credential, Flow};
mod document;
pub(super) use document::Document;
mod question;
mod server;
pub(super) use server::{Server, ServerVariable};
mod yaml;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, DiagnosticCode};

/// The most that is read of a document, in bytes (64 MiB).
const MOST: u64 = 64 * 1024 * 1024;

/// The document at `path`.
pub(super) fn read(path: &Path) -> Result<Document, Diagnostic> {
    let wrong = |problem: String, remedy: &'static str| {
        let problem = format!("{} {problem}", path.display());
        Diagnostic::advised(DiagnosticCode::Usage, problem, remedy)
    };
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_string(&mut text));
    read.map_err(|error| {
        wrong(
            format!("cannot be read ({})", error.kind()),
            "name another file",
        )
    })?;
    if text.len() as u64 > MOST {
        return Err(wrong(
            "is longer than 64 MiB".to_owned(),
            "name the OpenAPI document",
        ));
    }
    let root = parse(&text).map_err(|problem| wrong(problem, "name a document in JSON or YAML"))?;
    let checked = Document::of(root).and_then(|document| {
        // Asking would be in vain if nothing can be used at any server.
        document.alternatives("https://server.example")?;
        Ok(document)
    });
    checked.map_err(|(problem, remedy)| wrong(problem.to_owned(), remedy))
}

/// The document as a tree. JSON is tried first, because YAML takes longer.
fn parse(text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}');
    match serde_json::from_str(text) {
        Ok(root) => Ok(root),
        Err(_) if !text.trim_start().starts_with('{') => yaml::parse(text),
        Err(error) => Err(format!("is not valid JSON (line {})", error.line())),
    }
}

/// The longest text of a document that is shown, in characters.
const MOST_SHOWN: usize = 250;

/// Whether a terminal shows all of `text` as it is. Otherwise a URL could hide where a key goes.
fn is_plain(text: &str) -> bool {
    text.len() <= MOST_SHOWN && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `text` of the document as the terminal may show it: one line without characters that change how
/// others are shown.
pub(super) fn shown(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_odd = |letter: &char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    one_line
        .chars()
        .filter(|letter| !is_odd(letter))
        .take(MOST_SHOWN)
        .collect()
}

#[cfg(test)]
mod tests;
