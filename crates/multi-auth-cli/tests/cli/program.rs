//! Runs the program in a separate directory.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// What must never be shown; every key of these tests has it in it.
pub(crate) const CANARY: &str = "canary";

/// A folder with a configuration.
pub(crate) struct Home {
    folder: TempDir,
}

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Home {
    pub(crate) fn new(config: &str) -> Self {
        let home = Self::empty();
        std::fs::write(home.path("multi-auth.toml"), config).unwrap();
        home
    }

    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file that only its owner can read.
    pub(crate) fn secret(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_multi-auth"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("MULTI_AUTH_CONFIG")
            // A name server that is mute must not pass for a vendor that is.
            .env("RES_OPTIONS", "timeout:1 attempts:1")
            .kill_on_drop(true);
        command
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Run {
        self.answering(arguments, "").await
    }

    /// Runs it with these variables in its environment.
    pub(crate) async fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        Self::finish(command, "").await
    }

    /// Runs it with `answers` on its input.
    pub(crate) async fn answering(&self, arguments: &[&str], answers: &str) -> Run {
        Self::finish(self.command(arguments), answers).await
    }

    async fn finish(mut command: Command, answers: &str) -> Run {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        // It may have ended without reading them.
        let _ = input.write_all(answers.as_bytes()).await;
        drop(input);
        let output = child.wait_with_output().await.unwrap();
        Run {
            code: output.status.code(),
            output: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.output).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// All that was shown.
    pub(crate) fn shown(&self) -> String {
        format!("{}{}", self.output, self.errors)
    }

    /// Fails if a byte of a key was shown.
    pub(crate) fn shows_no_key(&self) -> &Self {
        assert!(!self.shown().contains(CANARY), "{self:?}");
        self
    }
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
