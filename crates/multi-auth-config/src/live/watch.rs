//! Waits for files to change.
//!
//! What is watched is the folder: a mount of Kubernetes changes a file by putting another folder in the place of a
//! symlink beside it, and an editor by putting another file in its place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use multi_auth::{Clock, SystemClock};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::{interval, sleep};

use super::Live;
use crate::{ConfigError, ConfigProblem, Place};

/// How long to wait after a change for more of them: whoever writes a file does it in steps.
const SETTLING: Duration = Duration::from_millis(200);

/// How often all sources are looked at, and whether a key ends soon.
const HOUR: Duration = Duration::from_secs(60 * 60);

impl Live {
    /// Takes up keys whose files change, for as long as it is polled, and warns of those that end. Every hour all sources
    /// are looked at.
    ///
    /// # Errors
    ///
    /// [`ConfigProblem::Unwatched`] if a folder cannot be watched, as where the system's limit of watches is reached.
    pub async fn watch(mut self) -> Result<(), ConfigError> {
        let (_watcher, mut changes) = watcher(&self.folders())?;
        // The first tick comes at once: what changed before the watch began is seen then.
        let mut hours = interval(HOUR);
        loop {
            // A change that is cut off by the hour is looked at with it. A file's change says nothing of commands, which
            // may themselves write where the files are.
            tokio::select! {
                is_one = next(&mut changes) => {
                    if !is_one {
                        return Ok(());
                    }
                    self.refresh_if(|vendor| vendor.file().is_some()).await;
                }
                _ = hours.tick() => {
                    self.warn_of_expiry(SystemClock.wall());
                    self.refresh().await;
                }
            }
        }
    }

    /// The folders of the files that hold keys.
    fn folders(&self) -> BTreeSet<PathBuf> {
        let vendors = self.vendors.iter();
        let files = vendors.filter_map(|followed| followed.vendor.file());
        // Where a symlink leads to may change as well as the symlink.
        let both = files.flat_map(|file| [Some(file.to_owned()), file.canonicalize().ok()]);
        both.flatten().map(|file| folder(&file)).collect()
    }
}

/// What watches `folders` until it is dropped, and where it says that something has changed.
fn watcher(folders: &BTreeSet<PathBuf>) -> Result<(RecommendedWatcher, Receiver<()>), ConfigError> {
    let (sender, changes) = mpsc::channel(1);
    let tell = move |event: Result<Event, notify::Error>| {
        // To read a file is no change; a full channel says already that there is one.
        if !event.is_ok_and(|event| event.kind.is_access()) {
            let _ = sender.try_send(());
        }
    };
    let watcher = notify::recommended_watcher(tell);
    let mut watcher = watcher.map_err(|error| unwatched(Path::new("files"), &error))?;
    for folder in folders {
        let result = watcher.watch(folder, RecursiveMode::NonRecursive);
        result.map_err(|error| unwatched(folder, &error))?;
    }
    Ok((watcher, changes))
}

/// Waits for a change and for those that follow it; `false` if there will be none.
async fn next(changes: &mut Receiver<()>) -> bool {
    let is_one = changes.recv().await.is_some();
    sleep(SETTLING).await;
    let _ = changes.try_recv();
    is_one
}

fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

fn unwatched(folder: &Path, error: &notify::Error) -> ConfigError {
    let place = Place::whole(folder.display().to_string());
    ConfigError::new(place, ConfigProblem::Unwatched(error.to_string()))
}
