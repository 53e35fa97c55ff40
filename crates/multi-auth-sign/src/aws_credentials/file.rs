//! Reads small files into memory that is wiped.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use secrecy::zeroize::Zeroizing;

use super::AwsCredentialsProblem as Problem;
use crate::SignError;

/// The longest file that is read, in bytes (1 MiB).
const LIMIT: usize = 1024 * 1024;

/// The text of the file at `path`. `what` names it in errors.
pub(super) fn read(what: &'static str, path: &Path) -> Result<Zeroizing<String>, SignError> {
    contents(path).map_err(|kind| {
        let path = path.display().to_string().into();
        Problem::File { what, path, kind }.into()
    })
}

/// As [`read`], for a file that need not exist.
pub(super) fn read_if_present(
    what: &'static str,
    path: &Path,
) -> Result<Option<Zeroizing<String>>, SignError> {
    match read(what, path) {
        Ok(text) => Ok(Some(text)),
        Err(SignError::AwsCredentials {
            problem:
                Problem::File {
                    kind: ErrorKind::NotFound,
                    ..
                },
        }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// As [`read`], for a file whose text is one token. White space around it is removed.
pub(super) fn token(what: &'static str, path: &Path) -> Result<Zeroizing<String>, SignError> {
    let text = read(what, path)?;
    let token = text.trim();
    if token.is_empty() {
        let kind = ErrorKind::InvalidData;
        let path = path.display().to_string().into();
        return Err(Problem::File { what, path, kind }.into());
    }
    Ok(Zeroizing::new(token.to_owned()))
}

fn contents(path: &Path) -> Result<Zeroizing<String>, ErrorKind> {
    let file = File::open(path).map_err(|error| error.kind())?;
    let length = file.metadata().map_err(|error| error.kind())?.len();
    let length = usize::try_from(length).unwrap_or(LIMIT).min(LIMIT);
    // A buffer that grows leaves an unwiped copy.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
    let read = file.take(LIMIT as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.kind())?;
    if bytes.len() > LIMIT {
        return Err(ErrorKind::FileTooLarge);
    }
    let text = String::from_utf8(std::mem::take(&mut *bytes));
    text.map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        ErrorKind::InvalidData
    })
}
