//! Opens files that hold a credential or decide where credentials go.
//!
//! The open file itself is checked and read, because its name may change. As with `StrictModes` of
//! OpenSSH, a file is accepted only if no other user can change or replace it.

mod resolution;
pub(crate) use resolution::PathResolution;
mod trust;

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;

/// An open file and its metadata.
#[derive(Debug)]
pub(crate) struct OpenedFile {
    file: File,
    metadata: Metadata,
}

/// Why a file is refused.
#[derive(Debug)]
pub(crate) enum Refusal {
    Io(io::ErrorKind),
    /// It is a directory, a pipe or a device.
    NotAFile,
    /// It belongs to a user who is neither this one nor root.
    Foreign,
    /// Others can replace it, or this directory on its path.
    Exposed(PathBuf),
    /// It is too long.
    TooLong,
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

impl OpenedFile {
    /// Opens the regular file at `path`. A pipe or a device is refused at once.
    pub(crate) fn regular(path: &Path) -> Result<Self, Refusal> {
        let opened = Self::any(path)?;
        if !opened.is_file() {
            return Err(Refusal::NotAFile);
        }
        Ok(opened)
    }

    /// Opens the regular file at `path`, or the pipe that this process was started with under such
    /// a name: `/dev/stdin`, or `/dev/fd/63` as in `<(...)`. No other user can put another file
    /// there.
    pub(crate) fn regular_or_handed_over(path: &Path) -> Result<Self, Refusal> {
        if !is_descriptor(path) {
            return Self::regular(path);
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let opened = Self { file, metadata };
        if !opened.is_file() && !opened.is_pipe() {
            return Err(Refusal::NotAFile);
        }
        Ok(opened)
    }

    fn any(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true);
        without_waiting(&mut options);
        let file = options.open(path)?;
        let metadata = file.metadata()?;
        Ok(Self { file, metadata })
    }

    /// Refuses a file that another user owns, or that others can replace through a directory on
    /// `path`.
    pub(crate) fn refuse_others(&self, path: &Path) -> Result<(), Refusal> {
        // A pipe has no path that could be replaced.
        if self.is_pipe() {
            return Ok(());
        }
        if trust::is_foreign(&self.metadata) {
            return Err(Refusal::Foreign);
        }
        trust::exposed(path).map_or(Ok(()), |name| Err(Refusal::Exposed(name)))
    }

    pub(crate) fn is_file(&self) -> bool {
        self.metadata.is_file()
    }

    /// The permission bits of the file in `mask`. Other systems have none.
    pub(crate) fn rights(&self, mask: u32) -> u32 {
        trust::mode(&self.metadata) & mask
    }

    pub(crate) fn is_in_secret_mount(&self) -> bool {
        trust::is_in_secret_mount(&self.file)
    }

    /// Reads the whole file, up to `most` bytes.
    pub(crate) fn read(self, most: usize) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        // It never grows: a vector that does leaves an unwiped copy.
        let mut bytes = Zeroizing::new(Vec::with_capacity(most + 1));
        self.file.take(most as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > most {
            return Err(Refusal::TooLong);
        }
        Ok(bytes)
    }

    #[cfg(unix)]
    fn is_pipe(&self) -> bool {
        use std::os::unix::fs::FileTypeExt;

        self.metadata.file_type().is_fifo()
    }

    #[cfg(not(unix))]
    fn is_pipe(&self) -> bool {
        false
    }
}

/// Opening a pipe waits for its other end, and opening a terminal may make it the controlling one.
#[cfg(unix)]
fn without_waiting(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    options.custom_flags(flags.bits().cast_signed());
}

#[cfg(not(unix))]
fn without_waiting(_: &mut OpenOptions) {}

/// Whether `path` names a descriptor that this process was started with.
fn is_descriptor(path: &Path) -> bool {
    let Some(path) = path.to_str().filter(|_| cfg!(unix)) else {
        return false;
    };
    let of = |folder| path.strip_prefix(folder);
    let number = of("/dev/fd/").or_else(|| of("/proc/self/fd/"));
    let is_number =
        |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    path == "/dev/stdin" || number.is_some_and(is_number)
}

#[cfg(test)]
mod tests;
