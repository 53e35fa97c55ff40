//! When a key ends, and who is warned of it.

use std::time::{Duration, SystemTime};

use multi_auth::{RequestHead, Rotation};
use multi_auth_config::{LiveKeyring, Vendor};
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{AlphamoonKey, AlphamoonSimulator};
use reqwest_middleware::ClientWithMiddleware;
use tempfile::TempDir;

use super::{OLDER, rotation, status};
use crate::adapter::Adapter;
use crate::config::parse;
use crate::config::sources::secret_file;

#[tokio::test]
async fn each_expiry_warning_is_logged_once() {
    let text = "[vendors.ends]\nurl = 'https://a.example'\nscheme = 'bearer'\nkey.dangerous_inline = 'k'\n\
                expires_at = 2027-03-01\n[vendors.endless]\npreset = 'alphamoon'\nkey.dangerous_inline = 'u:p'";
    let config = parse(text).unwrap();
    let end = config.vendors()[1].expires_at().unwrap();
    let day = |days: i32| {
        let days = Duration::from_secs(24 * 60 * 60) * days.unsigned_abs();
        move |before: bool| if before { end - days } else { end + days }
    };
    assert_eq!(config.expiring(30, day(30)(true)).count(), 0);
    let names: Vec<_> = config
        .expiring(31, day(30)(true))
        .map(Vendor::name)
        .collect();
    assert_eq!(names, ["ends"]);

    let live = config
        .live_keyring(Adapter::Reqwest.transport())
        .await
        .unwrap();
    for (now, expected) in [
        (day(31)(true), None),
        (day(29)(true), Some(29)),
        (day(20)(true), None),
        (day(5)(true), Some(5)),
        (day(5)(true), None),
        (day(0)(true), Some(0)),
        (day(0)(false) + Duration::from_secs(1), Some(-1)),
        (day(9)(false), None),
    ] {
        let warned = live.warn_of_expiry(now).await;
        let days: Vec<_> = warned
            .iter()
            .map(|(vendor, days)| (vendor.as_str(), *days))
            .collect();
        assert_eq!(
            days,
            expected
                .map(|days| ("ends", days))
                .into_iter()
                .collect::<Vec<_>>()
        );
    }
}

/// A vendor that knows the older key, which ends, and when.
async fn follow_dated(
    folder: &TempDir,
) -> (
    AlphamoonSimulator,
    LiveKeyring,
    ClientWithMiddleware,
    SystemTime,
) {
    let file = secret_file(folder, "key", OLDER);
    let server = AlphamoonSimulator::start().await.unwrap();
    server.add_key(AlphamoonKey::new(OLDER));
    let text = format!(
        "[vendors.v]\npreset = 'alphamoon'\nurl = '{}'\nkey = {{ file = '{}' }}\nexpires_at = 2100-01-01",
        server.url(),
        file.display()
    );
    let config = parse(&text).unwrap();
    let end = config.vendors()[0].expires_at().unwrap();
    let live = config
        .live_keyring(Adapter::Reqwest.transport())
        .await
        .unwrap();
    let client = guarded_client(live.keyring().clone()).build().unwrap();
    (server, live, client, end)
}

#[tokio::test]
async fn the_key_in_use_keeps_its_expiry_after_any_number_of_trials() {
    let folder = tempfile::tempdir().unwrap();
    let (server, live, client, end) = follow_dated(&folder).await;
    for key in ["wrong:one", "wrong:two"] {
        secret_file(&folder, "key", key);
        assert!(live.refresh().await.is_empty());
    }
    assert_eq!(status(&client, &server).await, 200);
    assert_eq!(rotation(&live), Rotation::Refused);
    assert_eq!(live.warn_of_expiry(end).await.len(), 1);
}

#[tokio::test]
async fn a_key_whose_replacement_was_refused_still_gets_expiry_warnings() {
    let folder = tempfile::tempdir().unwrap();
    let (server, live, client, end) = follow_dated(&folder).await;
    secret_file(&folder, "key", "wrong:key");
    live.refresh().await;
    assert!(live.warn_of_expiry(end).await.is_empty());
    assert_eq!(status(&client, &server).await, 200);
    assert_eq!(rotation(&live), Rotation::Refused);
    assert_eq!(live.warn_of_expiry(end).await.len(), 1);
    // The older key in its place again has its date again.
    secret_file(&folder, "key", OLDER);
    live.refresh().await;
    assert_eq!(
        live.warn_of_expiry(end + Duration::from_secs(1))
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn a_new_key_does_not_inherit_the_expiry_of_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = secret_file(&folder, "key", "k-1");
    let text = format!(
        "[vendors.v]\nurl = 'https://a.example'\nscheme = 'bearer'\nexpires_at = 2000-01-01\nkey = {{ file = '{}' }}",
        file.display()
    );
    let config = parse(&text).unwrap();
    let after = config.vendors()[0].expires_at().unwrap() + Duration::from_secs(1);
    let live = config
        .live_keyring(Adapter::Reqwest.transport())
        .await
        .unwrap();
    let (parts, ()) = http::Request::get("https://a.example/")
        .body(())
        .unwrap()
        .into_parts();
    let head = RequestHead::from_parts(&parts);
    assert!(live.keyring().authenticate(&head).await.is_err());
    secret_file(&folder, "key", "k-2");
    assert!(live.refresh().await.is_empty());
    assert!(live.keyring().authenticate(&head).await.is_ok());
    assert!(live.warn_of_expiry(after).await.is_empty());
}
