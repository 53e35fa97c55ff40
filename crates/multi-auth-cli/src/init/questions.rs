//! Asks on the error stream, and reads a line for each answer.

use std::io::{self, BufRead, Write};

use multi_auth::ProtectionSpace;

use super::vendor_entry::{KeySource, SchemeChoice, VendorEntry};
use crate::diagnostic::Diagnostic;
use crate::output;

const KEY_PLACES: &str = "file PATH, env NAME, or command PROGRAM ARGUMENTS";
const NO_PLACE: &str = "Write `file` and a path, `env` and a name, or `command` and its words, without quotes. (Vault and the system's \
     keyring: see the documentation of the configuration.)";
const SCHEMES: [&str; 6] = [
    "bearer",
    "basic",
    "authorization",
    "header",
    "query",
    "cookie",
];

pub(super) struct Questions<R> {
    answers: R,
}

impl<R: BufRead> Questions<R> {
    pub(super) fn new(answers: R) -> Self {
        Self { answers }
    }

    pub(super) fn entry(&mut self) -> Result<VendorEntry, Diagnostic> {
        let name = self.name()?;
        let sent = match name.as_str() {
            "alphamoon" | "immuta" => SchemeChoice::Preset(name.clone()),
            _ => self.sent()?,
        };
        let url = match name.as_str() {
            "alphamoon" => self.url(Some("https://workspace.alphamoon.ai"))?,
            _ => self.url(None)?,
        };
        let verify = match sent {
            SchemeChoice::Preset(_) => None,
            SchemeChoice::Scheme { .. } => self.optional(
                "Path below that URL to check the key with, as in /me (none: leave empty)",
            )?,
        };
        let key = self.place(&name)?;
        let expires_at =
            self.optional("When does the key expire, as in 2027-03-01 (unknown: leave empty)?")?;
        Ok(VendorEntry {
            name,
            sent,
            url,
            verify,
            key,
            expires_at,
        })
    }

    pub(super) fn yes(&mut self, question: &str) -> Result<bool, Diagnostic> {
        let answer = self.optional(&format!("{question} [y/N]"))?;
        Ok(answer.is_some_and(|answer| answer.starts_with(['y', 'Y'])))
    }

    fn name(&mut self) -> Result<String, Diagnostic> {
        loop {
            let name = self.needed("Vendor (alphamoon, immuta, or a name of your own)")?;
            let is_ok = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
            if name.len() <= 64 && name.chars().all(is_ok) {
                return Ok(name);
            }
            output::note("Use at most 64 letters, digits, `-` and `_`.");
        }
    }

    /// Where the credential may go, as the library takes it.
    fn url(&mut self, usual: Option<&str>) -> Result<String, Diagnostic> {
        loop {
            let url = match usual {
                Some(usual) => self.or("URL", usual)?,
                None => self.needed("URL, as in https://api.example.com/v1")?,
            };
            match ProtectionSpace::new(&url) {
                Ok(_) => return Ok(url),
                Err(error) => output::note(&error.to_string().replace("the scope", "That")),
            }
        }
    }

    fn sent(&mut self) -> Result<SchemeChoice, Diagnostic> {
        let question = format!("How is the key sent: {}", SCHEMES.join(", "));
        let scheme = loop {
            let answer = self.or(&question, "bearer")?;
            if SCHEMES.contains(&answer.as_str()) {
                break answer;
            }
            output::note("Choose one of them.");
        };
        let name = match scheme.as_str() {
            "header" => Some(self.or("Header field", "x-api-key")?),
            "query" => Some(self.or("Query parameter", "api_key")?),
            "cookie" => Some(self.needed("Cookie")?),
            _ => None,
        };
        Ok(SchemeChoice::Scheme { scheme, name })
    }

    fn place(&mut self, vendor: &str) -> Result<KeySource, Diagnostic> {
        let question = format!("Where is the key: {KEY_PLACES}");
        loop {
            let answer = self.or(&question, &format!("file {vendor}.key"))?;
            if let Some(place) = KeySource::parse(&answer) {
                return Ok(place);
            }
            output::note(NO_PLACE);
        }
    }

    fn needed(&mut self, question: &str) -> Result<String, Diagnostic> {
        loop {
            if let Some(answer) = self.optional(question)? {
                return Ok(answer);
            }
        }
    }

    fn or(&mut self, question: &str, usual: &str) -> Result<String, Diagnostic> {
        let answer = self.optional(&format!("{question} [{usual}]"))?;
        Ok(answer.unwrap_or_else(|| usual.to_owned()))
    }

    /// The answer, if it is not empty.
    fn optional(&mut self, question: &str) -> Result<Option<String>, Diagnostic> {
        let _ = write!(io::stderr(), "{question}: ");
        let mut line = String::new();
        let read = self.answers.read_line(&mut line);
        if !matches!(read, Ok(1..)) {
            return Err(Diagnostic::usage(
                "the input ended early; nothing was written",
            ));
        }
        let answer = line.trim();
        Ok((!answer.is_empty()).then(|| answer.to_owned()))
    }
}
