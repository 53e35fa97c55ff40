//! Reports an invalid command line. It repeats the names of options only: any other word may be a
//! key whose quotes were forgotten.

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::Args;
use crate::diagnostic::Diagnostic;
use crate::exit::Exit;
use crate::output;

/// The command line, or how the program ends without one.
pub(crate) fn parse() -> Result<Args, Exit> {
    Args::try_parse().map_err(|error| report(&error))
}

fn report(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        // The reader may close the pipe before the end of the help.
        let _ = error.print();
        return Exit::Fine;
    }
    let is_json = std::env::args_os().any(|argument| argument == "--json");
    output::diagnostic(is_json, &diagnostic(error));
    Exit::Usage
}

fn diagnostic(error: &clap::Error) -> Diagnostic {
    let diagnostic = Diagnostic::usage(problem(error));
    match remedy(error) {
        Some(remedy) => diagnostic.with_remedy(remedy),
        None => diagnostic,
    }
}

fn problem(error: &clap::Error) -> String {
    let argument = text(error, ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::UnknownArgument => unknown(argument),
        kind if is_own(kind) => {
            let argument = argument.map(|argument| format!(": {argument}"));
            format!("{}{}", what(kind), argument.unwrap_or_default())
        }
        kind => what(kind).to_owned(),
    }
}

/// Reports an unknown option. A word that is not spelled like an option is not printed.
fn unknown(argument: Option<&str>) -> String {
    match argument {
        Some(name) if is_option(name) => format!("there is no option {name} here"),
        Some(word) if word.starts_with('-') => {
            "there is no such option here (it is not shown: it may be a key)".to_owned()
        }
        _ => "an argument was not expected (it is not shown: it may be a key)".to_owned(),
    }
}

/// Whether `word` is written like the name of an option: `--` with lowercase letters and hyphens,
/// or `-` with one letter.
fn is_option(word: &str) -> bool {
    let is_long = |name: &str| {
        let mut bytes = name.bytes();
        bytes.all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    let is_short =
        |name: &str| name.len() == 1 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    match word.strip_prefix("--") {
        Some(name) => is_long(name),
        None => word.strip_prefix('-').is_some_and(is_short),
    }
}

/// The remedy. It uses only names that the program knows.
fn remedy(error: &clap::Error) -> Option<String> {
    let similar = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    if let Some(similar) = similar.into_iter().find_map(|kind| text(error, kind)) {
        return Some(format!("did you mean `{similar}`?"));
    }
    let argument = text(error, ContextKind::InvalidArg).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument if runs_a_command(error) => Some(
            "write `--` before the command, as in `multi-auth run -- python3 report.py`".to_owned(),
        ),
        ErrorKind::UnknownArgument if !argument.starts_with('-') => {
            Some("put quotes around a value that has spaces in it".to_owned())
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => range(error, argument),
        _ => None,
    }
}

/// Whether a command of the user belongs behind `--`.
fn runs_a_command(error: &clap::Error) -> bool {
    let usage = error.get(ContextKind::Usage);
    matches!(usage, Some(ContextValue::StyledStr(usage)) if usage.to_string().contains("-- <COMMAND>"))
}

/// The values that `argument` takes.
fn range(error: &clap::Error, argument: &str) -> Option<String> {
    if let Some(ContextValue::Strings(valid)) = error.get(ContextKind::ValidValue)
        && !valid.is_empty()
    {
        return Some(format!("give one of {}", valid.join(", ")));
    }
    let takes = match argument.split_whitespace().next()? {
        "--timeout" => "a number of seconds, more than 0",
        "--days" => "a number of whole days",
        "--times" => "a number, 1 or more",
        "--parallel" => "a number from 1 to 1000",
        "--alphamoon" | "--immuta" => "a port from 1 to 65535, or 0 for any free one",
        "--request" | "-X" => "the name of a method, such as PUT",
        _ => return None,
    };
    Some(format!("give {takes}"))
}

/// The text of `kind` in clap's error. Of several, the last is the most similar.
fn text(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        ContextValue::Strings(texts) => texts.last().map(String::as_str),
        _ => None,
    }
}

/// Whether the argument in the error is a known one, by its name.
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

fn what(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSubcommand => "there is no such command",
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "a command is missing"
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "a value is invalid",
        ErrorKind::MissingRequiredArgument => "an argument is missing",
        ErrorKind::ArgumentConflict => "two arguments exclude each other",
        _ => "the command line is invalid",
    }
}
