//! The `multi-auth` program: says whether the credentials of a configuration work, and sends requests with them.

mod args;
mod check;
mod client;
mod demo;
mod exit;
mod header;
mod init;
mod log;
mod pages;
mod request;
mod rule;
mod simulate;
mod tell;

use std::process::ExitCode;

use clap::Parser;

use self::args::{Args, Command};
use self::exit::Exit;
use self::rule::Fault;

/// What becomes of a command: how it ends, or what was wrong.
type Outcome = Result<Exit, Fault>;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    log::start(args.general.verbose);
    let exit = match run(&args).await {
        Ok(exit) => exit,
        Err(fault) => {
            tell::fault(&args.general, &fault);
            fault.rule().exit()
        }
    };
    exit.into()
}

async fn run(args: &Args) -> Outcome {
    let general = &args.general;
    match &args.command {
        Command::Check(command) => check::run(general, command).await,
        Command::Request(command) => request::run(general, command).await,
        Command::Header(command) => header::run(general, command).await,
        Command::Init(command) => init::run(general, command),
        Command::Simulate(command) => simulate::run(general, command).await,
        Command::Demo => demo::run(general).await,
        Command::Schema => Ok(pages::schema()),
        Command::Completions { shell } => Ok(pages::completions(*shell)),
        Command::Man { folder } => pages::man(folder),
    }
}
