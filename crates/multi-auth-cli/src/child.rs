//! Runs a command of the user.

use std::ffi::OsStr;
use std::process::ExitStatus;

use tokio::process::{Child, Command};

use crate::Outcome;
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::exit::Exit;
use crate::signals::Signals;

/// Runs a command with `variables` in its environment, and without those for which `is_hidden`
/// returns `true`. If this program ends, it ends the command, and waits for it.
pub(crate) async fn run<K: AsRef<OsStr>, V: AsRef<OsStr>>(
    program: &str,
    arguments: &[String],
    variables: impl IntoIterator<Item = (K, V)>,
    is_hidden: impl Fn(&str) -> bool,
) -> Outcome {
    let mut child = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(&is_hidden) {
            child.env_remove(name);
        }
    }
    child.args(arguments).envs(variables).kill_on_drop(true);
    // Before the command can request it.
    let signals = Signals::listen();
    let mut signals = signals
        .map_err(|error| Diagnostic::usage(format!("no signal can be received: {error}")))?;
    let child = child.spawn();
    let mut child = child.map_err(|error| {
        Diagnostic::usage(format!("the command cannot be run: {error}"))
            .with_remedy("check the spelling of the command, and PATH")
    })?;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            () = signals.ended() => end(&mut child),
        }
    };
    let status = status.map_err(|error| {
        let problem = format!("the command cannot be waited for: {error}");
        Diagnostic::new(DiagnosticCode::System, problem)
    })?;
    Ok(Exit::Of(code(status)))
}

/// Asks the command to end.
#[cfg(unix)]
fn end(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process};
    let id = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
    if let Some(id) = id {
        // It may have ended.
        let _ = kill_process(id, Signal::TERM);
    }
}

/// Ends the command.
#[cfg(not(unix))]
fn end(child: &mut Child) {
    let _ = child.start_kill();
}

/// The exit code of a command, as in a shell.
#[cfg(unix)]
fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(not(unix))]
fn code(status: ExitStatus) -> u8 {
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1)
}
