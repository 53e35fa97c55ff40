//! Resolves a path: the directories and symlinks that decide which file it leads to.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// How many symlinks are followed, as on Linux.
const MOST_LINKS: usize = 40;

/// The resolved names to watch: the files, and each directory and symlink on their paths.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PathResolution(BTreeSet<PathBuf>);

impl PathResolution {
    pub(crate) fn of<'p>(files: impl IntoIterator<Item = &'p Path>) -> Self {
        let mut resolution = Self::default();
        for file in files {
            resolution.walk(file);
        }
        resolution
    }

    /// Whether `path` is one of the names.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.0.contains(path)
    }

    /// The names and their directories, the root included.
    pub(crate) fn all(&self) -> BTreeSet<&Path> {
        let names = self.0.iter().map(PathBuf::as_path);
        names.chain(self.folders()).collect()
    }

    /// The directories of the names. The parent of a directory that was not found exists.
    pub(crate) fn folders(&self) -> BTreeSet<&Path> {
        self.0.iter().filter_map(|entry| entry.parent()).collect()
    }

    fn walk(&mut self, file: &Path) {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let (mut at, mut links) = (PathBuf::new(), 0);
        let mut rest = steps(&file);
        while let Some(step) = rest.pop_front() {
            match step {
                Step::Anchor(anchor) => at.push(anchor),
                Step::Up => _ = at.pop(),
                Step::Down(name) => {
                    let entry = at.join(name);
                    match fs::read_link(&entry) {
                        Ok(target) if links < MOST_LINKS => {
                            links += 1;
                            let mut first = steps(&target);
                            first.append(&mut rest);
                            rest = first;
                        }
                        Ok(_) | Err(_) => at.clone_from(&entry),
                    }
                    self.0.insert(entry);
                }
            }
        }
    }
}

enum Step {
    /// A root starts the path again.
    Anchor(OsString),
    Up,
    Down(OsString),
}

fn steps(path: &Path) -> VecDeque<Step> {
    let step = |component: Component<'_>| match component {
        Component::Prefix(_) | Component::RootDir => {
            Some(Step::Anchor(component.as_os_str().to_owned()))
        }
        Component::CurDir => None,
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Down(name.to_owned())),
    };
    path.components().filter_map(step).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_folder_and_symlink_on_the_way_is_followed() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        for folder in ["releases/r1/keys", "shared"] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        symlink("releases/r1", home.join("current")).unwrap();
        symlink("../../../shared/real", home.join("releases/r1/keys/key")).unwrap();
        fs::write(home.join("shared/real"), "k").unwrap();

        let resolution = PathResolution::of([home.join("current/./keys/key").as_path()]);
        for name in [
            "current",
            "releases",
            "releases/r1",
            "releases/r1/keys",
            "releases/r1/keys/key",
            "shared",
            "shared/real",
        ] {
            assert!(resolution.has(&home.join(name)), "{name}: {resolution:?}");
        }
        assert!(!resolution.has(&home.join("current/keys")));
        assert!(resolution.folders().contains(&*home));
    }

    #[test]
    fn links_in_a_circle_and_names_that_lead_nowhere_come_to_an_end() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        symlink("b", home.join("a")).unwrap();
        symlink("a", home.join("b")).unwrap();
        let resolution =
            PathResolution::of([home.join("a").as_path(), home.join("none/key").as_path()]);
        for name in ["a", "b", "none", "none/key"] {
            assert!(resolution.has(&home.join(name)), "{name}");
        }
    }
}
