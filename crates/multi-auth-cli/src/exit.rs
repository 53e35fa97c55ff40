//! How the program ends.

use std::process::ExitCode;

/// How the program ends, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Fine,
    /// A key ends within the days that were asked for.
    Ending,
    /// No verdict was to be had.
    Unknown,
    /// A credential, or a request, was not accepted.
    Refused,
    /// The command line or the configuration is wrong.
    Usage,
    /// What a command said that was run.
    Of(u8),
}

/// The codes, as the help shows them.
pub(crate) const EXITS: &str = "\
Exit codes:
  0  all is well
  1  a credential does not work, or an answer is an error (4xx, 5xx)
  2  the command line or the configuration is wrong
  3  nobody could tell: no answer, a vendor that is down, a rate limit
  4  a key ends within the days asked for";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Refused => 1,
            Exit::Usage => 2,
            Exit::Unknown => 3,
            Exit::Ending => 4,
            Exit::Of(code) => code,
        })
    }
}
