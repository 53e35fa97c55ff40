//! How the program ends.

use std::process::ExitCode;

/// How the program ends, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Fine,
    /// A key expires within the given days.
    Ending,
    /// No result.
    Unknown,
    /// A credential or a request was refused.
    Refused,
    /// The command line or the configuration is invalid.
    Usage,
    /// The user ended it.
    Interrupted,
    /// The exit code of the command that was run.
    Of(u8),
}

/// The codes, as the help shows them.
pub(crate) const EXITS: &str = "\
Exit codes:
  0  success
  1  a credential does not work, or the response is an error (4xx) or a redirect to another origin
  2  the command line or the configuration is invalid
  3  no result: no response, a timeout (408), a vendor that is down (5xx), a rate limit (429)
  4  a key expires within the given days
  130  interrupted (Ctrl-C)";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Refused => 1,
            Exit::Usage => 2,
            Exit::Unknown => 3,
            Exit::Ending => 4,
            Exit::Interrupted => 130,
            Exit::Of(code) => code,
        })
    }
}
