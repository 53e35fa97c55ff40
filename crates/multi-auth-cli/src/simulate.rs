//! `multi-auth simulate`: serves both vendors on loopback, until Ctrl-C or until a command ends.

mod signals;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitStatus;

use multi_auth_testing::{AlphamoonSimulator, ImmutaSimulator};
use tokio::process::Command;

use self::signals::Signals;
use crate::args::{General, SimulateArgs};
use crate::diagnostic::Diagnostic;
use crate::exit::Exit;
use crate::{Outcome, output};

pub(crate) async fn run(general: &General, command: &SimulateArgs) -> Outcome {
    let alphamoon = AlphamoonSimulator::builder().bind(loopback(command.alphamoon));
    let immuta = ImmutaSimulator::builder().bind(loopback(command.immuta));
    let alphamoon = alphamoon.start().await?;
    let immuta = immuta.start().await?;
    let variables = [
        ("ALPHAMOON_URL", alphamoon.url()),
        ("ALPHAMOON_API_KEY", alphamoon.organization_key()),
        ("IMMUTA_URL", immuta.url()),
        ("IMMUTA_API_KEY", immuta.api_key()),
    ];
    if let Some((program, arguments)) = command.command.split_first() {
        return with(program, arguments, &variables).await;
    }
    tell_of(general, &variables);
    // Without signals, nothing would end the program.
    let _ = tokio::signal::ctrl_c().await;
    Ok(Exit::Fine)
}

/// Runs a command with the simulators' addresses and keys in its environment. If this program ends,
/// it ends the command.
async fn with(program: &str, arguments: &[String], variables: &[(&str, &str)]) -> Outcome {
    let mut child = Command::new(program);
    child
        .args(arguments)
        .envs(variables.iter().copied())
        .kill_on_drop(true);
    // Before the command can request it.
    let signals = Signals::listen();
    let mut signals =
        signals.map_err(|error| Diagnostic::usage(format!("no signal can be heard: {error}")))?;
    let child = child.spawn();
    let mut child =
        child.map_err(|error| Diagnostic::usage(format!("the command cannot be run: {error}")))?;
    let status = tokio::select! {
        status = child.wait() => status,
        () = signals.ended() => {
            let _ = child.kill().await;
            child.wait().await
        }
    };
    let status = status
        .map_err(|error| Diagnostic::usage(format!("the command cannot be waited for: {error}")))?;
    Ok(Exit::Of(code(status)))
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

fn tell_of(general: &General, variables: &[(&str, &str)]) {
    if general.json {
        let variables: serde_json::Map<_, _> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).into()))
            .collect();
        return output::json(&variables);
    }
    for (name, value) in variables {
        output::line(&format!("export {name}='{value}'"));
    }
    output::line("# Both serve until Ctrl-C. The keys work only here.");
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
