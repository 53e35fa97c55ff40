//! What a file store leaves on disk, and what it refuses.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration;

use multi_auth::Token;
use multi_auth_store::{
    FileStore, Leased, Published, SealingKey, StoreKey, StoreProblem, StoredAccount, StoredTokens,
    TokenStore,
};
use secrecy::ExposeSecret;
use tempfile::TempDir;

const KEY: &str = "l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=";
const OTHER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn open(directory: &TempDir, key: &str) -> FileStore {
    let key = SealingKey::from_base64(key).unwrap();
    FileStore::open(directory.path().join("tokens"), key).unwrap()
}

fn account(store: FileStore, account: &str) -> StoredAccount {
    StoredAccount::new(store, StoreKey::new("example", account).unwrap())
}

async fn stored(directory: &TempDir) -> StoredAccount {
    let ada = account(open(directory, KEY), "ada");
    let token = Token::new("a-secret").with_part("instance_url", "https://eu1.example.com");
    let tokens = StoredTokens::default()
        .with_refresh_token("r-secret")
        .with_access_token(token);
    ada.replace(&tokens).await.unwrap();
    ada
}

#[tokio::test]
async fn another_process_reads_what_was_stored() {
    let directory = TempDir::new().unwrap();
    stored(&directory).await;
    let tokens = account(open(&directory, KEY), "ada")
        .tokens()
        .await
        .unwrap();
    assert_eq!(tokens.refresh_token().unwrap().expose_secret(), "r-secret");
    let token = tokens.access_token().unwrap();
    assert_eq!(token.value().expose_secret(), "a-secret");
    assert_eq!(
        token.part("instance_url").unwrap().expose_secret(),
        "https://eu1.example.com"
    );
}

#[tokio::test]
async fn files_are_private_and_hold_no_plaintext() {
    let directory = TempDir::new().unwrap();
    stored(&directory).await;
    let path = directory.path().join("tokens");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o700
    );
    let mut count = 0;
    for file in fs::read_dir(&path).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600,
            "{file:?}"
        );
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        for secret in ["secret", "cmVmcmVz", "example", "ada", "eu1"] {
            assert!(!text.contains(secret), "{file:?} holds {secret}");
        }
        count += 1;
    }
    assert_eq!(count, 2, "the entry and its lock");
}

#[tokio::test]
async fn a_directory_that_others_can_read_is_refused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("tokens");
    fs::create_dir(&path).unwrap();
    for mode in [0o755, 0o710, 0o702] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = FileStore::open(&path, SealingKey::from_base64(KEY).unwrap()).unwrap_err();
        assert!(
            matches!(error.problem(), StoreProblem::Permissions),
            "{error}"
        );
        assert!(error.remedy().contains("chmod 700"));
    }
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(FileStore::open(file, SealingKey::from_base64(KEY).unwrap()).is_err());
    let missing = directory.path().join("missing/tokens");
    assert!(FileStore::open(missing, SealingKey::from_base64(KEY).unwrap()).is_err());
}

#[tokio::test]
async fn another_key_opens_nothing_and_says_so() {
    let directory = TempDir::new().unwrap();
    stored(&directory).await;
    let error = account(open(&directory, OTHER_KEY), "ada")
        .tokens()
        .await
        .unwrap_err();
    assert!(matches!(error.problem(), StoreProblem::OtherKey), "{error}");
}

#[tokio::test]
async fn a_file_in_the_place_of_another_account_is_refused() {
    let directory = TempDir::new().unwrap();
    stored(&directory).await;
    let entries = || {
        let files = fs::read_dir(directory.path().join("tokens")).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.retain(|file| file.extension().is_none());
        files
    };
    let ada = entries().remove(0);
    let bob = account(open(&directory, KEY), "bob");
    bob.replace(&StoredTokens::default()).await.unwrap();
    let place = entries().into_iter().find(|file| *file != ada).unwrap();
    fs::copy(ada, place).unwrap();
    let error = bob.tokens().await.unwrap_err();
    assert!(
        matches!(error.problem(), StoreProblem::NotAuthentic),
        "{error}"
    );
}

#[tokio::test]
async fn a_damaged_or_huge_file_is_refused_and_not_replaced() {
    let directory = TempDir::new().unwrap();
    let ada = stored(&directory).await;
    let files = fs::read_dir(directory.path().join("tokens")).unwrap();
    let file = files
        .map(|file| file.unwrap().path())
        .find(|file| file.extension().is_none())
        .unwrap();
    for content in [Vec::new(), b"{}".to_vec(), vec![b'x'; 2 << 20]] {
        fs::write(&file, &content).unwrap();
        let error = ada.tokens().await.unwrap_err();
        assert!(
            matches!(error.problem(), StoreProblem::Malformed),
            "{error}"
        );
        ada.replace(&StoredTokens::default()).await.unwrap_err();
        assert_eq!(fs::read(&file).unwrap(), content);
    }
}

#[tokio::test]
async fn a_lease_excludes_all_other_stores_of_the_directory() {
    let directory = TempDir::new().unwrap();
    let (first, second) = (open(&directory, KEY), open(&directory, KEY));
    let key = StoreKey::new("example", "ada").unwrap();
    let limit = Duration::from_secs(1);
    let Leased::Taken(lease) = first.lease(&key, limit).await.unwrap() else {
        panic!("the lease is free");
    };
    assert!(matches!(
        second.lease(&key, limit).await.unwrap(),
        Leased::Held
    ));
    assert!(matches!(
        first.lease(&key, limit).await.unwrap(),
        Leased::Held
    ));
    let other = StoreKey::new("example", "bob").unwrap();
    assert!(matches!(
        second.lease(&other, limit).await.unwrap(),
        Leased::Taken(_)
    ));
    first.release(lease).await.unwrap();
    assert!(matches!(
        second.lease(&key, limit).await.unwrap(),
        Leased::Taken(_)
    ));
}

#[tokio::test]
async fn an_entry_of_another_revision_is_not_replaced() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory, KEY);
    let key = StoreKey::new("example", "ada").unwrap();
    let Leased::Taken(lease) = store.lease(&key, Duration::ZERO).await.unwrap() else {
        panic!("the lease is free");
    };
    let tokens = StoredTokens::default().with_refresh_token("r");
    let publish = |expected| store.publish(&lease, expected, &tokens);
    assert_eq!(publish(1).await.unwrap(), Published::Conflict);
    assert_eq!(publish(0).await.unwrap(), Published::Stored(1));
    assert_eq!(publish(0).await.unwrap(), Published::Conflict);
    assert_eq!(publish(1).await.unwrap(), Published::Stored(2));
}

#[tokio::test]
async fn a_symlink_to_a_private_directory_is_accepted() {
    let directory = TempDir::new().unwrap();
    stored(&directory).await;
    let link = directory.path().join("link");
    symlink(directory.path().join("tokens"), &link).unwrap();
    let store = FileStore::open(link, SealingKey::from_base64(KEY).unwrap()).unwrap();
    assert!(
        account(store, "ada")
            .tokens()
            .await
            .unwrap()
            .refresh_token()
            .is_some()
    );
}
