//! Generates the JSON Schema, completions and manual pages.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::Outcome;
use crate::args::Args;
use crate::diagnostic::Diagnostic;
use crate::exit::Exit;
use crate::output;

pub(crate) fn schema(is_of_vendor: bool) -> Exit {
    output::line(&if is_of_vendor {
        multi_auth_config::vendor_schema()
    } else {
        multi_auth_config::schema()
    });
    Exit::Fine
}

pub(crate) fn completions(shell: Shell) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "multi-auth", &mut text);
    output::line(String::from_utf8_lossy(&text).trim_end());
    Exit::Fine
}

/// One page for the program and one for each command, in the format of `man`.
pub(crate) fn man(folder: &Path) -> Outcome {
    let wrong = |error: std::io::Error| Diagnostic::usage(format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(wrong)?;
    clap_mangen::generate_to(Args::command(), folder).map_err(wrong)?;
    Ok(Exit::Fine)
}
