//! Who else may read or write the file.

use std::path::Path;

/// Whoever can write the file can send credentials elsewhere; whoever can read it has the keys that stand in it.
#[cfg(unix)]
pub(super) fn check(path: &Path, has_secret: bool) -> Result<(), &'static str> {
    use std::os::unix::fs::PermissionsExt;

    const WRITTEN: &str = "can be written by everybody on this machine, who could send credentials elsewhere: take that right away \
         (`chmod o-w FILE`)";
    const READ: &str = "has a key in it and can be read by everybody on this machine: take that right away (`chmod o= FILE`)";
    let Ok(metadata) = std::fs::metadata(path) else {
        return Ok(());
    };
    let mode = metadata.permissions().mode();
    if metadata.is_file() && mode & 0o002 != 0 {
        return Err(WRITTEN);
    }
    if metadata.is_file() && has_secret && mode & 0o004 != 0 {
        return Err(READ);
    }
    Ok(())
}

/// Other systems have no such right that could be read off a file.
#[cfg(not(unix))]
pub(super) fn check(_: &Path, _: bool) -> Result<(), &'static str> {
    Ok(())
}
