//! A changed file is taken up with no restart, and no request fails for it.

mod dates;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::{Rotation, SecretString};
use multi_auth_config::{LiveKeyring, SecretSource, SourceError, SourceProblem};
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{AlphamoonKey, AlphamoonSimulator};
use reqwest_middleware::ClientWithMiddleware;
use tempfile::TempDir;
use tokio::time::timeout;

use super::parse;
use super::sources::{secret_file, write_secret};
use crate::adapter::Adapter;

const OLDER: &str = "older:key";
const NEWER: &str = "newer:key";

/// A vendor that knows the older key, whose file is `file`.
async fn follow(file: &Path) -> (AlphamoonSimulator, LiveKeyring, ClientWithMiddleware) {
    let server = AlphamoonSimulator::start().await.unwrap();
    server.add_key(AlphamoonKey::new(OLDER));
    let text = format!(
        "[vendors.v]\npreset = 'alphamoon'\nurl = '{}'\nkey = {{ file = '{}' }}",
        server.url(),
        file.display()
    );
    let live = parse(&text)
        .unwrap()
        .live_keyring(Adapter::Reqwest.transport())
        .await
        .unwrap();
    let client = guarded_client(live.keyring().clone()).build().unwrap();
    (server, live, client)
}

fn rotation(live: &LiveKeyring) -> Rotation {
    live.rotations().next().unwrap().1
}

async fn status(client: &ClientWithMiddleware, server: &AlphamoonSimulator) -> u16 {
    let url = format!("{}/api/v0.3/processes", server.url());
    client.get(url).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_key_that_has_changed_is_put_in_place_and_one_that_has_not_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let file = secret_file(&folder, "key", OLDER);
    let (server, live, client) = follow(&file).await;
    assert!(live.refresh().await.is_empty());
    assert_eq!(rotation(&live), Rotation::Settled);

    server.add_key(AlphamoonKey::new(NEWER));
    secret_file(&folder, "key", &format!("{NEWER}\n"));
    assert!(live.refresh().await.is_empty());
    assert_eq!(rotation(&live), Rotation::OnTrial);
    assert_eq!(status(&client, &server).await, 200);
    server.revoke_key(OLDER);
    assert_eq!(status(&client, &server).await, 200);
    assert_eq!(rotation(&live), Rotation::Settled);
}

#[tokio::test]
async fn the_key_in_use_stays_while_the_source_has_no_valid_newer_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = secret_file(&folder, "key", OLDER);
    let (server, live, client) = follow(&file).await;

    secret_file(&folder, "key", "no-colon");
    let errors = live.refresh().await;
    assert_eq!(errors[0].location().field, "vendors.v.key");
    fs::remove_file(&file).unwrap();
    let errors = live.refresh().await;
    let multi_auth_config::ConfigProblem::Secret(error) = errors[0].problem() else {
        panic!("{errors:?}")
    };
    assert_eq!(*error.problem(), SourceProblem::Missing);
    assert_eq!(status(&client, &server).await, 200);

    secret_file(&folder, "key", "refused:key");
    assert!(live.refresh().await.is_empty());
    assert_eq!(status(&client, &server).await, 200);
    assert_eq!(rotation(&live), Rotation::Refused);
}

/// The older key was seen at work where it took over, if only on a request that was sent once more.
#[tokio::test]
async fn an_older_key_that_took_over_is_used_again_after_a_temporary_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let file = secret_file(&folder, "key", OLDER);
    let (server, live, client) = follow(&file).await;
    secret_file(&folder, "key", "refused:key");
    assert!(live.refresh().await.is_empty());
    assert_eq!(status(&client, &server).await, 200);
    server.revoke_key(OLDER);
    assert_eq!(status(&client, &server).await, 401);
    server.add_key(AlphamoonKey::new(OLDER));
    assert_eq!(status(&client, &server).await, 200);
}

#[tokio::test]
async fn a_newer_key_is_accepted_by_its_first_success_on_whichever_request() {
    let folder = tempfile::tempdir().unwrap();
    let file = secret_file(&folder, "key", OLDER);
    let (server, live, client) = follow(&file).await;
    secret_file(&folder, "key", NEWER);
    assert!(live.refresh().await.is_empty());
    assert_eq!(status(&client, &server).await, 200);
    assert_eq!(rotation(&live), Rotation::Refused);
    server.add_key(AlphamoonKey::new(NEWER));
    server.revoke_key(OLDER);
    assert_eq!(status(&client, &server).await, 200);
    assert_eq!(rotation(&live), Rotation::Settled);
}

async fn load_until_newer(client: &ClientWithMiddleware, server: &AlphamoonSimulator) {
    load_until(NEWER, client, server).await;
}

/// Sends until the vendor has seen `key`, and checks that no request fails until then.
async fn load_until(key: &str, client: &ClientWithMiddleware, server: &AlphamoonSimulator) {
    use base64::Engine as _;
    let key = base64::engine::general_purpose::STANDARD.encode(key);
    let key = format!("Basic {key}");
    let load = async {
        loop {
            assert_eq!(status(client, server).await, 200);
            let requests = server.requests();
            server.clear_requests();
            if requests
                .iter()
                .any(|request| request.header("authorization") == Some(&key))
            {
                return;
            }
        }
    };
    // Less than the minute in which all files are looked at in any case.
    timeout(Duration::from_secs(40), load)
        .await
        .expect("the key is taken up");
}

#[tokio::test]
async fn a_replaced_file_is_read_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let file = secret_file(&folder, "key", OLDER);
    let (server, live, client) = follow(&file).await;
    let watch = tokio::spawn(live.watch());
    assert_eq!(status(&client, &server).await, 200);
    server.add_key(AlphamoonKey::new(NEWER));
    secret_file(&folder, "key", NEWER);
    load_until_newer(&client, &server).await;
    watch.abort();
}

/// As Kubernetes does it: `key` leads by way of `..data` into a folder, and `..data` is put
/// elsewhere.
#[tokio::test]
async fn a_swapped_symlink_of_a_mount_rotates_the_key_under_load() {
    let mount = tempfile::tempdir().unwrap();
    let (first, second) = (
        TempDir::new_in(&mount).unwrap(),
        TempDir::new_in(&mount).unwrap(),
    );
    secret_file(&first, "key", OLDER);
    secret_file(&second, "key", NEWER);
    let data = mount.path().join("..data");
    symlink(first.path(), &data).unwrap();
    let file = mount.path().join("key");
    symlink("..data/key", &file).unwrap();

    let (server, live, client) = follow(&file).await;
    let watch = tokio::spawn(live.watch());
    assert_eq!(status(&client, &server).await, 200);
    server.add_key(AlphamoonKey::new(NEWER));
    let next = mount.path().join("..data_tmp");
    symlink(second.path(), &next).unwrap();
    fs::rename(next, data).unwrap();
    load_until_newer(&client, &server).await;
    watch.abort();
}

/// A release is another folder, which a symlink further up the path leads to.
#[tokio::test]
async fn a_changed_symlink_further_up_rotates_the_key_under_load() {
    let home = tempfile::tempdir().unwrap();
    for (release, key) in [("r1", OLDER), ("r2", NEWER)] {
        let keys = home.path().join(release).join("keys");
        fs::create_dir_all(&keys).unwrap();
        write_secret(&keys.join("key"), key);
    }
    let current = home.path().join("current");
    symlink("r1", &current).unwrap();
    let (server, live, client) = follow(&current.join("keys/key")).await;
    let watch = tokio::spawn(live.clone().watch());
    assert_eq!(status(&client, &server).await, 200);
    server.add_key(AlphamoonKey::new(NEWER));
    let next = home.path().join("next");
    symlink("r2", &next).unwrap();
    fs::rename(next, current).unwrap();
    load_until_newer(&client, &server).await;
    watch.abort();
}

#[tokio::test]
async fn a_recreated_directory_is_watched_again() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("secrets");
    let file = folder.join("key");
    fs::create_dir(&folder).unwrap();
    write_secret(&file, OLDER);
    let (server, live, client) = follow(&file).await;
    let watch = tokio::spawn(live.watch());
    assert_eq!(status(&client, &server).await, 200);
    server.add_key(AlphamoonKey::new(NEWER));
    for key in [NEWER, OLDER, NEWER] {
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        write_secret(&file, key);
        load_until(key, &client, &server).await;
    }
    watch.abort();
}

#[tokio::test]
async fn a_clone_reports_rotations_while_another_watches() {
    let folder = tempfile::tempdir().unwrap();
    let file = secret_file(&folder, "key", OLDER);
    let (server, live, client) = follow(&file).await;
    let watch = tokio::spawn(live.clone().watch());
    assert_eq!(status(&client, &server).await, 200);
    secret_file(&folder, "key", NEWER);
    load_until_newer(&client, &server).await;
    assert_eq!(rotation(&live), Rotation::Refused);
    watch.abort();
}

/// Gives a key once, and then never answers.
#[derive(Debug, Default)]
struct Mute(AtomicBool);

#[async_trait]
impl SecretSource for Mute {
    async fn read(&self) -> Result<SecretString, SourceError> {
        if self.0.swap(true, Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok("k-1".into())
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_never_returns_delays_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = secret_file(&folder, "key", "k-1");
    let text = format!(
        "[vendors.file]\nurl = 'https://a.example'\nscheme = 'bearer'\nkey = {{ file = '{}' }}\n\
         [vendors.mute]\nurl = 'https://b.example'\nscheme = 'bearer'\nkey = {{ own = 'mute' }}",
        file.display()
    );
    let config = parse(&text)
        .unwrap()
        .with_source("mute", Mute::default())
        .unwrap();
    let live = config
        .live_keyring(Adapter::Reqwest.transport())
        .await
        .unwrap();
    let watch = tokio::spawn(live.clone().watch());
    // An hour later it is read again; a file that changes before that is read at once.
    tokio::time::sleep(Duration::from_secs(60 * 60 + 1)).await;
    secret_file(&folder, "key", "k-2");
    let trial = async {
        while live.rotations().next() != Some(("file", Rotation::OnTrial)) {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    timeout(Duration::from_secs(10 * 60), trial).await.unwrap();
    let errors = live.refresh().await;
    assert!(
        errors[0].to_string().contains("timed out after 60 s"),
        "{errors:?}"
    );
    watch.abort();
}
