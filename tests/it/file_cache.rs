//! The example's token cache in a file, a source that decorates another.

#[path = "../../examples/token_file_cache/file_cache.rs"]
#[allow(
    clippy::disallowed_methods,
    reason = "an example reads the machine's clock"
)]
mod cache;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use multi_auth::{Token, TokenSource, source_fn};
use secrecy::ExposeSecret;

use self::cache::FileCache;

/// A source that counts, and a path that no other test uses.
fn rig() -> (Arc<AtomicUsize>, impl TokenSource + Clone, PathBuf) {
    static NEXT: LazyLock<AtomicUsize> = LazyLock::new(AtomicUsize::default);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder =
        std::env::temp_dir().join(format!("multi-auth-it-{}-{number}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let given = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&given);
    let source = source_fn(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let token = Token::new(format!("canary-{number}")).with_part("id", format!("i-{number}"));
        std::future::ready(Ok(token.with_lifetime(Duration::from_secs(3600))))
    });
    (given, Arc::new(source), folder.join("token.json"))
}

fn shown(token: &Token) -> (String, String) {
    let part = token.part("id").unwrap().expose_secret().to_owned();
    (token.value().expose_secret().to_owned(), part)
}

#[tokio::test]
async fn a_token_survives_in_the_file_and_a_second_call_asks_for_a_newer_one() {
    let (given, source, path) = rig();
    let first = FileCache::new(source.clone(), &path).token().await.unwrap();
    let next_run = FileCache::new(source, &path);
    let again = next_run.token().await.unwrap();
    assert_eq!(
        (shown(&first), given.load(Ordering::Relaxed)),
        (shown(&again), 1)
    );
    assert!(again.expiry().is_some() && !format!("{next_run:?} {again:?}").contains("canary"));
    let newer = next_run.token().await.unwrap();
    assert_eq!(shown(&newer), ("canary-1".to_owned(), "i-1".to_owned()));
    // The newer one took the place of the older one, and nothing else is left.
    assert!(fs::read_to_string(&path).unwrap().contains("canary-1"));
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn only_this_user_can_read_the_file_and_one_that_is_open_to_others_is_not_used() {
    use std::os::unix::fs::PermissionsExt;

    let (given, source, path) = rig();
    FileCache::new(source.clone(), &path).token().await.unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    FileCache::new(source, &path).token().await.unwrap();
    assert_eq!(given.load(Ordering::Relaxed), 2);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn a_file_that_holds_no_valid_token_is_not_used() {
    let (given, source, path) = rig();
    for text in ["", "{", "{}", r#"{"value":"canary","expiry":1,"parts":{}}"#] {
        fs::write(&path, text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let before = given.load(Ordering::Relaxed);
        FileCache::new(source.clone(), &path).token().await.unwrap();
        assert_eq!(given.load(Ordering::Relaxed), before + 1, "{text}");
    }
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
}
