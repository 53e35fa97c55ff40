//! Checks whether another user can change or replace a file.

use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};

use super::PathResolution;

/// The owner and permissions of a name.
#[cfg(unix)]
#[derive(Clone, Copy, Debug)]
struct Facts {
    owner: u32,
    group: u32,
    mode: u32,
    is_folder: bool,
}

#[cfg(unix)]
impl From<&Metadata> for Facts {
    fn from(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;

        Self {
            owner: metadata.uid(),
            group: metadata.gid(),
            mode: metadata.mode(),
            is_folder: metadata.is_dir(),
        }
    }
}

#[cfg(unix)]
impl Facts {
    const GROUP_WRITES: u32 = 0o020;
    const OTHERS_WRITE: u32 = 0o002;
    /// In a sticky directory, only the owner of a name can remove it.
    const STICKY: u32 = 0o1000;

    fn is_foreign_to(self, user: u32) -> bool {
        self.owner != user && self.owner != 0
    }

    /// Whether a user other than `user` and root can replace it or write into it.
    fn is_exposed_to_others_than(self, user: u32) -> bool {
        if self.is_foreign_to(user) {
            return true;
        }
        if !self.is_folder || self.mode & Self::STICKY != 0 {
            return false;
        }
        // Systems with a private group for each user let that group write. Group and user have the
        // same number.
        let is_shared = self.mode & Self::GROUP_WRITES != 0 && self.group != self.owner;
        is_shared || self.mode & Self::OTHERS_WRITE != 0
    }
}

/// Whether a file belongs to a user who is neither this one nor root.
#[cfg(unix)]
pub(super) fn is_foreign(metadata: &Metadata) -> bool {
    Facts::from(metadata).is_foreign_to(user())
}

#[cfg(unix)]
pub(super) fn mode(metadata: &Metadata) -> u32 {
    Facts::from(metadata).mode
}

/// A directory or symlink on `path` that another user owns, or a directory on it that others can
/// write.
#[cfg(unix)]
pub(super) fn exposed(path: &Path) -> Option<PathBuf> {
    let resolution = PathResolution::of([path]);
    let user = user();
    let is_exposed = |name: &&Path| {
        let metadata = fs::symlink_metadata(name);
        metadata.is_ok_and(|found| Facts::from(&found).is_exposed_to_others_than(user))
    };
    resolution
        .all()
        .into_iter()
        .find(is_exposed)
        .map(Path::to_owned)
}

#[cfg(unix)]
fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Whether `file` is on a read-only file system in memory. Kubernetes and Docker Swarm mount
/// secrets that way, for one container only.
#[cfg(target_os = "linux")]
pub(super) fn is_in_secret_mount(file: &File) -> bool {
    use rustix::fs::{StatVfsMountFlags, fstatfs, fstatvfs};

    /// `tmpfs` and `ramfs`, by the numbers in Linux's `magic.h`.
    const IN_MEMORY: [i64; 2] = [0x0102_1994, 0x8584_58f6];
    let is_in_memory = |kind: i64| IN_MEMORY.contains(&kind);
    let kind = fstatfs(file).ok();
    let flags = fstatvfs(file).ok();
    kind.is_some_and(|found| is_in_memory(found.f_type))
        && flags.is_some_and(|found| found.f_flag.contains(StatVfsMountFlags::RDONLY))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_in_secret_mount(_: &File) -> bool {
    false
}

/// Other systems have no owner and no permission bits to check.
#[cfg(not(unix))]
pub(super) fn is_foreign(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
pub(super) fn mode(_: &Metadata) -> u32 {
    0
}

#[cfg(not(unix))]
pub(super) fn exposed(_: &Path) -> Option<PathBuf> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_another_user_owns_or_can_replace_is_exposed() {
        let folder = |owner, group, mode| Facts {
            owner,
            group,
            mode,
            is_folder: true,
        };
        for (facts, expected) in [
            (folder(0, 0, 0o755), false),
            (folder(7, 7, 0o700), false),
            (folder(8, 7, 0o755), true),
            (folder(7, 9, 0o775), true),
            (folder(0, 9, 0o775), true),
            // Its group is the owner's private group.
            (folder(7, 7, 0o775), false),
            (folder(7, 7, 0o777), true),
            // `/tmp` and the mounts of Kubernetes are like this.
            (folder(0, 0, 0o1777), false),
            (folder(0, 9, 0o3777), false),
            (folder(8, 8, 0o1777), true),
        ] {
            assert_eq!(facts.is_exposed_to_others_than(7), expected, "{facts:?}");
        }
        // All permissions of a symlink are set. They have no meaning.
        let link = |owner| Facts {
            is_folder: false,
            ..folder(owner, 9, 0o777)
        };
        assert!(!link(7).is_exposed_to_others_than(7));
        assert!(link(8).is_exposed_to_others_than(7));
        assert!(folder(7, 7, 0o700).is_exposed_to_others_than(0));
    }
}
