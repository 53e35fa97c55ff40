//! How the program ends.

use std::process::ExitCode;

/// How the program ends, for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Fine,
    /// A key ends within the days that were asked for.
    Ending,
    /// There is no verdict.
    Unknown,
    /// A credential, or a request, was not accepted.
    Refused,
    /// The command line or the configuration is wrong.
    Usage,
    /// The user ended it.
    Interrupted,
    /// What a command said that was run.
    Of(u8),
}

/// The codes, as the help shows them.
pub(crate) const EXITS: &str = "\
Exit codes:
  0  all is well
  1  a credential does not work, or the answer is an error (4xx) or a redirect to another origin
  2  the command line or the configuration is wrong
  3  no verdict: no answer (408 too), a vendor that is down (5xx), a rate limit (429)
  4  a key ends within the days asked for
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
