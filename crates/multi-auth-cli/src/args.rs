//! The command line.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use crate::exit::EXITS;

/// Checks whether the credentials of a configuration work, and sends requests with them.
#[derive(Debug, Parser)]
#[command(name = "multi-auth", version, after_help = EXITS, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) general: General,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The options of every command.
#[derive(Debug, clap::Args)]
#[command(next_display_order = 100)]
pub(crate) struct General {
    /// The configuration
    #[arg(long, short, global = true, value_name = "FILE", env = "MULTI_AUTH_CONFIG", default_value = "multi-auth.toml", value_hint = ValueHint::FilePath)]
    pub(crate) config: PathBuf,
    /// A directory of vendors' files, whose names are presets too
    #[arg(long, global = true, value_name = "DIR", env = "MULTI_AUTH_CATALOGUE", value_hint = ValueHint::DirPath)]
    pub(crate) catalogue: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log what happens: -v token requests, -vv every event
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Trust the certificates in this PEM file too
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca: Option<PathBuf>,
    /// The time limit of a response, in seconds. The proxy uses it for token requests only
    #[arg(long, global = true, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub(crate) timeout: Duration,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check each credential: can it be read, and does the vendor accept it?
    Check(CheckArgs),
    /// Log in at a vendor, and store the refresh token
    Login(LoginArgs),
    /// Revoke the stored refresh token of a vendor, and remove it
    Logout(LogoutArgs),
    /// Send a request with the credential that is bound to its URL
    Request(RequestArgs),
    /// Print the header fields of a request, as for `curl -H @-`
    Header(HeaderArgs),
    /// Ask for vendors and write a configuration
    Init(InitArgs),
    /// List the vendors of the catalogue, or explain one
    Vendors(VendorsArgs),
    /// Serve a proxy that puts credentials on the requests of other programs
    Proxy(ProxyArgs),
    /// Run a command with a private proxy, so that it needs no key
    Run(RunArgs),
    /// Serve the vendors' requests to an AI agent as a tool of the Model Context Protocol
    Mcp(McpArgs),
    /// Print a new token for a caller of the proxy, and its hash
    CallerToken,
    /// Serve simulators of the vendors on loopback
    Simulate(SimulateArgs),
    /// Show the credentials of both vendors at work
    Demo,
    /// Print the JSON Schema of the configuration, for editors
    Schema {
        /// Print the schema of a vendor's file
        #[arg(long)]
        vendor: bool,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages into a folder
    Man {
        /// The folder
        #[arg(value_hint = ValueHint::DirPath)]
        folder: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The vendors to check; default: all
    #[arg(value_name = "VENDOR")]
    pub(crate) vendors: Vec<String>,
    /// Fail if a key has fewer whole days left than this: for use before a deployment
    #[arg(long, value_name = "DAYS")]
    pub(crate) days: Option<u32>,
    /// Check the keys and their format only, and ask no vendor
    #[arg(long)]
    pub(crate) offline: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LoginArgs {
    /// The vendor; its scheme is `refresh_token`
    #[arg(value_name = "VENDOR")]
    pub(crate) vendor: String,
    /// Show a code to enter on another device, in place of opening a browser here
    #[arg(long)]
    pub(crate) device: bool,
    /// Print the page's URL and open no browser
    #[arg(long, conflicts_with = "device")]
    pub(crate) no_browser: bool,
    /// The port of the redirect to 127.0.0.1, if the vendor accepts only a registered one; default:
    /// any free port
    #[arg(
        long,
        value_name = "PORT",
        default_value = "0",
        conflicts_with = "device"
    )]
    pub(crate) port: u16,
    /// How long to wait for the browser, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds, conflicts_with = "device")]
    pub(crate) wait: Duration,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LogoutArgs {
    /// The vendor
    #[arg(value_name = "VENDOR")]
    pub(crate) vendor: String,
    /// Remove the token without revoking it, if the vendor cannot be reached
    #[arg(long)]
    pub(crate) local: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RequestArgs {
    /// The URL
    #[arg(value_hint = ValueHint::Url)]
    pub(crate) url: String,
    #[command(flatten)]
    pub(crate) message: MessageArgs,
    /// A header field, as in `Accept: text/csv`; @FILE reads fields from a file, @- from the input
    /// (for secrets)
    #[arg(short = 'H', long = "header", value_name = "FIELD")]
    pub(crate) headers: Vec<String>,
    /// Print the response's status and header section too
    #[arg(short, long)]
    pub(crate) include: bool,
    /// The customer whose credential to use, if a vendor has several
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Send the request this many times, rotating keys that change, and print the results
    #[arg(long, value_name = "COUNT", conflicts_with = "include")]
    pub(crate) times: Option<NonZeroU32>,
    /// With --times, how many requests to send at once
    #[arg(long, value_name = "COUNT", requires = "times", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) parallel: u32,
}

/// The method and the body of a request.
#[derive(Debug, clap::Args)]
pub(crate) struct MessageArgs {
    /// The method; GET, or POST with data
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    pub(crate) method: Option<http::Method>,
    /// The body; @FILE reads it from a file, @- from the input (for secrets)
    #[arg(short, long, value_name = "DATA")]
    pub(crate) data: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: multi-auth header URL --show-secret | curl -H @- URL\n\n\
    The pipe hides the secret. Every user of this machine can read an argument."
)]
pub(crate) struct HeaderArgs {
    /// The URL of the request
    #[arg(value_hint = ValueHint::Url)]
    pub(crate) url: String,
    #[command(flatten)]
    pub(crate) message: MessageArgs,
    /// The customer whose credential to use, if a vendor has several
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Print the secret without asking
    #[arg(long)]
    pub(crate) show_secret: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    /// Replace an existing configuration
    #[arg(long)]
    pub(crate) force: bool,
    /// Take the first vendor from this OpenAPI 3 document, in JSON or YAML
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) openapi: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct VendorsArgs {
    /// The preset to explain; default: list all
    #[arg(value_name = "PRESET")]
    pub(crate) vendor: Option<String>,
    /// List the vendors with this word in the name or the URL
    #[arg(long, value_name = "WORD", conflicts_with = "vendor")]
    pub(crate) search: Option<String>,
    /// Print the list as a page of Markdown
    #[arg(long, conflicts_with_all = ["vendor", "json"])]
    pub(crate) markdown: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ProxyArgs {
    /// Append the audit lines to this file; default: print them
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) audit: Option<PathBuf>,
    /// How many threads serve requests. One serves more than 20,000 requests per second at the
    /// least cost
    #[arg(long, value_name = "COUNT", default_value = "1", value_parser = clap::value_parser!(u8).range(1..))]
    pub(crate) threads: u8,
    /// How long requests may take to end after SIGTERM, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub(crate) drain: Duration,
    /// Read the requests in tunnels to the vendors, and attach their credentials. Writes the
    /// certificate that callers have to trust to this file. Its key is in memory only
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) intercept: Option<PathBuf>,
    /// Listen at addresses at which another process of this user listens too, to take over from it
    #[arg(long)]
    pub(crate) reuse_port: bool,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "The command's environment has http_proxy, and for each vendor NAME_BASE_URL and NAME_API_KEY.\n\
    Example: multi-auth run -- python report.py"
)]
pub(crate) struct RunArgs {
    /// The vendors that the command may call; default: all of the configuration
    #[arg(long = "vendor", value_name = "VENDOR")]
    pub(crate) vendors: Vec<String>,
    /// Do not set `http_proxy`, through which only the vendors can be reached
    #[arg(long)]
    pub(crate) no_http_proxy: bool,
    /// Set `https_proxy` too, and attach the credentials to requests to the vendors' own URLs. The
    /// command trusts a certificate authority for the vendors' hosts, whose key is in memory only
    #[arg(long, conflicts_with = "no_http_proxy")]
    pub(crate) intercept: bool,
    /// Append the audit lines to this file; default: none
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) audit: Option<PathBuf>,
    /// The command
    #[arg(last = true, required = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<String>,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "The agent starts it, and speaks over its input and output. With --http, agents connect to it,\n\
    each with a caller's token in Authorization."
)]
pub(crate) struct McpArgs {
    /// The vendors that the agent may call; default: all of the configuration
    #[arg(long = "vendor", value_name = "VENDOR")]
    pub(crate) vendors: Vec<String>,
    /// The caller of the configuration whose rules and limits hold; default: all requests to the
    /// vendors
    #[arg(long, value_name = "NAME")]
    pub(crate) caller: Option<String>,
    /// Serve streamable HTTP at this address, as in 127.0.0.1:8790, to the callers of the
    /// configuration
    #[arg(long, value_name = "ADDRESS", conflicts_with = "caller")]
    pub(crate) http: Option<SocketAddr>,
    /// Append the audit lines to this file; default: none
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) audit: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SimulateArgs {
    /// The port of Alphamoon's simulator; default: any free port
    #[arg(long, value_name = "PORT", default_value = "0")]
    pub(crate) alphamoon: u16,
    /// The port of Immuta's simulator; default: any free port
    #[arg(long, value_name = "PORT", default_value = "0")]
    pub(crate) immuta: u16,
    /// A command to run with the simulators' addresses and keys in its environment; they stop with
    /// it
    #[arg(last = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<String>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().map(Duration::try_from_secs_f64);
    match seconds {
        Some(Ok(length)) if !length.is_zero() => Ok(length),
        Some(_) | None => Err("give a number of seconds above 0".to_owned()),
    }
}
