//! A file.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::SecretString;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{MOST, SecretSource, SourceError, SourceProblem, origin, secret};
use crate::file::{OpenedFile, Refusal};

/// A secret in a file that others cannot read, without its trailing line break.
///
/// It must be a regular file of at most 64 KiB. A read takes at most 30 s. Symlinks are followed:
/// Kubernetes mounts secrets through them.
///
/// On Unix, a file is refused if everyone can read or write it, or if a user other than this one
/// and root owns it or can replace it through a directory or symlink on its path. Its group may
/// read it. On Linux, everyone may read it on a read-only file system in memory: Kubernetes and
/// Docker Swarm mount secrets that way, for one container only.
///
/// ```
/// use multi_auth_config::FileSource;
///
/// let source = FileSource::new("/run/secrets/reports");
/// ```
#[derive(Clone, Debug)]
pub struct FileSource {
    /// The path as given.
    path: PathBuf,
    /// Its absolute path: the program may change its directory.
    place: PathBuf,
    /// One read at a time: on an unreachable file system, each read blocks a thread.
    turn: Arc<Semaphore>,
    /// Whether any user may own or replace it.
    of_anyone: bool,
}

impl FileSource {
    /// The file at `path`, relative to the current directory.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            place: std::path::absolute(&path).unwrap_or_else(|_| path.clone()),
            path,
            turn: Arc::new(Semaphore::new(1)),
            of_anyone: false,
        }
    }

    /// Accepts any owner of the file and its directories, for an agent that writes keys as another
    /// user. The file must still be a regular one that not everyone can read or write.
    #[must_use]
    pub fn dangerous_any_owner(self) -> Self {
        Self {
            of_anyone: true,
            ..self
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn place(&self) -> &Path {
        &self.place
    }
}

impl FileSource {
    /// Reads in a separate thread: an unreachable file system must not block other tasks.
    async fn look(&self) -> Result<SecretString, SourceProblem> {
        let interrupted = SourceProblem::Unreadable(io::ErrorKind::Interrupted);
        let Ok(turn) = Arc::clone(&self.turn).acquire_owned().await else {
            return Err(interrupted);
        };
        let (place, of_anyone) = (self.place.clone(), self.of_anyone);
        let look = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            look(&place, of_anyone)
        });
        look.await.unwrap_or(Err(interrupted))
    }
}

const LIMIT: Duration = Duration::from_secs(30);

fn look(path: &Path, of_anyone: bool) -> Result<SecretString, SourceProblem> {
    const OTHERS_WRITE: u32 = 0o002;
    const OTHERS_READ: u32 = 0o004;
    let file = OpenedFile::regular(path)?;
    if !of_anyone {
        file.refuse_others(path)?;
    }
    let is_read = file.rights(OTHERS_READ) != 0 && !file.is_in_secret_mount();
    if is_read || file.rights(OTHERS_WRITE) != 0 {
        return Err(SourceProblem::OpenToOthers);
    }
    secret(file.read(MOST)?)
}

impl From<Refusal> for SourceProblem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Io(io::ErrorKind::NotFound) => Self::Missing,
            Refusal::Io(kind) => Self::Unreadable(kind),
            Refusal::NotAFile => Self::NotAFile,
            Refusal::Foreign => Self::Foreign,
            Refusal::Exposed(name) => Self::Replaceable(name),
            Refusal::TooLong => Self::TooLong,
        }
    }
}

impl From<io::Error> for SourceProblem {
    fn from(error: io::Error) -> Self {
        Refusal::from(error).into()
    }
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
