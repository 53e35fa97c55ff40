//! Writes the output. Colours and progress appear on terminals only.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::diagnostic::Diagnostic;

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();

/// Writes `value` as JSON.
pub(crate) fn json(value: &impl Serialize) {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    line(&text);
}

/// Writes a line to the output.
pub(crate) fn line(text: &str) {
    wrote(writeln!(anstream::stdout(), "{text}"));
}

/// Writes bytes to the output. Returns whether more can be written.
pub(crate) fn bytes(bytes: &[u8]) -> bool {
    let written = io::stdout().write_all(bytes);
    let is_open = written.is_ok();
    wrote(written);
    is_open
}

/// Whether writing the output failed, other than by a closed pipe.
static IS_LOST: AtomicBool = AtomicBool::new(false);

/// Records a write error. A reader that closes the pipe early is not an error.
fn wrote(result: io::Result<()>) {
    if result.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
        IS_LOST.store(true, Ordering::Relaxed);
    }
}

/// Flushes the output. Returns whether everything was written.
pub(crate) fn finish() -> bool {
    wrote(io::stdout().flush());
    !IS_LOST.load(Ordering::Relaxed)
}

/// Writes a line to the error stream.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Writes the problem that ends the program early.
pub(crate) fn diagnostic(is_json: bool, diagnostic: &Diagnostic) {
    #[derive(Serialize)]
    struct Failed<'f> {
        error: &'f Diagnostic,
    }
    if is_json {
        json(&Failed { error: diagnostic });
    } else {
        diagnostic
            .all()
            .for_each(|diagnostic| note(&explained(diagnostic, None)));
    }
}

/// The problem and its remedy.
pub(crate) fn explained(diagnostic: &Diagnostic, vendor: Option<&str>) -> String {
    let vendor = vendor.map(|name| format!("{name}: ")).unwrap_or_default();
    let (code, problem, remedy) = (
        diagnostic.code().name(),
        diagnostic.problem(),
        diagnostic.remedy(),
    );
    format!("{RED}error[{code}]{RED:#}: {vendor}{problem}\n  help: {remedy}")
}

pub(crate) fn warning(text: &str) -> String {
    format!("{YELLOW}warning{YELLOW:#}: {text}")
}

/// A duration in the largest unit that gives at least 2.
pub(crate) fn span(length: Duration) -> String {
    const UNITS: [(u64, &str); 3] = [(24 * 60 * 60, "days"), (60 * 60, "h"), (60, "min")];
    let seconds = length.as_secs();
    let unit = UNITS.into_iter().find(|(unit, _)| seconds >= 2 * unit);
    match unit {
        Some((unit, name)) => format!("{} {name}", seconds / unit),
        None => format!("{seconds} s"),
    }
}

/// The progress of a long task: one line on a terminal, overwritten and removed at the end.
#[derive(Debug)]
pub(crate) struct Progress {
    total: usize,
    done: usize,
    is_shown: bool,
}

impl Progress {
    pub(crate) fn new(total: usize) -> Self {
        let progress = Self {
            total,
            done: 0,
            is_shown: io::stderr().is_terminal(),
        };
        progress.show();
        progress
    }

    pub(crate) fn step(&mut self) {
        self.done += 1;
        self.show();
    }

    fn show(&self) {
        if self.is_shown {
            let _ = write!(
                io::stderr(),
                "\r\x1b[K{} of {} checked",
                self.done,
                self.total
            );
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
