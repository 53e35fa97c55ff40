//! Sends one request, and prints the response as text or JSON.

use std::io::IsTerminal;

use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use super::{Sending, exit};
use crate::args::{General, RequestArgs};
use crate::diagnostic::{Diagnostic, DiagnosticCode, ResponseDiagnosis};
use crate::exit::Exit;
use crate::{Outcome, output};

/// The size limit of a body in JSON output, in bytes (16 MiB).
const MOST: usize = 16 * 1024 * 1024;

pub(super) async fn run(general: &General, command: &RequestArgs, sending: &Sending) -> Outcome {
    let mut answer = sending.request().send().await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let answered = ResponseDiagnosis {
        status,
        headers: &headers,
    };
    if general.json {
        let body = whole(&mut answer).await?;
        output::json(&json!({
            "status": status.as_u16(),
            "headers": listed(&headers),
            "body": String::from_utf8_lossy(&body),
        }));
        return Ok(exit(answered));
    }
    if command.include {
        print_head(status, &headers);
    }
    let mut ends_line = true;
    while let Some(chunk) = answer.chunk().await? {
        // A response may be endless, and no one reads it any more.
        if !output::bytes(&chunk) {
            break;
        }
        ends_line = chunk.ends_with(b"\n");
    }
    if !ends_line && std::io::stdout().is_terminal() {
        output::line("");
    }
    Ok(explain(sending, answered))
}

/// Reports the problem of the response on the error stream, if there is one.
fn explain(sending: &Sending, answered: ResponseDiagnosis<'_>) -> Exit {
    let Some(diagnostic) = sending.diagnostic(answered) else {
        return Exit::Fine;
    };
    output::note(&output::explained(&diagnostic, None));
    diagnostic.exit()
}

async fn whole(answer: &mut reqwest::Response) -> Result<Vec<u8>, Diagnostic> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MOST {
            return Err(Diagnostic::advised(
                DiagnosticCode::Usage,
                "the body is longer than 16 MiB",
                "leave --json out",
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn print_head(status: StatusCode, headers: &HeaderMap) {
    output::line(&status.to_string());
    for (name, value) in listed(headers) {
        output::line(&format!("{name}: {value}"));
    }
    output::line("");
}

fn listed(headers: &HeaderMap) -> Vec<(&str, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let fields = headers.iter();
    fields
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect()
}
