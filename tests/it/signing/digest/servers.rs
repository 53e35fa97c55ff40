//! Digest at httpbin and at Apache, which are known to refuse what is wrong.
//!
//! `.ci/servers DIRECTORY` and `.ci/apache DIRECTORY` install them, and
//! `SERVERS=DIRECTORY cargo test -p multi-auth-tests --test it -- --ignored at_httpbin` and
//! `APACHE=DIRECTORY cargo test -p multi-auth-tests --test it -- --ignored at_apache` run these
//! tests.

use http::StatusCode;
use multi_auth::Keyring;
use multi_auth_sign::{Digest, DigestBuilder};

use crate::adapter::{Adapter, Client};
use crate::body::TestBody;
use crate::signing::apache::Apache;
use crate::signing::program::Program;

fn keyring(url: &str, builder: DigestBuilder, password: &str) -> Keyring {
    let digest = builder.build("ada", password).unwrap();
    Keyring::builder().bind(url, digest).unwrap().build()
}

fn client(adapter: Adapter, url: &str, builder: DigestBuilder, password: &str) -> Client {
    adapter.client(&keyring(url, builder, password))
}

const ADAPTERS: [Adapter; 2] = [Adapter::Reqwest, Adapter::Tower];

#[tokio::test]
#[ignore = "needs httpbin"]
async fn digest_at_httpbin_is_accepted_and_a_wrong_password_is_not() {
    let mut program = Program::start("signing", "httpbin_server.py");
    let url = program.line();
    for adapter in ADAPTERS {
        for algorithm in ["MD5", "SHA-256"] {
            for (qop, builder) in [
                ("auth", Digest::builder()),
                ("auth-int", Digest::builder().integrity()),
            ] {
                let builder = builder.dangerous_md5();
                let path = format!("{url}/digest-auth/{qop}/ada/secret/{algorithm}");
                let right = client(adapter, &url, builder.clone(), "secret");
                for _ in 0..3 {
                    let answer = right.get(&path).await.unwrap();
                    assert_eq!(answer.status, StatusCode::OK, "{path}");
                }
                let wrong = client(adapter, &url, builder, "wrong");
                let answer = wrong.get(&path).await.unwrap();
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            }
        }
    }
}

/// Apache with `mod_auth_digest`, and one page.
async fn apache() -> Apache {
    let modules = [
        "authn_core",
        "authn_file",
        "authz_core",
        "authz_user",
        "auth_digest",
    ];
    // With a lifetime under 30 seconds, each response has a `nextnonce`.
    let settings = "AuthType Digest\nAuthName Parts\nAuthDigestProvider file\n\
        AuthUserFile users\nAuthDigestNonceLifetime 20\nRequire valid-user\n";
    // MD5("ada:Parts:secret").
    let users = "ada:Parts:f59c9093dadf27bbd82a28387a895449\n";
    Apache::start(&modules, settings, &[("users", users)]).await
}

#[tokio::test]
#[ignore = "needs Apache"]
async fn digest_at_apache_is_accepted_and_a_wrong_password_is_not() {
    let mut apache = apache().await;
    let page = format!("{}/index.html", apache.url());
    for adapter in ADAPTERS {
        let md5 = || Digest::builder().dangerous_md5();
        let keyring = keyring(&apache.url(), md5(), "secret");
        let right = adapter.client(&keyring);
        assert_eq!(right.get(&page).await.unwrap().status, StatusCode::OK);
        let calls: Vec<_> = (0..20)
            .map(|number| {
                let (client, url) = (right.clone(), format!("{page}?number={number}"));
                tokio::spawn(async move { client.get(&url).await })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap().status, StatusCode::OK);
        }
        // Its nonces are stale after a restart.
        apache.restart().await;
        let answer = adapter.client(&keyring).get(&page).await.unwrap();
        assert_eq!(
            (answer.status, answer.outcome.unwrap().attempts()),
            (StatusCode::OK, 2)
        );

        let wrong = client(adapter, &apache.url(), md5(), "wrong");
        let answer = wrong.get(&page).await.unwrap();
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        // Without the switch, MD5 is not answered.
        let off = client(adapter, &apache.url(), Digest::builder(), "secret");
        assert!(off.post(&page, TestBody::whole("a")).await.is_err());
    }
}
