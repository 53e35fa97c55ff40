//! Writes the libraries' logs to the error stream: warnings, and more with `-v`.

use anstream::{AutoStream, ColorChoice};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::args::{Args, Command};

pub(crate) fn start(args: &Args) {
    let level = match (&args.command, args.general.verbose) {
        // The report of `check` contains it.
        (Command::Check(_), 0) => LevelFilter::OFF,
        (_, 0) => LevelFilter::WARN,
        (_, 1) => LevelFilter::DEBUG,
        (_, 2..) => LevelFilter::TRACE,
    };
    // Logs of HTTP clients may show requests.
    let ours = Targets::new()
        .with_target("multi_auth", level)
        .with_target("multi_auth_config", level)
        .with_target("multi_auth_proxy", level)
        .with_target("multi_auth_reqwest", level);
    let is_coloured = AutoStream::choice(&std::io::stderr()) != ColorChoice::Never;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(is_coloured)
        .without_time()
        .with_target(false);
    // No other subscriber is set, so this cannot fail.
    let _ = tracing_subscriber::registry()
        .with(ours)
        .with(lines)
        .try_init();
}
