//! What a command prints.

use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::SecretString;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{MOST, SecretSource, SourceError, SourceProblem, origin, room, secret};

/// A secret that a command prints, as password managers do: `pass show vendor`, `op read op://...`.
///
/// No shell reads the arguments. It gets no input, has 30 s, and is ended with whoever asked for it. What it writes to
/// its error stream is not shown, for nobody knows what stands there; nor are its arguments.
#[derive(Clone)]
pub struct CommandSource {
    program: String,
    arguments: Vec<String>,
}

const LIMIT: Duration = Duration::from_secs(30);

/// How long the output is read on after the command has ended: all that it printed waits to be read by then.
const GRACE: Duration = Duration::from_millis(100);

impl CommandSource {
    /// The command `program` with `arguments`.
    pub fn new(
        program: impl Into<String>,
        arguments: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }

    async fn look(&self) -> Result<SecretString, SourceProblem> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let child = command.spawn();
        let mut child = child.map_err(|error| SourceProblem::NotStarted(error.kind()))?;
        let mut bytes = room();
        let ended = output(&mut child, &mut bytes).await?;
        if bytes.len() > MOST {
            return Err(SourceProblem::TooLong);
        }
        let status = match ended {
            Some(status) => status,
            None => child.wait().await?,
        };
        if !status.success() {
            return Err(SourceProblem::Failed(status.to_string()));
        }
        secret(bytes)
    }
}

/// Reads what `child` prints, until it says that this is all, or ends: what it has left running may hold its output open.
async fn output(child: &mut Child, bytes: &mut Vec<u8>) -> io::Result<Option<ExitStatus>> {
    let stdout = child.stdout.take();
    let read = async {
        if let Some(stdout) = stdout {
            let mut stdout = stdout.take(MOST as u64 + 1);
            while stdout.read_buf(bytes).await? > 0 {}
        }
        io::Result::Ok(())
    };
    let mut read = pin!(read);
    tokio::select! {
        all = &mut read => all.map(|()| None),
        status = child.wait() => {
            let _ = timeout(GRACE, read).await;
            status.map(Some)
        }
    }
}

impl std::fmt::Debug for CommandSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommandSource")
            .field("program", &self.program)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl SecretSource for CommandSource {
    async fn read(&self) -> Result<SecretString, SourceError> {
        let what = || origin::command(&self.program);
        let looked = timeout(LIMIT, self.look()).await;
        looked
            .unwrap_or(Err(SourceProblem::TimedOut(LIMIT.as_secs())))
            .map_err(|problem| SourceError::new(what(), problem))
    }
}
