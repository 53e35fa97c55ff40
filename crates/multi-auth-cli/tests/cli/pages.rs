//! What is made of the command line, and how commands are run beside the simulators.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::program::Home;

#[tokio::test]
async fn the_exit_codes_are_in_the_help_and_in_the_documentation() {
    let help = Home::empty().run(&["--help"]).await.output;
    let page = include_str!("../../../../docs/command-line.md");
    let codes = help.split("Exit codes:\n").nth(1).unwrap();
    for code in codes.lines() {
        let (code, meaning) = code.trim().split_once("  ").unwrap();
        assert!(
            page.contains(&format!("| {code} | {meaning} |")),
            "{code}: {meaning}"
        );
    }
}

#[tokio::test]
async fn every_command_is_in_the_documentation() {
    let help = Home::empty().run(&["--help"]).await.output;
    let page = include_str!("../../../../docs/command-line.md");
    let commands = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    for command in commands
        .lines()
        .filter_map(|line| line.split_whitespace().next())
    {
        let is_named = page.contains(&format!("`multi-auth {command}"));
        assert!(is_named || command == "help", "{command}");
    }
}

#[tokio::test]
async fn completions_schema_and_manual_are_printed() {
    let home = Home::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = home.run(&["completions", shell]).await;
        assert!(
            run.code == Some(0) && run.output.contains("simulate"),
            "{shell}"
        );
    }
    assert!(home.run(&["schema"]).await.json()["$defs"]["VendorTable"].is_object());
    assert_eq!(home.run(&["man", "pages"]).await.code, Some(0));
    let page = std::fs::read_to_string(home.path("pages/multi-auth-check.1")).unwrap();
    assert!(page.contains("fewer whole days"), "{page}");
}

#[tokio::test]
async fn a_command_runs_beside_the_simulators_and_they_end_with_it() {
    let home = Home::empty();
    let script = "test -n \"$ALPHAMOON_URL$IMMUTA_URL\" && printf %s \"$IMMUTA_API_KEY\" && exit 7";
    let run = home.run(&["simulate", "--", "sh", "-c", script]).await;
    assert_eq!(run.code, Some(7), "{run:?}");
    assert!(!run.output.is_empty());
    let run = home.run(&["simulate", "--", "/no/such/program"]).await;
    assert_eq!(run.code, Some(2), "{run:?}");
}

/// From a terminal both hear of it; which of them goes on is the command's own affair.
#[tokio::test]
async fn a_command_that_heeds_no_interrupt_keeps_its_simulators_and_its_exit_code() {
    let home = Home::empty();
    let script = "trap : INT; echo ready; read -r _; \
                  exec 3<>\"/dev/tcp/${ALPHAMOON_URL#http://127.0.0.1:}\" && exit 7";
    let script = script.replace("/dev/tcp/$", "/dev/tcp/127.0.0.1/$");
    let mut command = home.command(&["simulate", "--", "bash", "-c", &script]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(output.next_line().await.unwrap().as_deref(), Some("ready"));
    let pid = child.id().unwrap().to_string();
    let interrupted = Command::new("kill").args(["-INT", &pid]).status().await;
    assert!(interrupted.unwrap().success());
    drop(child.stdin.take());
    assert_eq!(child.wait().await.unwrap().code(), Some(7));
}

/// The texts of the repository that users read: pages, examples, and the sources with their help and errors.
fn texts(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() && !path.ends_with("tests") && !path.ends_with("target") {
            texts(&path, found);
        } else if matches!(extension, Some("md" | "rs" | "toml")) {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

/// Everybody on a machine can read the arguments of its processes.
#[test]
fn no_page_and_no_text_of_the_program_puts_a_secret_into_an_argument() {
    const LEAKS: [&str; 4] = [
        "\"$(multi-auth header",
        "\"$(cat ",
        "api_key=...`",
        "-w <password>",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in ["docs", "examples", "crates"] {
        texts(&root.join(folder), &mut found);
    }
    let readme = root.join("README.md");
    found.push((readme.clone(), std::fs::read_to_string(readme).unwrap()));
    assert!(found.len() > 100, "{}", found.len());
    for (path, text) in found {
        let leak = LEAKS.iter().find(|leak| text.contains(**leak));
        assert_eq!(leak, None, "{}", path.display());
    }
}

#[tokio::test]
async fn the_help_shows_how_a_secret_goes_through_a_pipe() {
    let home = Home::empty();
    let help = home.run(&["header", "--help"]).await.output;
    assert!(help.contains("--show-secret | curl -H @- URL"), "{help}");
    assert_eq!(home.run(&["man", "pages"]).await.code, Some(0));
    let page = std::fs::read_to_string(home.path("pages/multi-auth-header.1")).unwrap();
    assert!(page.replace('\\', "").contains("curl -H @- URL"), "{page}");
}
