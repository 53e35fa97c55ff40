//! Which files are read, by whom they can be changed, and what of them is bounded.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use multi_auth_config::{Config, FileSource, SecretSource, SourceProblem};
use tempfile::TempDir;

use super::sources::{read, secret_file};

const PLAIN: &str = "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'K' }";

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// What `Config::read` says of the file at `path`.
fn refusal(path: &Path) -> String {
    Config::read(path).unwrap_err().to_string()
}

/// Another user's id, if this process may give files away.
fn other_user(path: &Path) -> Option<u32> {
    const OTHER: u32 = 12_345;
    chown(path, Some(OTHER), None).ok().map(|()| OTHER)
}

#[test]
fn a_configuration_of_another_user_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = secret_file(&folder, "multi-auth.toml", PLAIN);
    if other_user(&path).is_none() {
        return;
    }
    assert!(refusal(&path).contains("belongs to another user"));
    chown(&path, Some(0), None).unwrap();
    assert!(Config::read(&path).is_ok());
    // Who owns the directory can put another file there.
    let _ = other_user(folder.path());
    assert!(refusal(&path).contains("can be replaced by other users"));
}

#[tokio::test]
async fn a_key_of_another_user_is_read_only_with_the_dangerous_source() {
    let folder = tempfile::tempdir().unwrap();
    let path = secret_file(&folder, "key", "k-1");
    if other_user(&path).is_none() {
        return;
    }
    assert_eq!(
        read(FileSource::new(&path)).await,
        Err(SourceProblem::Foreign)
    );
    let trusted = FileSource::new(&path).dangerous_any_owner();
    assert_eq!(read(trusted).await, Ok("k-1".to_owned()));
    let text = format!(
        "[vendors.v]\nscheme = 'bearer'\nurl = 'https://v.example'\nkey = {{ dangerous_foreign_file = '{}' }}",
        path.display()
    );
    assert!(super::keyring(&text).await.is_ok());
}

#[tokio::test]
async fn a_key_that_others_can_replace_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let path = inner.join("key");
    super::sources::write_secret(&path, "k-1");
    for (folder, is_refused) in [
        (0o700, false),
        (0o755, false),
        (0o777, true),
        (0o1777, false),
    ] {
        mode(&inner, folder);
        let found = read(FileSource::new(&path)).await;
        let expected = SourceProblem::Replaceable(inner.clone());
        assert_eq!(found == Err(expected), is_refused, "{folder:o}");
    }
    mode(&inner, 0o777);
    let trusted = FileSource::new(&path).dangerous_any_owner();
    assert_eq!(read(trusted).await, Ok("k-1".to_owned()));
}

#[test]
fn a_configuration_is_read_only_if_no_one_else_can_write_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = secret_file(&folder, "multi-auth.toml", PLAIN);
    for (bits, is_read) in [
        (0o600, true),
        (0o644, true),
        (0o440, true),
        (0o660, false),
        (0o664, false),
        (0o646, false),
    ] {
        mode(&path, bits);
        assert_eq!(Config::read(&path).is_ok(), is_read, "{bits:o}");
    }
    mode(&path, 0o600);
    mode(folder.path(), 0o777);
    assert!(refusal(&path).contains("can be replaced by other users"));
}

#[test]
fn a_configuration_that_is_not_a_regular_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for path in [pipe.as_path(), folder.path(), Path::new("/dev/zero")] {
        assert!(refusal(path).contains("is not a regular file"), "{path:?}");
    }
}

#[test]
fn a_configuration_has_a_mebibyte_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let comment = "#".repeat(1024 * 1024 - PLAIN.len() - 1);
    let path = secret_file(&folder, "multi-auth.toml", &format!("{PLAIN}\n{comment}"));
    assert!(Config::read(&path).is_ok());
    let path = secret_file(&folder, "multi-auth.toml", &format!("{PLAIN}\n{comment}#"));
    assert!(refusal(&path).contains("longer than 1 MiB"));
}

/// A volume as the kubelet writes it: `key -> ..data/key`, `..data -> ..2026_11_24`, where `..data`
/// is replaced as a whole.
struct Volume(TempDir);

impl Volume {
    fn new(folder_mode: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("volume");
        fs::create_dir(&inner).unwrap();
        mode(&inner, folder_mode);
        symlink("..data/key", inner.join("key")).unwrap();
        Self(folder)
    }

    fn key(&self) -> PathBuf {
        self.0.path().join("volume/key")
    }

    fn write(&self, version: &str, text: &str, file_mode: u32) {
        let volume = self.0.path().join("volume");
        fs::create_dir(volume.join(version)).unwrap();
        let key = volume.join(version).join("key");
        fs::write(&key, text).unwrap();
        mode(&key, file_mode);
        symlink(version, volume.join("..data_tmp")).unwrap();
        fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
    }
}

#[tokio::test]
async fn keys_in_a_volume_of_kubernetes_are_read_and_followed() {
    // `drwxrwxrwt`, as the kubelet makes it; `drwxrwsrwt` with an `fsGroup`.
    for folder in [0o755, 0o1777, 0o3777] {
        // With `defaultMode: 0400`, and 0440 as an `fsGroup` needs it.
        for file in [0o400, 0o440, 0o640] {
            let volume = Volume::new(folder);
            volume.write("..2026_11_24", "k-1", file);
            let source = FileSource::new(volume.key());
            assert_eq!(
                read(source.clone()).await,
                Ok("k-1".to_owned()),
                "{folder:o} {file:o}"
            );
            volume.write("..2026_11_25", "k-2", file);
            assert_eq!(
                read(source.clone()).await,
                Ok("k-2".to_owned()),
                "{folder:o} {file:o}"
            );
        }
    }
}

#[tokio::test]
async fn a_configuration_in_a_volume_of_kubernetes_is_read() {
    let volume = Volume::new(0o1777);
    volume.write("..2026_11_24", PLAIN, 0o644);
    assert!(Config::read(volume.key()).is_ok());
}

#[tokio::test]
async fn the_open_file_of_a_descriptor_is_a_key_as_its_file_is() {
    use std::os::fd::AsRawFd;

    let folder = tempfile::tempdir().unwrap();
    let path = secret_file(&folder, "key", "k-1");
    let file = fs::File::open(&path).unwrap();
    let name = format!("/proc/self/fd/{}", file.as_raw_fd());
    let source = FileSource::new(name);
    assert_eq!(
        source
            .read()
            .await
            .map(drop)
            .map_err(|error| error.to_string()),
        Ok(())
    );
}
