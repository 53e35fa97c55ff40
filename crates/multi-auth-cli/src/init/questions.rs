//! Asks on the error stream, and reads a line for each answer.

use std::io::{self, BufRead, Write};

use super::entry::{Entry, Place, Sent};
use crate::rule::Fault;

const KEY_PLACES: &str = "file PATH, env NAME, or command PROGRAM ARGUMENTS";
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

    pub(super) fn entry(&mut self) -> Result<Entry, Fault> {
        let name = self.needed("Vendor (alphamoon, immuta, or a name of your own)")?;
        let sent = match name.as_str() {
            "alphamoon" | "immuta" => Sent::Preset(name.clone()),
            _ => self.sent()?,
        };
        let url = match name.as_str() {
            "alphamoon" => self.or("URL", "https://workspace.alphamoon.ai")?,
            _ => self.needed("URL")?,
        };
        let verify = match sent {
            Sent::Preset(_) => None,
            Sent::Scheme { .. } => self.optional(
                "Path that tells whether the key is good, as in /v1/me (none: leave empty)",
            )?,
        };
        let key = self.place(&name)?;
        let expires_at =
            self.optional("When does the key end, as in 2027-03-01 (unknown: leave empty)?")?;
        Ok(Entry {
            name,
            sent,
            url,
            verify,
            key,
            expires_at,
        })
    }

    pub(super) fn yes(&mut self, question: &str) -> Result<bool, Fault> {
        let answer = self.optional(&format!("{question} [y/N]"))?;
        Ok(answer.is_some_and(|answer| answer.starts_with(['y', 'Y'])))
    }

    fn sent(&mut self) -> Result<Sent, Fault> {
        let question = format!("How is the key sent: {}", SCHEMES.join(", "));
        let scheme = loop {
            let answer = self.or(&question, "bearer")?;
            if SCHEMES.contains(&answer.as_str()) {
                break answer;
            }
        };
        let name = match scheme.as_str() {
            "header" => Some(self.or("Header field", "x-api-key")?),
            "query" => Some(self.or("Query parameter", "api_key")?),
            "cookie" => Some(self.needed("Cookie")?),
            _ => None,
        };
        Ok(Sent::Scheme { scheme, name })
    }

    fn place(&mut self, vendor: &str) -> Result<Place, Fault> {
        let question = format!("Where is the key: {KEY_PLACES}");
        loop {
            let answer = self.or(&question, &format!("file {vendor}.key"))?;
            if let Some(place) = Place::parse(&answer) {
                return Ok(place);
            }
        }
    }

    fn needed(&mut self, question: &str) -> Result<String, Fault> {
        loop {
            if let Some(answer) = self.optional(question)? {
                return Ok(answer);
            }
        }
    }

    fn or(&mut self, question: &str, usual: &str) -> Result<String, Fault> {
        let answer = self.optional(&format!("{question} [{usual}]"))?;
        Ok(answer.unwrap_or_else(|| usual.to_owned()))
    }

    /// The answer, if it is not empty.
    fn optional(&mut self, question: &str) -> Result<Option<String>, Fault> {
        let _ = write!(io::stderr(), "{question}: ");
        let mut line = String::new();
        let read = self.answers.read_line(&mut line);
        if !matches!(read, Ok(1..)) {
            return Err(Fault::usage(
                "the answers ended early, and nothing was written",
            ));
        }
        let answer = line.trim();
        Ok((!answer.is_empty()).then(|| answer.to_owned()))
    }
}
