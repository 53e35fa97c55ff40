//! Basic at nginx, which is known to refuse what is wrong. `NGINX` names its program.

use std::fs;
use std::net::TcpListener;
use std::process::Stdio;

use http::StatusCode;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use super::parse;
use crate::adapter::Adapter;

/// The users, and the SHA-1 digests of their passwords in base64.
const USERS: &str = "parts:{SHA}s1HF7HFFSakvaNHdFgPolrmfEH4=
müller:{SHA}9Rfd8dMqES/xrVXGbRsSyzjn6Pc=
api-key:{SHA}wDKtwf9inJtm8idJrWZ+a+rfFEs=
long:{SHA}lCGMqumQTpOj179Xi/R5GSb8XoI=
";

struct Server {
    url: String,
    _folder: TempDir,
    _process: Child,
    /// A process that writes to a closed pipe is killed.
    _log: Lines<BufReader<ChildStderr>>,
}

impl Server {
    async fn start() -> Self {
        let program = std::env::var("NGINX").expect("NGINX names nginx's program");
        // It needs a port number, so it is given one that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let places = places
            .map(|name| format!("{name}_temp_path {name};"))
            .join(" ");
        write("users", USERS);
        write("parts", "all parts");
        write(
            "nginx.conf",
            &format!(
                "daemon off; master_process off; error_log stderr notice; pid pid; events {{}}\n\
                 http {{ access_log off; {places} server {{ listen {address}; root .;\n\
                 auth_basic \"Parts\"; auth_basic_user_file users; }} }}"
            ),
        );
        let mut command = Command::new(program);
        command
            .args(["-e", "stderr", "-c", "nginx.conf", "-p"])
            .arg(folder.path())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        // It writes this line when it listens.
        while let Some(line) = log.next_line().await.unwrap() {
            if line.contains("event method") {
                break;
            }
        }
        Self {
            url: format!("http://{address}"),
            _folder: folder,
            _process: process,
            _log: log,
        }
    }

    /// The answer to a request with the credential of `entry`.
    async fn status(&self, entry: &str, adapter: Adapter) -> StatusCode {
        let text = format!("[vendors.v]\nurl = '{}'\n{entry}", self.url);
        let config = parse(&text).unwrap();
        let keyring = config.keyring(adapter.transport()).await.unwrap();
        let url = format!("{}/parts", self.url);
        let answer = adapter.client(&keyring).get(&url).await;
        answer.unwrap().status
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server's program: NGINX=... cargo test -- --ignored"]
async fn nginx_accepts_each_right_pair_and_refuses_each_wrong_one() {
    let server = Server::start().await;
    let basic = |rest: &str, key: &str| {
        format!("scheme = 'basic'\n{rest}key = {{ dangerous_inline = '{key}' }}")
    };
    let long = "x".repeat(200);
    for (entry, is_right) in [
        // The key is `user:password`, split at its first colon.
        (basic("", "parts:p:w:1"), true),
        (basic("", "parts:p:w:2"), false),
        (basic("", "parts:p"), false),
        (basic("", "other:p:w:1"), false),
        // UTF-8 (RFC 7617, section 2.1).
        (basic("", "müller:pässwörd"), true),
        (basic("user = 'müller'\n", "pässwörd"), true),
        (basic("", "muller:pässwörd"), false),
        // One half is a constant.
        (basic("user = 'parts'\n", "p:w:1"), true),
        (basic("user = 'parts'\n", "parts:p:w:1"), false),
        (basic("password = 'X'\n", "api-key"), true),
        (basic("password = 'x'\n", "api-key"), false),
        (basic("", &format!("long:{long}")), true),
        (basic("", &format!("long:{long}x")), false),
        // Another scheme, and Basic's own text under it.
        (
            "scheme = 'bearer'\nkey = { dangerous_inline = 'cGFydHM6cDp3OjE=' }".to_owned(),
            false,
        ),
        (
            "scheme = 'authorization'\nprefix = 'Basic '\nkey = { dangerous_inline = 'cGFydHM6cDp3OjE=' }"
                .to_owned(),
            true,
        ),
    ] {
        for adapter in [Adapter::Reqwest, Adapter::Tower, Adapter::Hyper, Adapter::Ureq] {
            let expected = if is_right { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
            assert_eq!(server.status(&entry, adapter).await, expected, "{entry} by {adapter:?}");
        }
    }
}
