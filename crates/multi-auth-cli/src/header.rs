//! `multi-auth header`: prints the header fields of a request.

use std::io::{self, IsTerminal, Write};

use http::request::Parts;
use multi_auth::{Account, RequestHead};
use serde_json::json;

use crate::args::{General, HeaderArgs};
use crate::client::Timed;
use crate::diagnostic::Diagnostic;
use crate::exit::Exit;
use crate::{Outcome, client, output};

pub(crate) async fn run(general: &General, command: &HeaderArgs) -> Outcome {
    let url = client::url(&command.url)?;
    if !command.show_secret && !is_wanted()? {
        return Ok(Exit::Fine);
    }
    let config = client::config_for(general, &url)?;
    let keyring = config.keyring(Timed::new(general)?).await?;
    let mut parts = client::head(&url, command.account.as_deref())?;
    let credential = keyring
        .authenticate(&RequestHead::from_parts(&parts))
        .await?;
    if !credential.attach(&mut parts)? {
        let diagnostic = Diagnostic::usage("no vendor of the configuration has this URL");
        return Err(diagnostic.with_remedy(
            "compare the URL with `url` in the configuration: scheme, host, port and path",
        ));
    }
    if let Some(vendor) = config.vendor_for(
        url.as_str(),
        command.account.as_deref().map(Account::new).as_ref(),
    ) {
        vendor.headers().add_to(&mut parts.headers);
    }
    print(general, &parts, url.query());
    Ok(Exit::Fine)
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
