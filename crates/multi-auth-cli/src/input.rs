//! Reads files that the command line names. They may be pipes or devices, so only the size is
//! limited.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The size limit of certificates and header fields, in bytes (1 MiB).
pub(crate) const SMALL: u64 = 1024 * 1024;

/// The size limit of a body, in bytes (256 MiB).
pub(crate) const BODY: u64 = 256 * 1024 * 1024;

/// Reads the file at `path`. Fails above `most` bytes.
pub(crate) fn file(path: impl AsRef<Path>, most: u64) -> io::Result<Vec<u8>> {
    all(File::open(path)?, most)
}

/// Reads `input` to its end. Fails above `most` bytes.
pub(crate) fn all(input: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_end_is_read_up_to_the_bound() {
        let endless = all(io::repeat(0), 5).unwrap_err();
        assert_eq!(endless.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(all(&b"12345"[..], 5).unwrap(), b"12345");
    }
}
