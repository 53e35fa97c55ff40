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
/// It is a regular file of 64 KiB at most. On Unix one is refused that everybody can read or write,
/// or that a user other than this one and root owns or can replace by a directory or symlink on the
/// way to it. Its group may read it, as the mounts of Kubernetes need. Everybody may read it on a
/// file system in memory that cannot be written (Linux), as which Kubernetes and Docker Swarm mount
/// secrets for one container alone. Symlinks are followed: those mounts are made of them. A look
/// takes 30 s at most.
#[derive(Clone, Debug)]
pub struct FileSource {
    /// As it is called.
    path: PathBuf,
    /// Its absolute path: the program may change its directory.
    place: PathBuf,
    /// One look at a time: a file system that is away holds a thread for each.
    turn: Arc<Semaphore>,
    /// Whether any user may own it, or put another in its place.
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

    /// Does not check the owner of the file, for an agent that runs as another user and writes the
    /// keys. The file must still be a regular one that not everyone can read or write.
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
    /// Looks on a thread of its own: a file system that is away must not hold up whoever else runs
    /// on this one.
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
