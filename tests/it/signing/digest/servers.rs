//! Digest at httpbin and at Apache, which are known to refuse what is wrong.
//!
//! `.ci/servers DIRECTORY` and `.ci/apache DIRECTORY` install them, and
//! `SERVERS=DIRECTORY cargo test -p multi-auth-tests --test it -- --ignored at_httpbin` and
//! `APACHE=DIRECTORY cargo test -p multi-auth-tests --test it -- --ignored at_apache` run these
//! tests.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use http::StatusCode;
use multi_auth::Keyring;
use multi_auth_sign::{Digest, DigestBuilder};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::adapter::{Adapter, Client};
use crate::body::TestBody;
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

/// Apache with `mod_auth_digest`, in a folder of its own.
struct Apache {
    port: u16,
    folder: TempDir,
    process: Child,
}

impl Apache {
    async fn start() -> Self {
        // It needs a port number, so it is given one that was free a moment ago.
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        drop(socket);
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        // MD5("ada:Parts:secret").
        write("users", "ada:Parts:f59c9093dadf27bbd82a28387a895449\n");
        write("index.html", "all parts");
        let process = Self::run(&folder, port);
        let mut apache = Self {
            port,
            folder,
            process,
        };
        apache.listens().await;
        apache
    }

    fn run(folder: &TempDir, port: u16) -> Child {
        let home = std::env::var("APACHE").expect("APACHE names Apache's directory");
        let modules = format!("{home}/usr/lib/apache2/modules");
        let root = folder.path().display();
        let loads = [
            ("mpm_event", "mpm_event"),
            ("authn_core", "authn_core"),
            ("authn_file", "authn_file"),
            ("authz_core", "authz_core"),
            ("authz_user", "authz_user"),
            ("auth_digest", "auth_digest"),
        ];
        let loads: String = loads
            .iter()
            .map(|(module, file)| format!("LoadModule {module}_module {modules}/mod_{file}.so\n"))
            .collect();
        // With a lifetime under 30 seconds, each response has a `nextnonce`.
        let config = format!(
            "ServerRoot {root}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {root}/pid\n\
             ErrorLog {root}/log\nDefaultRuntimeDir {root}\n{loads}DocumentRoot {root}\n\
             <Directory {root}>\nAuthType Digest\nAuthName Parts\nAuthDigestProvider file\n\
             AuthUserFile {root}/users\nAuthDigestNonceLifetime 20\nRequire valid-user\n</Directory>\n"
        );
        let path = folder.path().join("httpd.conf");
        fs::write(&path, config).unwrap();
        Command::new(format!("{home}/usr/sbin/apache2"))
            .args(["-X", "-f"])
            .arg(path)
            .env(
                "LD_LIBRARY_PATH",
                format!("{home}/usr/lib/x86_64-linux-gnu"),
            )
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Waits until it accepts connections.
    async fn listens(&mut self) {
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "Apache has ended: {ended:?}");
            tokio::task::yield_now().await;
        }
    }

    /// Stops it, and starts it again. Its nonces are then made with another secret.
    async fn restart(&mut self) {
        self.stop();
        self.process = Self::run(&self.folder, self.port);
        self.listens().await;
    }

    fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        self.stop();
    }
}

#[tokio::test]
#[ignore = "needs Apache"]
async fn digest_at_apache_is_accepted_and_a_wrong_password_is_not() {
    let mut apache = Apache::start().await;
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
