//! A file.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::SecretString;
use tokio::time::timeout;

use super::{MOST, SecretSource, SourceError, SourceProblem, origin, room, secret};

/// A secret in a file that others cannot read. A line break at its end does not count.
///
/// On Unix a file that everybody can read or write is refused; its group may read it, as the mounts of Kubernetes need.
/// Symlinks are followed, for those mounts are made of them. A look takes 30 s at most.
#[derive(Clone, Debug)]
pub struct FileSource {
    path: PathBuf,
}

impl FileSource {
    /// The file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

const LIMIT: Duration = Duration::from_secs(30);

fn look(path: &Path) -> Result<SecretString, SourceProblem> {
    // To open a pipe is to wait for its other end.
    if !fs::metadata(path)?.is_file() {
        return Err(SourceProblem::NotAFile);
    }
    let file = File::open(path)?;
    // What was opened is what is checked: another file may stand there by now.
    if is_open_to_others(&file.metadata()?) {
        return Err(SourceProblem::OpenToOthers);
    }
    let mut bytes = room();
    file.take(MOST as u64 + 1).read_to_end(&mut bytes)?;
    secret(bytes)
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
fn is_open_to_others(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;

    metadata.permissions().mode() & 0o006 != 0
}

/// Other systems have no such right that could be read off a file.
#[cfg(not(unix))]
fn is_open_to_others(_: &Metadata) -> bool {
    false
}

#[async_trait]
impl SecretSource for FileSource {
    async fn read(&self) -> Result<SecretString, SourceError> {
        let what = || origin::file(&self.path);
        let path = self.path.clone();
        // A file system that is away must not hold up whoever else runs on this thread.
        let look = tokio::task::spawn_blocking(move || look(&path));
        let looked = match timeout(LIMIT, look).await {
            Ok(Ok(looked)) => looked,
            Ok(Err(_)) => Err(SourceProblem::Unreadable(io::ErrorKind::Interrupted)),
            Err(_) => Err(SourceProblem::TimedOut(LIMIT.as_secs())),
        };
        looked.map_err(|problem| SourceError::new(what(), problem))
    }
}
