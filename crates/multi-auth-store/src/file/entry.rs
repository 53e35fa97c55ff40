//! The file of one entry. `<stem>.new` becomes `<stem>` once it is written.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::directory::private_file;
use crate::local::LocalEntry;
use crate::{SealingKey, StoreKey, StoreProblem, Stored, codec};

/// An entry, its path, and the key that seals it.
pub(super) struct EntryFile {
    path: PathBuf,
    entry: StoreKey,
    key: SealingKey,
}

/// The largest file that is read.
const MAX_LEN: u64 = 1 << 20;

impl EntryFile {
    pub(super) fn new(path: PathBuf, entry: StoreKey, key: SealingKey) -> Self {
        Self { path, entry, key }
    }

    fn write(&self, sealed: &[u8]) -> io::Result<()> {
        let new = self.path.with_extension("new");
        let mut file = private_file()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&new)?;
        file.write_all(sealed)?;
        // Without this, a power failure can leave a renamed file without content.
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        sync_directory(&self.path)
    }
}

impl LocalEntry for EntryFile {
    fn read(&self) -> Result<Stored, StoreProblem> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Stored::default()),
            Err(error) => return Err(StoreProblem::Io(error)),
        };
        let mut sealed = Vec::new();
        let mut limited = file.take(MAX_LEN + 1);
        limited.read_to_end(&mut sealed).map_err(StoreProblem::Io)?;
        if sealed.len() as u64 > MAX_LEN {
            return Err(StoreProblem::Malformed);
        }
        let plaintext = self.key.open(&self.entry, &sealed)?;
        codec::decode(&plaintext).ok_or(StoreProblem::Malformed)
    }

    fn replace(&self, stored: &Stored) -> Result<(), StoreProblem> {
        let plaintext = codec::encode(stored);
        let sealed = self.key.seal(&self.entry, &plaintext)?;
        if sealed.len() as u64 > MAX_LEN {
            return Err(StoreProblem::TooLarge);
        }
        // The holder of the lease is the only writer of the new file.
        self.write(&sealed).map_err(StoreProblem::Io)
    }
}

/// Makes the new name of a file durable.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    path.parent()
        .map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
