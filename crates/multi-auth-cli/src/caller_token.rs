//! `multi-auth caller-token`: a new token for a caller of the proxy.

use multi_auth_config::proxy::CallerToken;
use serde_json::json;

use crate::args::General;
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::exit::Exit;
use crate::{Outcome, output};

pub(crate) fn run(general: &General) -> Outcome {
    let token = CallerToken::generate()
        .map_err(|advice| Diagnostic::new(DiagnosticCode::System, advice.to_string()))?;
    let hash = token.hash().to_string();
    if general.json {
        output::json(&json!({ "token": token.expose(), "token_hash": hash }));
        return Ok(Exit::Fine);
    }
    output::line(token.expose());
    output::note(&format!(
        "Give the token to the caller. Write its hash into the configuration:\n\n\
         [proxy.callers.NAME]\ntoken_hashes = [\"{hash}\"]\n\
         allow = [{{ vendor = \"VENDOR\" }}]"
    ));
    Ok(Exit::Fine)
}
