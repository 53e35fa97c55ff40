//! A directory that only its user can read and change, and the lock files in it.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};

use crate::blocking::blocking;
use crate::{Lease, Leased, SealingKey, StoreError, StoreKey, StoreProblem};

/// A private directory.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    /// What names entries whose key has a credential.
    names: Option<SealingKey>,
}

impl Directory {
    /// Creates the directory if it does not exist, and checks that it is private.
    pub(crate) fn open(path: PathBuf) -> Result<Self, StoreError> {
        match prepare(&path) {
            Ok(()) => Ok(Self { path, names: None }),
            Err(problem) => Err(StoreError::new(path.display().to_string(), problem)),
        }
    }

    pub(crate) fn with_names(self, key: SealingKey) -> Self {
        Self {
            names: Some(key),
            ..self
        }
    }

    pub(crate) fn file_of(&self, key: &StoreKey) -> PathBuf {
        let names = self.names.as_ref().filter(|_| key.has_credential());
        self.path
            .join(names.map_or_else(|| key.file_stem(), |names| names.name(key)))
    }

    /// Takes the lease of an entry: an exclusive lock on a file.
    pub(crate) async fn lease(&self, key: &StoreKey) -> Result<Leased, StoreError> {
        let (directory, entry) = (self.clone(), key.clone());
        let lock = blocking(key, move || directory.try_lock(&entry)).await?;
        Ok(lock.map_or(Leased::Held, |lock| {
            Leased::Taken(Lease::new(key.clone(), 0).with_guard(lock))
        }))
    }

    /// Locks the lock file of an entry. None: another process or task has locked it.
    ///
    /// The operating system releases the lock when the file is dropped or the process ends. The
    /// file stays: if it were deleted, two processes could lock two files of the same name.
    fn try_lock(&self, key: &StoreKey) -> Result<Option<File>, StoreProblem> {
        let mut options = private_file();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.file_of(key).with_extension("lock"))
            .map_err(StoreProblem::Io)?;
        match FileExt::try_lock(&file) {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StoreProblem::Io(error)),
        }
    }
}

/// Options for a file that only its user can read and write.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn prepare(directory: &Path) -> Result<(), StoreProblem> {
    match create(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(StoreProblem::Io(error)),
        _ => check(directory),
    }
}

#[cfg(unix)]
fn create(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;

    fs::DirBuilder::new().mode(0o700).create(directory)
}

#[cfg(not(unix))]
fn create(directory: &Path) -> io::Result<()> {
    fs::create_dir(directory)
}

#[cfg(unix)]
fn check(directory: &Path) -> Result<(), StoreProblem> {
    use std::os::unix::fs::MetadataExt;

    let metadata = fs::metadata(directory).map_err(StoreProblem::Io)?;
    if !metadata.is_dir() {
        return Err(StoreProblem::Io(io::ErrorKind::NotADirectory.into()));
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(StoreProblem::Owner);
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(StoreProblem::Permissions);
    }
    Ok(())
}

/// A new directory takes the permissions of the one above it.
#[cfg(not(unix))]
fn check(directory: &Path) -> Result<(), StoreProblem> {
    let metadata = fs::metadata(directory).map_err(StoreProblem::Io)?;
    if metadata.is_dir() {
        Ok(())
    } else {
        Err(StoreProblem::Io(io::ErrorKind::NotADirectory.into()))
    }
}
