//! `docs/operations.md` and the dashboard name what the code names, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

type Names = BTreeSet<String>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// All sources of the crates that tell something.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

fn code() -> String {
    let mut text = String::new();
    for name in [
        "multi-auth",
        "multi-auth-config",
        "multi-auth-proxy",
        "multi-auth-store",
    ] {
        sources(&root().join("crates").join(name).join("src"), &mut text);
    }
    text
}

/// Every word of `text` that begins with `prefix`.
fn words(text: &str, prefix: &str) -> Names {
    let is_apart = |letter: char| !(letter.is_ascii_alphanumeric() || "_.".contains(letter));
    let words = text.split(is_apart);
    let words = words.filter(|word| word.starts_with(prefix));
    words
        .map(|word| word.trim_matches('.').to_owned())
        .collect()
}

/// The texts in quotes that begin with `prefix`.
fn quoted(text: &str, prefix: &str) -> Names {
    let quotes = text.split('"').skip(1);
    let is_name = |text: &&str| !text.contains(char::is_whitespace);
    let names = quotes
        .filter(|text| text.starts_with(prefix))
        .filter(is_name);
    names.map(str::to_owned).collect()
}

/// The rows of the documentation's tables whose name begins with `prefix`, cell by cell.
pub(crate) fn rows(prefix: &str) -> Vec<Vec<String>> {
    let text = read("docs/operations.md");
    let start = format!("| `{prefix}");
    let rows = text.lines().filter(|line| line.starts_with(&start));
    let cells = rows.map(|row| row.split('|').skip(1));
    let cells = cells.map(|cells| cells.map(|cell| cell.trim().trim_matches('`').to_owned()));
    cells.map(Iterator::collect).collect()
}

fn documented(prefix: &str) -> Names {
    rows(prefix).into_iter().map(|row| row[0].clone()).collect()
}

#[test]
fn every_metric_of_the_code_is_documented_and_no_other_is() {
    let metrics = quoted(&code(), "multi_auth_");
    assert_eq!(metrics, documented("multi_auth_"));
    assert_eq!(metrics.len(), 20);
    let named = words(&read("docs/operations.md"), "multi_auth_");
    let targets = Names::from(["multi_auth_config".to_owned()]);
    assert_eq!(
        named.difference(&metrics).cloned().collect::<Names>(),
        targets
    );
}

#[test]
fn every_span_and_event_of_the_code_is_documented_and_no_other_is() {
    let events = quoted(&code(), "multi_auth.");
    assert_eq!(events, documented("multi_auth."));
}

/// What a panel or variable asks for.
fn expressions(dashboard: &Value) -> Vec<String> {
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| {
        assert!(panel["title"].is_string() && panel["gridPos"].is_object());
        assert_eq!(panel["datasource"]["uid"], "${datasource}");
        panel["targets"].as_array().unwrap()
    });
    let texts = targets.map(|target| target["expr"].as_str().unwrap().to_owned());
    texts.collect()
}

#[test]
fn the_dashboard_shows_every_metric_and_no_other() {
    let text = read("docs/grafana-dashboard.json");
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let metrics = documented("multi_auth_");
    let shown = words(&expressions(&dashboard).join("\n"), "multi_auth_");
    let shown: Names = shown
        .iter()
        .map(|name| name.replace("_bucket", ""))
        .collect();
    assert_eq!(shown, metrics);
    let named = words(&text, "multi_auth_");
    let named: Names = named
        .iter()
        .map(|name| name.replace("_bucket", ""))
        .collect();
    assert_eq!(named, metrics);
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let variables: Vec<_> = variables.iter().map(|variable| &variable["name"]).collect();
    assert_eq!(variables, ["datasource", "vendor"]);
}

#[test]
fn every_word_of_a_label_is_documented() {
    let text = read("docs/operations.md");
    for file in [
        "error/label.rs",
        "adapter/outcome.rs",
        "telemetry/event.rs",
        "telemetry/metrics/counted.rs",
    ] {
        let code = read(&format!("crates/multi-auth/src/{file}"));
        let arms = code
            .lines()
            .filter_map(|line| line.split_once("=> \"")?.1.split_once('"'));
        for (word, _) in arms.filter(|(word, _)| *word != "interrupted") {
            assert!(text.contains(&format!("`{word}`")), "{word} of {file}");
        }
    }
}
