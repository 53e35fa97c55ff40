#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use super::trust::exposed;
use super::*;

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_file_that_is_not_regular_is_refused_at_once() {
    let home = tempfile::tempdir().unwrap();
    let pipe = home.path().join("pipe");
    fifo(&pipe);
    let device = Path::new("/dev/zero");
    for path in [pipe.as_path(), home.path(), device] {
        let opened = OpenedFile::regular(path);
        assert!(matches!(opened, Err(Refusal::NotAFile)), "{opened:?}");
        let opened = OpenedFile::regular_or_handed_over(path);
        assert!(matches!(opened, Err(Refusal::NotAFile)), "{opened:?}");
    }
}

#[test]
fn a_file_that_another_takes_the_place_of_is_never_read_under_the_rights_of_the_first() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    write(&home.join("ours"), "ours", 0o600);
    write(&home.join("theirs"), "theirs", 0o666);
    fifo(&home.join("pipe"));
    let name = home.join("key");
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let targets = ["ours", "theirs", "pipe"].iter().cycle();
            let next = home.join("next");
            for target in targets.take_while(|_| !is_done.load(Ordering::Relaxed)) {
                symlink(home.join(target), &next).unwrap();
                fs::rename(&next, &name).unwrap();
            }
        });
        for _ in 0..5_000 {
            let Ok(file) = OpenedFile::regular(&name) else {
                continue;
            };
            if file.rights(0o002) == 0 {
                assert_eq!(file.read(100).unwrap().as_slice(), b"ours");
            }
        }
        is_done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_file_is_read_up_to_its_bound_and_not_beyond() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("key");
    write(&path, "12345", 0o600);
    let read = |most| OpenedFile::regular(&path).unwrap().read(most);
    assert_eq!(read(5).unwrap().as_slice(), b"12345");
    assert!(matches!(read(4), Err(Refusal::TooLong)));
}

#[test]
fn a_directory_or_symlink_that_others_can_change_exposes_what_is_behind_it() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().canonicalize().unwrap();
    let (inner, links) = (home.join("inner"), home.join("links"));
    fs::create_dir(&inner).unwrap();
    fs::create_dir(&links).unwrap();
    write(&inner.join("key"), "k", 0o600);
    symlink(inner.join("key"), links.join("key")).unwrap();
    let mode = |folder: &Path, mode| {
        fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
    };
    assert_eq!(exposed(&links.join("key")), None);
    // Another user could replace the link.
    mode(&links, 0o777);
    assert_eq!(exposed(&links.join("key")), Some(links.clone()));
    assert_eq!(exposed(&inner.join("key")), None);
    mode(&links, 0o1777);
    assert_eq!(exposed(&links.join("key")), None);
    mode(&inner, 0o757);
    assert_eq!(exposed(&links.join("key")), Some(inner));
}

#[test]
fn descriptors_are_known_by_their_names() {
    for (path, expected) in [
        ("/dev/stdin", true),
        ("/dev/fd/63", true),
        ("/proc/self/fd/0", true),
        ("/dev/fd/", false),
        ("/dev/fd/../zero", false),
        ("/dev/zero", false),
        ("/proc/1/fd/0", false),
        ("dev/stdin", false),
    ] {
        assert_eq!(is_descriptor(Path::new(path)), expected, "{path}");
    }
}
