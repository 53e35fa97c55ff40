//! A file.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::SecretString;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{MOST, SecretSource, SourceError, SourceProblem, origin, room, secret};

/// A secret in a file that others cannot read. A line break at its end does not count.
///
/// On Unix a file that everybody can read or write is refused; its group may read it, as the mounts of Kubernetes need.
/// Symlinks are followed, for those mounts are made of them. A look takes 30 s at most.
#[derive(Clone, Debug)]
pub struct FileSource {
    /// As it is called.
    path: PathBuf,
    /// Where it is, whatever folder the program goes to.
    place: PathBuf,
    /// One look at a time: a file system that is away holds a thread for each.
    turn: Arc<Semaphore>,
}

impl FileSource {
    /// The file at `path`, which counts from the folder that the program is in now.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            place: std::path::absolute(&path).unwrap_or_else(|_| path.clone()),
            path,
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    pub(super) fn place(&self) -> &Path {
        &self.place
    }
}

impl FileSource {
    /// Looks on a thread of its own: a file system that is away must not hold up whoever else runs on this one.
    async fn look(&self) -> Result<SecretString, SourceProblem> {
        let interrupted = SourceProblem::Unreadable(io::ErrorKind::Interrupted);
        let Ok(turn) = Arc::clone(&self.turn).acquire_owned().await else {
            return Err(interrupted);
        };
        let place = self.place.clone();
        let look = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            look(&place)
        });
        look.await.unwrap_or(Err(interrupted))
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
        let looked = timeout(LIMIT, self.look()).await;
        let looked = looked.unwrap_or(Err(SourceProblem::TimedOut(LIMIT.as_secs())));
        looked.map_err(|problem| SourceError::new(what(), problem))
    }
}
