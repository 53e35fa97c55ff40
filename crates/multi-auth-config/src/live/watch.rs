//! Waits for files to change.
//!
//! It watches the directories on each path. Kubernetes replaces a directory behind a symlink,
//! editors replace the file itself, and a release may move a symlink further up.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use multi_auth::{Clock, SystemClock};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{MissedTickBehavior, Sleep, interval, sleep};

use super::LiveKeyring;
use crate::Vendor;
use crate::file::PathResolution;

/// How long to wait for further changes after one: files are often written in steps.
const SETTLING: Duration = Duration::from_millis(200);

/// How often files are read without a notification. Some file systems send none, and a system can
/// run out of watches.
const MINUTE: Duration = Duration::from_secs(60);

/// How many reads may run at once.
const MOST_LOOKS: usize = 16;

/// How often all sources are read, and expiries checked.
const HOUR: Duration = Duration::from_secs(60 * 60);

impl LiveKeyring {
    /// Rotates keys whose files change, and warns of keys that expire, while it is polled. It also
    /// reads all files each minute and all sources each hour.
    pub async fn watch(self) {
        let (sender, changes) = mpsc::channel(1);
        let mut changes = Changes::new(changes);
        let mut watch = self.begin(&sender).await;
        let (mut minutes, mut hours) = (interval(MINUTE), interval(HOUR));
        minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first ticks come at once: a file that changed before the watch began is seen then.
        // Commands and similar sources were read a moment ago.
        hours.tick().await;
        self.clone().warn().await;
        // A slow source delays only itself.
        let mut looks = JoinSet::new();
        loop {
            // Commands are not read here: they may write into these directories themselves.
            tokio::select! {
                () = changes.next() => {
                    // The path may have changed. The new watch begins before the read, so no change
                    // is missed.
                    watch = self.begin(&sender).await;
                    self.spawn_look(&mut looks, is_file);
                }
                _ = minutes.tick() => {
                    // The system may have been out of watches, or the path may have changed
                    // meanwhile.
                    if !self.is_whole(watch.as_ref()).await {
                        watch = self.begin(&sender).await;
                    }
                    self.spawn_look(&mut looks, is_file);
                }
                _ = hours.tick() => {
                    self.spawn_look(&mut looks, |vendor| !is_file(vendor));
                    looks.spawn(self.clone().warn());
                }
                Some(_) = looks.join_next() => {}
            }
        }
    }

    /// Reads the sources in a task, so that changes are still noticed. If many tasks are running,
    /// it starts none: the next minute does.
    fn spawn_look(&self, looks: &mut JoinSet<()>, is_due: fn(&Vendor) -> bool) {
        let live = self.clone();
        if looks.len() < MOST_LOOKS {
            looks.spawn(async move { drop(live.refresh_if(is_due).await) });
        }
    }

    async fn warn(self) {
        self.warn_of_expiry(SystemClock.wall()).await;
    }

    /// Watches the path of every file, in a separate thread because file systems may be slow.
    async fn begin(&self, changed: &Sender<()>) -> Option<Watch> {
        let (live, changed) = (self.clone(), changed.clone());
        let begun = spawn_blocking(move || Watch::begin(PathResolution::of(live.files()), changed));
        begun.await.ok().flatten()
    }

    /// Whether the whole path of every file is watched.
    async fn is_whole(&self, watch: Option<&Watch>) -> bool {
        let live = self.clone();
        let resolution = spawn_blocking(move || PathResolution::of(live.files()))
            .await
            .ok();
        let watch = watch.filter(|watch| watch.is_whole);
        watch.map(|watch| &*watch.resolution) == resolution.as_ref()
    }

    fn files(&self) -> impl Iterator<Item = &Path> {
        let vendors = self.vendors.iter();
        vendors.flat_map(|watched| watched.vendor().files())
    }
}

/// Watches the paths of the files until it is dropped.
struct Watch {
    resolution: Arc<PathResolution>,
    /// Whether every existing directory is watched.
    is_whole: bool,
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Notifies `changed` when something on `resolution` changes.
    fn begin(resolution: PathResolution, changed: Sender<()>) -> Option<Self> {
        let resolution = Arc::new(resolution);
        let on_trail = Arc::clone(&resolution);
        let tell = move |event: notify::Result<Event>| {
            // A full channel already reports a change.
            if is_change(&event, &on_trail) {
                let _ = changed.try_send(());
            }
        };
        let watcher = notify::recommended_watcher(tell);
        let mut watcher = watcher.map_err(|error| unwatched(None, &error)).ok()?;
        let mut is_whole = true;
        for folder in resolution.folders() {
            // A missing directory is noticed in its parent when it is created.
            if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive)
                && folder.exists()
            {
                unwatched(Some(folder), &error);
                is_whole = false;
            }
        }
        Some(Self {
            resolution,
            is_whole,
            _watcher: watcher,
        })
    }
}

fn is_file(vendor: &Vendor) -> bool {
    vendor.files().next().is_some()
}

/// Whether `event` concerns the path of a file. An event that reports an overflow may.
fn is_change(event: &notify::Result<Event>, resolution: &PathResolution) -> bool {
    match event {
        // Reading a file does not change it.
        Ok(event) if event.kind.is_access() => false,
        Ok(event) => event.need_rescan() || event.paths.iter().any(|path| resolution.has(path)),
        Err(_) => true,
    }
}

/// Changes. Those in quick succession count as one.
struct Changes {
    changes: Receiver<()>,
    /// A field, so that dropping a waiting future loses no change.
    settling: Option<Pin<Box<Sleep>>>,
}

impl Changes {
    fn new(changes: Receiver<()>) -> Self {
        Self {
            changes,
            settling: None,
        }
    }

    /// Waits for a change and for those that follow it at once. It is cancel safe.
    async fn next(&mut self) {
        if self.settling.is_none() {
            self.changes.recv().await;
        }
        let settling = self
            .settling
            .get_or_insert_with(|| Box::pin(sleep(SETTLING)));
        settling.as_mut().await;
        self.settling = None;
        let _ = self.changes.try_recv();
    }
}

fn unwatched(folder: Option<&Path>, error: &notify::Error) {
    tracing::debug!(?folder, %error, "cannot be watched: its files are read every minute");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_change_is_not_lost_with_a_dropped_caller() {
        let (sender, changes) = mpsc::channel(1);
        let mut changes = Changes::new(changes);
        sender.send(()).await.unwrap();
        let short = tokio::time::timeout(SETTLING / 2, changes.next()).await;
        assert!(short.is_err());
        let rest = tokio::time::timeout(SETTLING, changes.next()).await;
        assert!(rest.is_ok());
        let none = tokio::time::timeout(HOUR, changes.next()).await;
        assert!(none.is_err());
    }
}
