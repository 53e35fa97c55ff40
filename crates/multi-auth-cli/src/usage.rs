//! A command line that cannot be meant is told of without what stands there: it may be a key whose quotes were forgotten.

use clap::Parser;
use clap::error::{ContextKind, ErrorKind};

use crate::args::Args;
use crate::exit::Exit;
use crate::rule::Fault;
use crate::tell;

/// The command line, or how the program ends without one.
pub(crate) fn parse() -> Result<Args, Exit> {
    Args::try_parse().map_err(|error| tell_of(&error))
}

fn tell_of(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        // Whoever does not read the help to its end has had enough.
        let _ = error.print();
        return Exit::Fine;
    }
    let is_json = std::env::args_os().any(|argument| argument == "--json");
    tell::fault(is_json, &Fault::usage(problem(error)));
    Exit::Usage
}

fn problem(error: &clap::Error) -> String {
    let argument = error
        .get(ContextKind::InvalidArg)
        .filter(|_| is_own(error.kind()));
    let of = argument.map(|argument| format!(": {argument}"));
    format!("{}{}", kind(error.kind()), of.unwrap_or_default())
}

/// Whether the argument that is complained of is one of the program's own, by its name.
fn is_own(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::MissingRequiredArgument
            | ErrorKind::InvalidValue
            | ErrorKind::ValueValidation
            | ErrorKind::ArgumentConflict
            | ErrorKind::NoEquals
            | ErrorKind::TooFewValues
    )
}

fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::UnknownArgument => {
            "an argument was not expected (it is not shown, for it may be a key): put quotes around what has spaces in it"
        }
        ErrorKind::InvalidSubcommand => "there is no such command",
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "a command is missing"
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "a value cannot be meant",
        ErrorKind::MissingRequiredArgument => "an argument is missing",
        ErrorKind::ArgumentConflict => "two arguments do not go together",
        _ => "the command line cannot be meant",
    }
}
