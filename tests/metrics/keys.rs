//! Keys that are replaced, and keys that end.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use metrics::set_default_local_recorder;
use metrics_util::debugging::DebuggingRecorder;
use multi_auth::{Rotation, SecretString};
use multi_auth_config::{Config, LiveKeyring, SecretSource, SourceError};
use multi_auth_testing::{AlphamoonKey, AlphamoonSimulator};

use crate::adapter::{Adapter, Client};
use crate::recorded::lines;

/// A vendor that knows one key, whose file is `file`, and which ends on a day.
pub(crate) async fn follow(
    adapter: Adapter,
    file: &Path,
) -> (AlphamoonSimulator, LiveKeyring, Client) {
    let server = AlphamoonSimulator::start().await.unwrap();
    server.add_key(AlphamoonKey::new("older:key"));
    write(file, "older:key");
    let text = format!(
        "[vendors.moon]\npreset = 'alphamoon'\nurl = '{}'\nkey = {{ file = '{}' }}\nexpires_at = 2100-01-01",
        server.url(),
        file.display()
    );
    let config = Config::parse(&text, "multi-auth.toml", []).unwrap();
    let live = config.live_keyring(adapter.transport()).await.unwrap();
    let client = adapter.client(live.keyring());
    (server, live, client)
}

/// Writes `key` to `file`, which no other user can read.
pub(crate) fn write(file: &Path, key: &str) {
    fs::write(file, key).unwrap();
    fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
}

/// A source of the program's own, which breaks once it has given a key.
#[derive(Debug, Default)]
struct Broken(AtomicUsize);

#[async_trait]
impl SecretSource for Broken {
    async fn read(&self) -> Result<SecretString, SourceError> {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            1 => panic!("the program's own source breaks"),
            _ => Ok("k-1".into()),
        }
    }
}

#[tokio::test]
async fn a_source_that_panics_gives_no_key_and_is_reported() {
    let recorder = DebuggingRecorder::new();
    let _recording = set_default_local_recorder(&recorder);
    let text =
        "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = { own = 'broken' }";
    let config = Config::parse(text, "multi-auth.toml", []).unwrap();
    let config = config.with_source("broken", Broken::default()).unwrap();
    let live = config
        .live_keyring(Adapter::Reqwest.transport())
        .await
        .unwrap();
    for is_failing in [true, false] {
        assert_eq!(live.refresh().await.is_empty(), !is_failing);
        let failing = "key_source_failing{vendor=v} 1".to_owned();
        assert_eq!(lines(&recorder).contains(&failing), is_failing);
    }
}

#[tokio::test]
async fn the_expiry_of_the_older_key_is_logged_again_once_it_is_used_again() {
    let recorder = DebuggingRecorder::new();
    let _recording = set_default_local_recorder(&recorder);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let (server, live, client) = follow(Adapter::Reqwest, &file).await;
    write(&file, "wrong:key");
    assert!(live.refresh().await.is_empty());
    client
        .get(&format!("{}/api/v0.3/processes", server.url()))
        .await
        .unwrap();
    assert_eq!(live.rotations().next().unwrap().1, Rotation::Refused);
    assert!(live.refresh().await.is_empty());
    let end = "key_expiry_timestamp_seconds{vendor=moon} 4102444800".to_owned();
    assert!(lines(&recorder).contains(&end), "{:?}", lines(&recorder));
}

on_each_adapter! {
    async fn a_keys_expiry_and_rotation_are_reported(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let (server, live, client) = follow(adapter, &file).await;
        let url = format!("{}/api/v0.3/processes", server.url());
        client.get(&url).await.unwrap();
        assert_eq!(lines(&recorder), [
            "attached_total{vendor=moon} 1",
            "key_expiry_timestamp_seconds{vendor=moon} 4102444800",
        ]);

        for (key, is_known) in [("wrong:key", false), ("newer:key", true)] {
            if is_known {
                server.add_key(AlphamoonKey::new(key));
            }
            write(&file, key);
            assert!(live.refresh().await.is_empty());
            client.get(&url).await.unwrap();
        }
        assert_eq!(lines(&recorder), [
            "attached_total{vendor=moon} 3",
            "key_expiry_timestamp_seconds{vendor=moon} inf",
            "key_rotations_total{vendor=moon,outcome=accepted} 1",
            "key_rotations_total{vendor=moon,outcome=on_trial} 2",
            "key_rotations_total{vendor=moon,outcome=refused} 1",
            "replayed_total{vendor=moon,outcome=accepted} 1",
        ]);
    }

    async fn a_failing_source_is_reported_while_it_fails(adapter: Adapter) {
        let recorder = DebuggingRecorder::new();
        let _recording = set_default_local_recorder(&recorder);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let (_server, live, _client) = follow(adapter, &file).await;
        let failing = || lines(&recorder).contains(&"key_source_failing{vendor=moon} 1".to_owned());
        assert!(!failing());
        for (key, expected) in [("no-colon", true), ("older:key", false)] {
            write(&file, key);
            assert_eq!(live.refresh().await.is_empty(), !expected);
            assert_eq!(failing(), expected, "{key}");
        }
    }
}
