//! Reads the file, if no one else can change it: it says where credentials go, and which programs
//! run.

use std::path::Path;

use secrecy::zeroize::Zeroizing;

use crate::file::{OpenedFile, Refusal};
use crate::source::existing;
use crate::{Advice, ConfigProblem};

/// The most that is read of a configuration, in bytes (1 MiB).
const MOST: usize = 1024 * 1024;

/// The text of a file, and who else can read it.
pub(crate) struct ConfigText {
    pub(crate) text: Zeroizing<String>,
    is_readable_by_all: bool,
}

const NOT_A_FILE: Advice = Advice::new(
    "is not a regular file",
    "name a regular file, or pass a pipe as /dev/stdin or `<(...)`",
);

const FOREIGN: Advice = Advice::new(
    "belongs to another user, who could send credentials elsewhere",
    "run the program as that user, or change the owner (`chown`)",
);

const WRITTEN: Advice = Advice::new(
    "is writable by its group or by everyone, who could send credentials elsewhere",
    "remove that permission (`chmod go-w FILE`)",
);

const READ: Advice = Advice::new(
    "holds a key and is readable by everyone",
    "remove that permission (`chmod o= FILE`)",
);

const TOO_LONG: Advice = Advice::new(
    "is longer than 1 MiB",
    "name the configuration file; this one is something else",
);

const NOT_TEXT: Advice = Advice::new("is not UTF-8 text", "save it as UTF-8");

/// The text of the configuration at `path`.
pub(crate) fn read(path: &Path) -> Result<ConfigText, ConfigProblem> {
    const GROUP_OR_OTHERS_WRITE: u32 = 0o022;
    const OTHERS_READ: u32 = 0o004;
    let opened = OpenedFile::regular_or_handed_over(path).map_err(refused)?;
    opened.refuse_others(path).map_err(refused)?;
    if opened.is_file() && opened.rights(GROUP_OR_OTHERS_WRITE) != 0 {
        return Err(ConfigProblem::Invalid(WRITTEN));
    }
    let is_readable_by_all = opened.is_file() && opened.rights(OTHERS_READ) != 0;
    let bytes = opened.read(MOST).map_err(refused)?;
    let text = str::from_utf8(&bytes).map_err(|_| ConfigProblem::Invalid(NOT_TEXT))?;
    Ok(ConfigText {
        text: Zeroizing::new(text.to_owned()),
        is_readable_by_all,
    })
}

impl ConfigText {
    /// Refuses a text with a key in it that everybody can read.
    pub(crate) fn refuse_readers(&self, has_secret: bool) -> Result<(), ConfigProblem> {
        if has_secret && self.is_readable_by_all {
            return Err(ConfigProblem::Invalid(READ));
        }
        Ok(())
    }
}

fn refused(refusal: Refusal) -> ConfigProblem {
    ConfigProblem::Invalid(match refusal {
        Refusal::Io(kind) => return ConfigProblem::Unreadable(kind),
        Refusal::NotAFile => NOT_A_FILE,
        Refusal::Foreign => FOREIGN,
        Refusal::TooLong => TOO_LONG,
        Refusal::Exposed(name) => Advice::of(
            format!(
                "can be replaced by other users, who own or can write {}",
                existing(&name)
            ),
            "remove that permission (`chown`, `chmod go-w`), or keep the file elsewhere",
        ),
    })
}
