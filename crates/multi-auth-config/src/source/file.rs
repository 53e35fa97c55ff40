//! A file.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::PathBuf;

use async_trait::async_trait;
use multi_auth::SecretString;

use super::{MOST, SecretSource, SourceError, SourceProblem, secret};

/// A secret in a file that others cannot read. A line break at its end does not count.
///
/// On Unix a file that everybody can read is refused; its group may read it, as the mounts of Kubernetes need. Symlinks
/// are followed, for those mounts are made of them.
#[derive(Clone, Debug)]
pub struct FileSource {
    path: PathBuf,
}

impl FileSource {
    /// The file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn look(&self) -> Result<SecretString, SourceProblem> {
        // To open a pipe is to wait for its other end.
        if !fs::metadata(&self.path)?.is_file() {
            return Err(SourceProblem::NotAFile);
        }
        let file = File::open(&self.path)?;
        // What was opened is what is checked: another file may stand there by now.
        if others_can_read(&file.metadata()?) {
            return Err(SourceProblem::OthersCanRead);
        }
        // Room for all of it at once: a vector that grows leaves a copy of the secret behind.
        let mut bytes = Vec::with_capacity(MOST + 1);
        file.take(MOST as u64 + 1).read_to_end(&mut bytes)?;
        secret(bytes)
    }
}

impl From<io::Error> for SourceProblem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            kind => Self::Unreadable(kind),
        }
    }
}

#[cfg(unix)]
fn others_can_read(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;

    metadata.permissions().mode() & 0o004 != 0
}

/// Other systems have no such right that could be read off a file.
#[cfg(not(unix))]
fn others_can_read(_: &Metadata) -> bool {
    false
}

#[async_trait]
impl SecretSource for FileSource {
    async fn read(&self) -> Result<SecretString, SourceError> {
        let what = || format!("the file {}", self.path.display());
        self.look()
            .map_err(|problem| SourceError::new(what(), problem))
    }
}
