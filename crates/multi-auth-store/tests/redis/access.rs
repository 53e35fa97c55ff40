//! Passwords, permissions and TLS.

use multi_auth_store::redis::RedisStore;
use multi_auth_store::{StoreProblem, StoredAccount, StoredTokens, TokenStore};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::server::{KEY, LIMIT, Server, acquire, key, newer_than, sealing_key, taken};

/// The commands that the documentation of `RedisStoreBuilder::user` lists.
const COMMANDS: &str = "+evalsha +script|load +time +hmget +hset +hincrby +hexists +get +set +del +pexpire +pttl +publish +psubscribe +select +role";

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_user_with_the_documented_permissions_suffices() {
    let server = Server::start();
    let setup = format!("ACL SETUSER vendors on >secret ~multi-auth:* &multi-auth:* {COMMANDS}");
    let _: () = server.run(&setup);
    let store = server
        .builder()
        .user("vendors")
        .password("secret")
        .build()
        .unwrap();
    let account = StoredAccount::new(store.clone(), key());
    account
        .replace(&StoredTokens::default().with_refresh_token("r"))
        .await
        .unwrap();
    account.tokens().await.unwrap();
    let (lease, stored) = taken(&store, u64::MAX >> 12).await;
    assert!(store.extend(&lease, LIMIT).await.unwrap());
    store
        .publish(&lease, stored.revision, &stored.tokens)
        .await
        .unwrap();
    store.pause(lease, LIMIT).await.unwrap();
    acquire(&store, newer_than(0).with_refusal()).await;
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_refused_password_or_permission_is_told_apart_from_an_outage() {
    let server = Server::start();
    let _: () = server.run("ACL SETUSER vendors on >secret ~multi-auth:* +@all");
    let _: () = server.run("ACL SETUSER reader on >secret ~multi-auth:* +get");
    let _: () = server.run("ACL SETUSER default >secret");
    for (user, password) in [
        (Some("vendors"), Some("wrong")),
        (None, None),
        (Some("unknown"), Some("secret")),
        (Some("reader"), Some("secret")),
    ] {
        let mut builder = server_builder(&server);
        if let Some(user) = user {
            builder = builder.user(user);
        }
        if let Some(password) = password {
            builder = builder.password(password);
        }
        let error = builder.build().unwrap().load(&key()).await.unwrap_err();
        let is_denied = matches!(error.problem(), StoreProblem::AccessDenied(_));
        assert!(is_denied, "{user:?} {password:?}: {error:?}");
        assert!(!format!("{error:?}").contains("wrong"));
    }
}

fn server_builder(server: &Server) -> multi_auth_store::redis::RedisStoreBuilder {
    RedisStore::builder(&server.url(), sealing_key(KEY)).unwrap()
}

/// An authority, and a certificate of it for `localhost`: PEM.
fn certificates() -> (String, String, String) {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let server_key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let server = server.signed_by(&server_key, &issuer).unwrap().pem();
    (root, server, server_key.serialize_pem())
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn tls_is_used_and_an_unknown_authority_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (root, certificate, private_key) = certificates();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let files = [
        path("ca", &root),
        path("certificate", &certificate),
        path("key", &private_key),
    ];
    let [ca, certificate, private_key] = files.each_ref().map(String::as_str);
    let server = Server::with(&[
        "--tls-port",
        "PORT",
        "--tls-auth-clients",
        "no",
        "--tls-ca-cert-file",
        ca,
        "--tls-cert-file",
        certificate,
        "--tls-key-file",
        private_key,
    ]);
    let url = format!("rediss://localhost:{}", server.port);
    let builder = || RedisStore::builder(&url, sealing_key(KEY)).unwrap();

    let store = builder().root_certificates(root).build().unwrap();
    assert_eq!(store.load(&key()).await.unwrap().revision, 0);

    let (other_root, ..) = certificates();
    for builder in [builder(), builder().root_certificates(other_root)] {
        let error = builder.build().unwrap().load(&key()).await.unwrap_err();
        assert!(
            matches!(error.problem(), StoreProblem::Unavailable(_)),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn another_machine_is_reached_without_tls_only_by_a_dangerous_choice() {
    let builder = || RedisStore::builder("redis://redis.example.com", sealing_key(KEY)).unwrap();
    let error = builder().build().unwrap_err();
    assert!(
        matches!(error.problem(), StoreProblem::Address(_)),
        "{error}"
    );
    builder().dangerous_plain_tcp().build().unwrap();
}
