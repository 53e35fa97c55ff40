//! The output of a command.

use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::SecretString;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{MOST, SecretSource, SourceError, SourceProblem, origin, room, secret, variable};

/// The output of a command, such as the password managers `pass show vendor` or `op read op://...`.
///
/// The command gets no shell and no input. Its limits are 30 s and 64 KiB of output. Errors show
/// neither its arguments nor its error stream: they may be secrets.
///
/// It gets the environment variables `PATH`, `HOME` and those of
/// [`with_environment`](Self::with_environment). Other variables may hold keys. On Unix it runs in
/// its own process group, which is killed when the command ends, times out or is cancelled.
///
/// ```
/// use multi_auth_config::CommandSource;
///
/// let source = CommandSource::new("pass", ["show", "reports"]).with_environment(["GPG_TTY"]);
/// ```
#[derive(Clone)]
pub struct CommandSource {
    program: String,
    arguments: Vec<String>,
    /// The names of further variables that it gets.
    variables: Vec<String>,
}

/// The variables that every command gets. Most programs on Windows need those of Windows.
const USUAL: &[&str] = &[
    "PATH",
    "HOME",
    #[cfg(windows)]
    "PATHEXT",
    #[cfg(windows)]
    "SYSTEMROOT",
    #[cfg(windows)]
    "TEMP",
    #[cfg(windows)]
    "USERPROFILE",
];

const LIMIT: Duration = Duration::from_secs(30);

/// How long the output is read after the command has ended: all that it printed waits to be read by
/// then.
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
            variables: Vec::new(),
        }
    }

    /// Passes further variables of this program's environment, as in `["GPG_TTY"]`.
    #[must_use]
    pub fn with_environment(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            variables: names.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// The command, not yet started.
    fn command(&self) -> Command {
        let own = self.variables.iter().map(String::as_str);
        let names = USUAL.iter().copied().chain(own);
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(names.filter_map(|name| Some((name, variable::value(name)?))))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        command
    }

    async fn look(&self) -> Result<SecretString, SourceProblem> {
        let child = self.command().spawn();
        let mut child = child.map_err(|error| SourceProblem::NotStarted(error.kind()))?;
        let _group = Group::of(&child);
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

/// The process group of a command. Dropping it kills the group.
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl Group {
    #[cfg(unix)]
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let leader = id.and_then(rustix::process::Pid::from_raw);
        Self { leader }
    }

    #[cfg(not(unix))]
    fn of(_: &Child) -> Self {
        Self {}
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        use rustix::process::{Signal, kill_process_group};

        // If no process of the group is left, the number is unused.
        if let Some(leader) = self.leader {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// Reads the output of `child` until it closes it or ends. A process that it left running may keep
/// the output open.
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
