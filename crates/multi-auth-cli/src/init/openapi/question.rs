//! Asks for what a document leaves open.

use std::io::BufRead;

use super::document::Alternative;
use super::{Credential, Document, Flow, Server, ServerVariable, shown};
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::init::questions::Questions;
use crate::init::vendor_entry::{EntrySecret, VendorEntry, quoted};
use crate::output;

impl<R: BufRead> Questions<R> {
    /// The entry of the vendor of `document`.
    pub(in crate::init) fn described_by(
        &mut self,
        document: &Document,
    ) -> Result<VendorEntry, Diagnostic> {
        output::note(&format!("OpenAPI document: {}", document.title));
        let name = self.name_or(&slug(&document.title))?;
        let url = self.server(&document.servers)?;
        let alternatives = document.alternatives(&url);
        let alternatives = alternatives.map_err(|(problem, remedy)| {
            let problem = format!("the OpenAPI document {problem}");
            Diagnostic::advised(DiagnosticCode::Usage, problem, remedy)
        })?;
        for reason in &alternatives.reasons {
            output::note(&format!("One alternative is left out: it {reason}."));
        }
        let choices: Vec<_> = alternatives.usable.iter().map(summary).collect();
        let alternative = self.choice("Credential", &choices)?;
        let alternative = alternatives.usable.get(alternative);
        let mut entry = VendorEntry {
            fields: vec![format!(
                "# From the OpenAPI document of {}.",
                document.title
            )],
            name,
            secrets: Vec::new(),
            expires_at: None,
            needs_login: false,
        };
        let credentials = alternative.into_iter().flat_map(|one| &one.credentials);
        for (at, (credential, scopes)) in credentials.enumerate() {
            self.credential(&mut entry, at, credential, scopes)?;
        }
        entry
            .fields
            .push("# The only place that the key or the token may go.".to_owned());
        entry.fields.push(format!("url = {}", quoted(&url)));
        if !entry.secrets.is_empty() {
            entry.expires_at = self.expiry()?;
        }
        Ok(entry)
    }

    /// Which of `choices`, by its number from 0.
    fn choice(&mut self, what: &str, choices: &[String]) -> Result<usize, Diagnostic> {
        if choices.len() < 2 {
            return Ok(0);
        }
        let lines = choices.iter().enumerate();
        let lines = lines.map(|(at, choice)| format!("  {}: {choice}", at + 1));
        output::note(&lines.collect::<Vec<_>>().join("\n"));
        loop {
            let answer = self.or(&format!("{what}, by its number"), "1")?;
            match answer.parse::<usize>() {
                Ok(number) if (1..=choices.len()).contains(&number) => return Ok(number - 1),
                _ => output::note(&format!("Write a number from 1 to {}.", choices.len())),
            }
        }
    }

    /// The URL of one of `servers`, or of another one.
    fn server(&mut self, servers: &[Server]) -> Result<String, Diagnostic> {
        let choices: Vec<_> = servers.iter().map(|server| server.url.clone()).collect();
        let server = self.choice("Server", &choices)?;
        let Some(server) = servers.get(server) else {
            output::note("The document has no https URL of a server.");
            return self.url(None);
        };
        let mut values = Vec::new();
        for variable in &server.variables {
            values.push((variable.name.clone(), self.variable(variable)?));
        }
        let url = server.filled(|variable| {
            let value = values.iter().find(|(name, _)| *name == variable.name);
            value.map_or_else(String::new, |(_, value)| value.clone())
        });
        self.url(Some(url.trim_end_matches('/')))
    }

    fn variable(&mut self, variable: &ServerVariable) -> Result<String, Diagnostic> {
        let ServerVariable {
            name,
            usual,
            values,
        } = variable;
        let question = match &values[..] {
            [] => format!("Value of {name}"),
            values => format!("Value of {name}: {}", values.join(", ")),
        };
        loop {
            let value = match &**usual {
                "" => self.needed(&question)?,
                usual => self.or(&question, usual)?,
            };
            if values.is_empty() || values.contains(&value) {
                return Ok(value);
            }
            output::note("Choose one of them.");
        }
    }

    /// Adds the credential number `at` to `entry`.
    fn credential(
        &mut self,
        entry: &mut VendorEntry,
        at: usize,
        credential: &Credential,
        scopes: &[String],
    ) -> Result<(), Diagnostic> {
        let prefix = "also.".repeat(at);
        let mut field = |name: &str, value: &str| {
            entry
                .fields
                .push(format!("{prefix}{name} = {}", quoted(value)));
        };
        match credential {
            Credential::Static {
                scheme,
                name,
                prefix,
            } => {
                field("scheme", scheme);
                if let Some(name) = name {
                    field("name", name);
                }
                if let Some(prefix) = prefix {
                    field("prefix", prefix);
                }
            }
            Credential::OAuth(Flow::ClientCredentials { token_url }) => {
                field("scheme", "client_credentials");
                field("token_url", token_url);
            }
            Credential::OAuth(Flow::Login {
                token_url,
                authorization_url,
                device_authorization_url,
            }) => {
                field("scheme", "refresh_token");
                field("token_url", token_url);
                if let Some(url) = authorization_url {
                    field("authorization_url", url);
                }
                if let Some(url) = device_authorization_url {
                    field("device_authorization_url", url);
                }
            }
            Credential::Issuer(issuer) => {
                field("scheme", "refresh_token");
                field("issuer", issuer);
            }
        }
        if let Some(url) = credential.endpoint() {
            output::note(&format!("The client secret goes to {}", shown(url)));
            if !scopes.is_empty() {
                field("scope", &scopes.join(" "));
            }
            let id = self.needed("Client ID")?;
            entry
                .fields
                .push(format!("{prefix}client_id = {}", quoted(&id)));
            let is_login = !matches!(
                credential,
                Credential::OAuth(Flow::ClientCredentials { .. })
            );
            entry.needs_login |= is_login;
        }
        self.key(entry, at, &credential.secret())
    }

    fn key(&mut self, entry: &mut VendorEntry, at: usize, what: &str) -> Result<(), Diagnostic> {
        let name = entry.name.clone();
        let file = match at {
            0 => format!("{name}.key"),
            at => format!("{name}-{}.key", at + 1),
        };
        let source = self.place(what, &file)?;
        entry.secrets.push(EntrySecret {
            field: format!("{}key", "also.".repeat(at)),
            what: format!("{what} of {name}"),
            source,
        });
        Ok(())
    }
}

fn summary(alternative: &Alternative) -> String {
    let credentials = alternative.credentials.iter();
    let summaries = credentials.map(|(credential, _)| shown(&credential.summary()));
    summaries.collect::<Vec<_>>().join(" and ")
}

/// A vendor's name from a title: at most three words of letters.
fn slug(title: &str) -> String {
    const WORDS: usize = 3;
    const DROPPED: [&str; 4] = ["api", "the", "rest", "openapi"];
    let words = title.split(|letter: char| !letter.is_ascii_alphabetic());
    let words = words.map(str::to_ascii_lowercase);
    let words = words.filter(|word| !word.is_empty() && !DROPPED.contains(&word.as_str()));
    let slug = words.take(WORDS).collect::<Vec<_>>().join("-");
    let slug: String = slug.chars().take(32).collect();
    if slug.is_empty() {
        "vendor".to_owned()
    } else {
        slug.trim_end_matches('-').to_owned()
    }
}
