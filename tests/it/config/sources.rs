//! Where secrets come from.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use multi_auth::{SecretString, Transport};
use multi_auth_config::{
    CommandSource, Config, EnvSource, FileSource, SecretSource, SourceError, SourceProblem,
};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::parse;
use crate::adapter::Adapter;

/// A file that only its owner can read.
pub(crate) fn secret_file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    write_secret(&path, text);
    path
}

pub(crate) fn write_secret(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

pub(super) async fn read(source: impl SecretSource) -> Result<String, SourceProblem> {
    let secret = source.read().await;
    let secret = secret.map(|secret| secret.expose_secret().to_owned());
    secret.map_err(|error| error.problem().clone())
}

/// A source of the program's own.
#[derive(Debug)]
pub(crate) struct Desk(pub(crate) &'static str);

#[async_trait]
impl SecretSource for Desk {
    async fn read(&self) -> Result<SecretString, SourceError> {
        Ok(self.0.into())
    }
}

#[tokio::test]
async fn a_key_can_come_from_a_source_of_the_program() {
    let text = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = { own = 'desk' }";
    let config = parse(text).unwrap();
    let transport: Arc<dyn Transport> = Arc::new(Adapter::Reqwest.transport());
    let missing = config.vendors()[0]
        .read_secret(&transport)
        .await
        .unwrap_err();
    assert!(missing.to_string().contains("with_source"), "{missing}");
    assert!(config.clone().with_source("desck", Desk("d-1")).is_err());
    let config = config.with_source("desk", Desk("d-1")).unwrap();
    let secret = config.vendors()[0].read_secret(&transport).await.unwrap();
    assert_eq!(secret.expose_secret(), "d-1");
}

#[tokio::test]
async fn relative_paths_start_at_the_configurations_directory() {
    let folder = tempfile::tempdir().unwrap();
    secret_file(&folder, "key", "k-1");
    let text = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = { file = 'key' }";
    let file = folder.path().join("multi-auth.toml");
    fs::write(&file, text).unwrap();
    let config = Config::read(&file).unwrap();
    let transport: Arc<dyn Transport> = Arc::new(Adapter::Reqwest.transport());
    let secret = config.vendors()[0].read_secret(&transport).await.unwrap();
    assert_eq!(secret.expose_secret(), "k-1");
}

#[test]
fn a_configuration_that_everybody_can_write_is_refused_and_one_with_a_key_that_everybody_can_read()
{
    let folder = tempfile::tempdir().unwrap();
    let plain = "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'K' }";
    let inline = "[vendors.v]\npreset = 'alphamoon'\nkey = { dangerous_inline = 'a:b' }";
    for (text, mode, is_right) in [
        (plain, 0o644, true),
        (plain, 0o646, false),
        (inline, 0o640, true),
        (inline, 0o644, false),
    ] {
        let path = secret_file(&folder, "multi-auth.toml", text);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(Config::read(path).is_ok(), is_right, "{mode:o}");
    }
}

#[test]
fn vaults_token_in_a_configuration_that_everybody_can_read_is_refused_too() {
    let folder = tempfile::tempdir().unwrap();
    let vault = "[vault]\nurl = 'https://vault.example'\ntoken = { dangerous_inline = 'canary' }\n";
    let used = "[vendors.v]\npreset = 'alphamoon'\nkey = { vault = 'secret/a#b' }";
    let unused = "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'K' }";
    for vendor in [used, unused] {
        for (mode, is_right) in [(0o640, true), (0o644, false)] {
            let path = secret_file(&folder, "multi-auth.toml", &format!("{vault}{vendor}"));
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Config::read(path).is_ok(), is_right, "{vendor} {mode:o}");
        }
    }
}

#[tokio::test]
async fn a_name_that_would_move_a_terminals_cursor_is_shown_harmlessly() {
    let error = FileSource::new("/no/\u{1b}]0;pwn\u{7}\nfile")
        .read()
        .await
        .unwrap_err();
    assert!(!error.to_string().contains(char::is_control), "{error:?}");
    let error = Config::parse("[vendors", "a\u{1b}\nb", []).unwrap_err();
    assert!(!error.to_string().contains(char::is_control), "{error:?}");
}

#[tokio::test]
async fn the_line_break_at_a_files_end_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("k-1", Ok("k-1")),
        ("k-1\n", Ok("k-1")),
        ("k-1\r\n", Ok("k-1")),
        ("k-1\n\n", Ok("k-1\n")),
        (" k-1 ", Ok(" k-1 ")),
        ("", Err(SourceProblem::Empty)),
        ("\n", Err(SourceProblem::Empty)),
    ] {
        let path = secret_file(&folder, "key", text);
        let found = read(FileSource::new(path)).await;
        assert_eq!(found, expected.map(str::to_owned), "{text:?}");
    }
}

#[tokio::test]
async fn a_file_that_everybody_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = secret_file(&folder, "key", "k-1");
    for (mode, is_refused) in [
        (0o600, false),
        (0o400, false),
        (0o440, false),
        (0o640, false),
        (0o644, true),
        (0o604, true),
        (0o602, true),
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let found = read(FileSource::new(&path)).await;
        assert_eq!(
            found == Err(SourceProblem::OpenToOthers),
            is_refused,
            "{mode:o}"
        );
    }
}

#[tokio::test]
async fn a_symlink_is_followed_and_only_regular_files_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = secret_file(&folder, "..data", "k-1");
    let link = folder.path().join("key");
    std::os::unix::fs::symlink(path, &link).unwrap();
    assert_eq!(read(FileSource::new(link)).await, Ok("k-1".to_owned()));
    assert_eq!(
        read(FileSource::new(folder.path())).await,
        Err(SourceProblem::NotAFile)
    );
    assert_eq!(
        read(FileSource::new("/dev/zero")).await,
        Err(SourceProblem::NotAFile)
    );
    assert_eq!(
        read(FileSource::new(folder.path().join("none"))).await,
        Err(SourceProblem::Missing)
    );
}

#[tokio::test]
async fn an_invalid_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let long = secret_file(&folder, "long", &"k".repeat(64 * 1024 + 1));
    assert_eq!(
        read(FileSource::new(long)).await,
        Err(SourceProblem::TooLong)
    );
    let wide = secret_file(&folder, "wide", "");
    fs::write(&wide, [0xff, 0xfe, b'k', 0]).unwrap();
    assert_eq!(
        read(FileSource::new(wide)).await,
        Err(SourceProblem::NotText)
    );
}

#[tokio::test]
async fn what_a_command_prints_is_the_secret() {
    let shell = |script: &str| CommandSource::new("sh", ["-c", script]);
    assert_eq!(read(shell("echo k-1")).await, Ok("k-1".to_owned()));
    assert_eq!(read(shell("cat")).await, Err(SourceProblem::Empty));
    // What it leaves running holds its output open, and is not waited for.
    assert_eq!(
        read(shell("sleep 5 & echo k-1")).await,
        Ok("k-1".to_owned())
    );
    let failed = read(shell("echo canary; echo canary >&2; exit 3")).await;
    let Err(SourceProblem::Failed(status)) = failed else {
        panic!("{failed:?}")
    };
    assert!(
        status.contains('3') && !status.contains("canary"),
        "{status}"
    );
    let endless = read(shell("while :; do echo canary; done")).await;
    assert_eq!(endless, Err(SourceProblem::TooLong));
    let unknown = read(CommandSource::new("/no/such/program", [""; 0])).await;
    assert!(
        matches!(unknown, Err(SourceProblem::NotStarted(_))),
        "{unknown:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_command_that_waits_for_input_is_killed() {
    let source = CommandSource::new("sleep", ["600"]);
    assert_eq!(read(source).await, Err(SourceProblem::TimedOut(30)));
}

#[tokio::test]
async fn a_variable_is_read_at_each_read_of_the_source() {
    assert!(read(EnvSource::new("PATH")).await.is_ok());
    for name in ["MULTI_AUTH_NO_SUCH_VARIABLE", "", "A=B", "A\0B"] {
        assert_eq!(
            read(EnvSource::new(name)).await,
            Err(SourceProblem::Missing),
            "{name:?}"
        );
    }
}

#[tokio::test]
async fn a_command_gets_only_the_named_variables() {
    let print = CommandSource::new("env", [""; 0]);
    let names = |text: &str| {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        lines.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
    };
    let mut found = names(&read(print.clone()).await.unwrap());
    found.sort();
    assert_eq!(found, ["HOME", "PATH"]);
    // Cargo sets it, as others set keys.
    let more = print.with_environment(["CARGO_PKG_NAME", "MULTI_AUTH_NO_SUCH_VARIABLE"]);
    let mut found = names(&read(more).await.unwrap());
    found.sort();
    assert_eq!(found, ["CARGO_PKG_NAME", "HOME", "PATH"]);
    let text = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\n\
                key = { command = { run = ['printenv', 'CARGO_PKG_NAME'], env = ['CARGO_PKG_NAME'] } }";
    let config = parse(text).unwrap();
    let transport: Arc<dyn Transport> = Arc::new(Adapter::Reqwest.transport());
    let secret = config.vendors()[0].read_secret(&transport).await.unwrap();
    assert_eq!(secret.expose_secret(), "multi-auth-tests");
}

/// A pipe that is open for writing for as long as a child of a command lives.
struct Children {
    folder: TempDir,
}

impl Children {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("alive");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        Self { folder }
    }

    /// A command that leaves a child running which holds the pipe, and then runs `script`.
    fn command(&self, script: &str) -> CommandSource {
        let pipe = self.folder.path().join("alive");
        let script = format!("exec 9>{}; sleep 600 & exec 9>&-; {script}", pipe.display());
        CommandSource::new("sh", ["-c", &script])
    }

    /// Waits until a child has opened the pipe, and then until none has it open any more.
    async fn come_and_go(&self) {
        let pipe = self.folder.path().join("alive");
        let read = move || fs::read(pipe).unwrap();
        assert_eq!(tokio::task::spawn_blocking(read).await.unwrap(), b"");
    }
}

#[tokio::test]
async fn what_a_command_leaves_running_is_killed_with_it() {
    let children = Children::new();
    let (found, ()) = tokio::join!(read(children.command("echo k-1")), children.come_and_go());
    assert_eq!(found, Ok("k-1".to_owned()));
}

#[tokio::test]
async fn the_children_of_a_command_are_killed_with_its_caller() {
    let children = Children::new();
    let command = children.command("sleep 600");
    let asking = tokio::spawn(async move { read(command).await });
    let gone = children.come_and_go();
    let abort = async {
        tokio::task::yield_now().await;
        // The child is there once the pipe is open.
        let pipe = children.folder.path().join("alive");
        let opened = tokio::task::spawn_blocking(move || fs::File::open(pipe));
        drop(opened.await.unwrap().unwrap());
        asking.abort();
    };
    tokio::join!(gone, abort);
}

#[test]
fn a_dollar_in_a_path_is_an_error_because_it_is_not_expanded() {
    let text = |path: &str| {
        format!(
            "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = {{ file = '{path}' }}"
        )
    };
    for path in ["$HOME/canary", "${HOME}/canary", "/run/$USER/canary"] {
        let error = parse(&text(path)).unwrap_err().to_string();
        assert!(error.contains("variables are not expanded"), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = secret_file(&folder, "a$b", "k-1");
    assert!(parse(&text(&path.display().to_string())).is_ok());
}
