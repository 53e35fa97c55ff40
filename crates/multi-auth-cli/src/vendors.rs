//! `multi-auth vendors`: lists the vendors of the catalogue, and explains one.

mod description;
mod markdown;
mod table;

use multi_auth_config::Catalogue;
use serde_json::json;

use self::description::Description;
use crate::args::{General, VendorsArgs};
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::exit::Exit;
use crate::{Outcome, client, output};

pub(crate) fn run(general: &General, command: &VendorsArgs) -> Outcome {
    let catalogue = client::catalogue(general)?;
    if let Some(name) = &command.vendor {
        let description = Description::of(&catalogue, name)?;
        if general.json {
            output::json(&description);
        } else {
            output::line(description.to_string().trim_end());
        }
        return Ok(Exit::Fine);
    }
    let all = all(&catalogue)?;
    let found: Vec<_> = match &command.search {
        Some(word) => all.into_iter().filter(|one| one.has(word)).collect(),
        None => all,
    };
    if general.json {
        output::json(&json!({ "vendors": found }));
    } else if command.markdown {
        output::line(&markdown::page(&found));
    } else {
        table::print(&found);
    }
    Ok(Exit::Fine)
}

fn all(catalogue: &Catalogue) -> Result<Vec<Description>, Diagnostic> {
    let names = catalogue.names().into_iter();
    names.map(|name| Description::of(catalogue, name)).collect()
}

/// The vendor is not in the catalogue. Its name may be a key, so it is not repeated.
fn unknown(name: &str, catalogue: &Catalogue) -> Diagnostic {
    let names = catalogue.names();
    let near: Vec<_> = names
        .into_iter()
        .filter(|known| known.contains(name) && !name.is_empty())
        .collect();
    let remedy = match (&near[..], catalogue.nearest(name)) {
        ([], Some(nearest)) => format!("write {nearest} if that is meant"),
        ([], None) => {
            "list them with `multi-auth vendors`, or search with `multi-auth vendors --search WORD`"
                .to_owned()
        }
        (near, _) => format!("choose one of {}", near.join(", ")),
    };
    Diagnostic::advised(
        DiagnosticCode::Usage,
        "the catalogue has no such vendor",
        remedy,
    )
}
