//! `multi-auth header`: prints the header fields of a request.

use std::io::{self, IsTerminal, Write};

use http::request::Parts;
use multi_auth::{Account, Credential};
use serde_json::json;

use crate::args::{General, HeaderArgs};
use crate::client::Timed;
use crate::diagnostic::Diagnostic;
use crate::exit::Exit;
use crate::message::{Message, is_bound};
use crate::{Outcome, client, output};

pub(crate) async fn run(general: &General, command: &HeaderArgs) -> Outcome {
    let url = client::url(&command.url)?;
    if !command.show_secret && !is_wanted()? {
        return Ok(Exit::Fine);
    }
    let config = client::config_for(general, &url)?;
    let keyring = config.keyring(Timed::new(general)?).await?;
    let account = command.account.as_deref();
    let message = Message::new(&command.message)?;
    let mut parts = message.head(&url, account)?;
    message.add_content_type(&mut parts.headers);
    let vendor = config.vendor_for(url.as_str(), account.map(Account::new).as_ref());
    if let Some(vendor) = vendor {
        vendor.headers().add_to(&mut parts.headers);
    }
    let credential = message.credential(&keyring, &parts).await?;
    if !credential.clone().attach(&mut parts)? {
        return Err(nothing(&credential));
    }
    print(general, &parts, url.query());
    Ok(Exit::Fine)
}

/// Why there is no credential to print.
fn nothing(credential: &Credential) -> Diagnostic {
    if is_bound(credential) {
        let diagnostic = Diagnostic::usage("the credential answers a challenge of the server");
        return diagnostic.with_remedy("send the request with `multi-auth request`");
    }
    Diagnostic::usage("no vendor of the configuration has this URL")
        .with_remedy("compare the URL with `url` in the configuration: scheme, host, port and path")
}

/// Asks the user whether to show a secret.
fn is_wanted() -> Result<bool, Diagnostic> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let diagnostic = Diagnostic::usage("this shows a secret");
        return Err(diagnostic.with_remedy(
            "in a script give --show-secret, as in `multi-auth header URL --show-secret | curl -H @- URL`",
        ));
    }
    let _ = write!(
        io::stderr(),
        "This shows a secret on your screen. Go on? [y/N] "
    );
    let mut answer = String::new();
    let _ = io::stdin().read_line(&mut answer);
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn print(general: &General, parts: &Parts, before: Option<&str>) {
    let fields = parts.headers.iter();
    let fields =
        fields.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())));
    let query = parts.uri.query().filter(|query| Some(*query) != before);
    if general.json {
        let fields: serde_json::Map<_, _> = fields
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        return output::json(&json!({ "headers": fields, "query": query }));
    }
    for (name, value) in fields {
        output::line(&format!("{name}: {value}"));
    }
    if let Some(query) = query {
        output::line(&format!("?{query}"));
    }
}
