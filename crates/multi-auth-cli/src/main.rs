//! The `multi-auth` program: checks whether the credentials of a configuration work, and sends
//! requests with them.

mod args;
mod caller_token;
mod causes;
mod check;
mod child;
mod client;
mod demo;
mod diagnostic;
mod exit;
mod header;
mod init;
mod input;
mod intercept;
mod interrupt;
mod log;
mod login;
mod mcp;
mod message;
mod output;
mod pages;
mod private;
mod proxy;
mod request;
mod roots;
mod run;
mod signals;
mod simulate;
mod usage;
mod vendors;

use std::io;
use std::process::ExitCode;

use tokio::runtime::{Builder, Runtime};

use self::args::{Args, Command};
use self::diagnostic::{Diagnostic, DiagnosticCode};
use self::exit::Exit;

/// Requests take and give back much memory, for which it needs less time than that of the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The result of a command.
type Outcome = Result<Exit, Diagnostic>;

fn main() -> ExitCode {
    let args = match usage::parse() {
        Ok(args) => args,
        Err(exit) => return exit.into(),
    };
    log::start(&args);
    let runtime = match runtime(&args) {
        Ok(runtime) => runtime,
        Err(error) => {
            let problem = format!("could not start the async runtime: {error}");
            let diagnostic = Diagnostic::new(DiagnosticCode::System, problem);
            output::diagnostic(args.general.json, &diagnostic);
            return diagnostic.exit().into();
        }
    };
    let exit = match runtime.block_on(run(&args)) {
        Ok(exit) => exit,
        Err(diagnostic) => {
            output::diagnostic(args.general.json, &diagnostic);
            diagnostic.exit()
        }
    };
    // Do not wait for threads that are blocked by a name server or a file system.
    runtime.shutdown_background();
    if !output::finish() {
        output::note("error: the output could not be written");
        return Exit::Unknown.into();
    }
    exit.into()
}

/// With one thread, no request wakes another thread.
fn runtime(args: &Args) -> io::Result<Runtime> {
    let threads = match &args.command {
        Command::Proxy(command) => command.threads,
        Command::Run(_) | Command::Mcp(_) => 1,
        _ => return Runtime::new(),
    };
    if threads == 1 {
        return Builder::new_current_thread().enable_all().build();
    }
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(threads.into()).enable_all().build()
}

async fn run(args: &Args) -> Outcome {
    let general = &args.general;
    match &args.command {
        Command::Check(command) => check::run(general, command).await,
        Command::Request(command) => request::run(general, command).await,
        Command::Login(command) => login::log_in(general, command).await,
        Command::Logout(command) => login::log_out(general, command).await,
        Command::Header(command) => header::run(general, command).await,
        Command::Init(command) => init::run(general, command),
        Command::Vendors(command) => vendors::run(general, command),
        Command::Proxy(command) => proxy::run(general, command).await,
        Command::Run(command) => run::run(general, command).await,
        Command::Mcp(command) => mcp::run(general, command).await,
        Command::CallerToken => caller_token::run(general),
        Command::Simulate(command) => simulate::run(general, command).await,
        Command::Demo => demo::run(general).await,
        Command::Schema { vendor } => Ok(pages::schema(*vendor)),
        Command::Completions { shell } => Ok(pages::completions(*shell)),
        Command::Man { folder } => pages::man(folder),
    }
}
