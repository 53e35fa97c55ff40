//! Asks on the error stream, and reads a line for each answer.

use std::io::{self, BufRead, Write};

use jiff::Timestamp;
use jiff::civil::Date;
use multi_auth::ProtectionSpace;
use multi_auth_config::Catalogue;

use super::key_source::KeySource;
use super::vendor_entry::{EntrySecret, VendorEntry, quoted};
use crate::diagnostic::{Diagnostic, DiagnosticCode};
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

const ODD_NAME: &str = "Use at most 64 letters, digits, `-` and `_`.";

fn is_name(name: &str) -> bool {
    let is_ok = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    (1..=64).contains(&name.len()) && name.chars().all(is_ok)
}

pub(super) struct Questions<R> {
    answers: R,
}

impl<R: BufRead> Questions<R> {
    pub(super) fn new(answers: R) -> Self {
        Self { answers }
    }

    /// An entry besides `others`.
    pub(super) fn entry(
        &mut self,
        catalogue: &Catalogue,
        others: &[VendorEntry],
    ) -> Result<VendorEntry, Diagnostic> {
        let preset = self.meant(catalogue)?;
        let name = self.unused(&preset, others)?;
        if ["alphamoon", "immuta"].contains(&preset.as_str()) {
            return self.built_in(name, &preset);
        }
        match catalogue.vendor(&preset) {
            Some(vendor) => {
                let vendor = vendor?;
                let needs_login = vendor.example_vendor(catalogue)?.needs_login();
                self.preset(name, &vendor, needs_login)
            }
            None => self.described(name),
        }
    }

    /// The vendor's name, or the preset that a misspelled one means.
    fn meant(&mut self, catalogue: &Catalogue) -> Result<String, Diagnostic> {
        let name = self.name()?;
        let is_known = catalogue.vendor(&name).is_some();
        match catalogue.nearest(&name) {
            Some(nearest) if !is_known && nearest != name => {
                let is_meant = self.yes(&format!("Do you mean the preset {nearest}?"))?;
                Ok(if is_meant { nearest.to_owned() } else { name })
            }
            _ => Ok(name),
        }
    }

    /// A name that none of `others` has: `preset`, or another one.
    fn unused(&mut self, preset: &str, others: &[VendorEntry]) -> Result<String, Diagnostic> {
        let mut name = preset.to_owned();
        while others.iter().any(|other| other.name == name) {
            output::note(&format!("The configuration has an entry {name} already."));
            name = self.name_or(&format!("{preset}-two"))?;
        }
        Ok(name)
    }

    /// A vendor whose preset is code.
    fn built_in(&mut self, name: String, preset: &str) -> Result<VendorEntry, Diagnostic> {
        const ALPHAMOON: &str = "https://workspace.alphamoon.ai";
        let usual = (preset == "alphamoon").then_some(ALPHAMOON);
        let fields = vec![format!("preset = {}", quoted(preset))];
        let url = self.url(usual)?;
        self.finished(name, fields, &url, None)
    }

    /// A vendor that is not in the catalogue.
    fn described(&mut self, name: String) -> Result<VendorEntry, Diagnostic> {
        let fields = self.sent()?;
        let url = self.url(None)?;
        let verify = self
            .optional("Path below that URL to check the key with, as in /me (none: leave empty)")?;
        self.finished(name, fields, &url, verify)
    }

    fn finished(
        &mut self,
        name: String,
        mut fields: Vec<String>,
        url: &str,
        verify: Option<String>,
    ) -> Result<VendorEntry, Diagnostic> {
        fields.push("# The only place that the credential may go.".to_owned());
        fields.push(format!("url = {}", quoted(url)));
        if let Some(verify) = verify {
            fields.push("# The path that `multi-auth check` requests.".to_owned());
            fields.push(format!("verify = {}", quoted(&verify)));
        }
        let key = EntrySecret {
            field: "key".to_owned(),
            what: format!("the key of {name}"),
            source: self.place("the key", &format!("{name}.key"))?,
        };
        Ok(VendorEntry {
            name,
            fields,
            secrets: vec![key],
            expires_at: self.expiry()?,
            needs_login: false,
        })
    }

    pub(super) fn expiry(&mut self) -> Result<Option<String>, Diagnostic> {
        loop {
            let answer = self
                .optional("When does the key expire, as in 2027-03-01 (unknown: leave empty)?")?;
            let is_date =
                |text: &String| text.parse::<Date>().is_ok() || text.parse::<Timestamp>().is_ok();
            if answer.as_ref().is_none_or(is_date) {
                return Ok(answer);
            }
            output::note("Write a date, or a time with an offset, as in 2027-03-01T12:00:00Z.");
        }
    }

    pub(super) fn yes(&mut self, question: &str) -> Result<bool, Diagnostic> {
        let answer = self.optional(&format!("{question} [y/N]"))?;
        Ok(answer.is_some_and(|answer| answer.starts_with(['y', 'Y'])))
    }

    /// The name of a vendor whose usual one is `usual`.
    pub(super) fn name_or(&mut self, usual: &str) -> Result<String, Diagnostic> {
        loop {
            let name = self.or("Name of the vendor", usual)?;
            if is_name(&name) {
                return Ok(name);
            }
            output::note(ODD_NAME);
        }
    }

    fn name(&mut self) -> Result<String, Diagnostic> {
        loop {
            let name = self.needed(
                "Vendor (a preset such as alphamoon, immuta or freshdesk, or another name)",
            )?;
            if is_name(&name) {
                return Ok(name);
            }
            output::note(ODD_NAME);
        }
    }

    /// Where the credential may go, as the library takes it.
    pub(super) fn url(&mut self, usual: Option<&str>) -> Result<String, Diagnostic> {
        self.valid_url(usual, "URL, as in https://api.example.com/v1")
    }

    /// The base URL that a vendor calls `label`.
    pub(super) fn url_of(&mut self, label: &str) -> Result<String, Diagnostic> {
        self.valid_url(None, label)
    }

    fn valid_url(&mut self, usual: Option<&str>, question: &str) -> Result<String, Diagnostic> {
        loop {
            let url = match usual {
                Some(usual) => self.or("URL", usual)?,
                None => self.needed(question)?,
            };
            match ProtectionSpace::new(&url) {
                Ok(_) => return Ok(url),
                Err(error) => output::note(&error.to_string().replace("the scope", "That")),
            }
        }
    }

    /// How the key is sent, as lines of TOML.
    fn sent(&mut self) -> Result<Vec<String>, Diagnostic> {
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
        let scheme = format!("scheme = {}", quoted(&scheme));
        let name = name.map(|name| format!("name = {}", quoted(&name)));
        Ok([scheme].into_iter().chain(name).collect())
    }

    /// Where the secret `what` is. The usual place is the file `file`.
    pub(super) fn place(&mut self, what: &str, file: &str) -> Result<KeySource, Diagnostic> {
        let question = format!("Where is {what}: {KEY_PLACES}");
        loop {
            let answer = self.or(&question, &format!("file {file}"))?;
            if let Some(place) = KeySource::parse(&answer) {
                return Ok(place);
            }
            output::note(NO_PLACE);
        }
    }

    pub(super) fn needed(&mut self, question: &str) -> Result<String, Diagnostic> {
        loop {
            if let Some(answer) = self.optional(question)? {
                return Ok(answer);
            }
            output::note("This needs an answer.");
        }
    }

    pub(super) fn or(&mut self, question: &str, usual: &str) -> Result<String, Diagnostic> {
        let answer = self.optional(&format!("{question} [{usual}]"))?;
        Ok(answer.unwrap_or_else(|| usual.to_owned()))
    }

    /// The answer, if it is not empty.
    fn optional(&mut self, question: &str) -> Result<Option<String>, Diagnostic> {
        let _ = write!(io::stderr(), "{question}: ");
        let mut line = String::new();
        let read = self.answers.read_line(&mut line);
        if !matches!(read, Ok(1..)) {
            let problem = "the input ended early; nothing was written";
            let remedy = "answer every question, also with an empty line";
            return Err(Diagnostic::advised(DiagnosticCode::Usage, problem, remedy));
        }
        let answer = line.trim();
        Ok((!answer.is_empty()).then(|| answer.to_owned()))
    }
}
