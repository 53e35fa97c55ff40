//! The vendors' files of a directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::access;
use crate::{Advice, ConfigError, ConfigLocation};

const DIRECTORY: &str = "name a directory with a file for each vendor, as in vendors/acme.toml";

/// The name, the file and the text of each vendor in `directory`, sorted by name.
pub(super) fn read(directory: &Path) -> Result<Vec<(String, String, String)>, ConfigError> {
    let wrong = |error: io::Error| {
        let place = ConfigLocation::whole(directory.display().to_string());
        let problem = match error.kind() {
            io::ErrorKind::NotFound => "was not found".to_owned(),
            kind => format!("cannot be read ({kind})"),
        };
        ConfigError::invalid(place, Advice::of(problem, DIRECTORY))
    };
    let entries = fs::read_dir(directory).map_err(wrong)?;
    let paths = entries.map(|entry| Ok(entry.map_err(wrong)?.path()));
    let mut paths: Vec<PathBuf> = ConfigError::all(paths)?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.sort();
    ConfigError::all(paths.iter().map(|path| {
        let file = path.display().to_string();
        let wrong = |problem| ConfigError::new(ConfigLocation::whole(&*file), problem);
        let text = access::read(path).map_err(wrong)?.text.to_string();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok((name.into_owned(), file.clone(), text))
    }))
}
