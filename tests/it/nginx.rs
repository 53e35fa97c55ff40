//! A server of nginx. `NGINX` names its program.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

/// A process of nginx. It stops when this is dropped.
pub(crate) struct Nginx {
    pub(crate) address: SocketAddr,
    _folder: TempDir,
    _process: Child,
    /// A process that writes to a closed pipe is killed.
    _log: Lines<BufReader<ChildStderr>>,
}

impl Nginx {
    /// Starts it with these `files` beside its configuration, which has `parameters` behind the
    /// address that it listens at, and `directives` in its server.
    pub(crate) async fn start(files: &[(&str, &str)], parameters: &str, directives: &str) -> Self {
        let program = std::env::var("NGINX").expect("NGINX names nginx's program");
        // It needs a port number, so it is given one that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        for (name, text) in files {
            write(name, text);
        }
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let places = places
            .map(|name| format!("{name}_temp_path {name};"))
            .join(" ");
        write(
            "nginx.conf",
            &format!(
                "daemon off; master_process off; error_log stderr notice; pid pid; events {{}}\n\
                 http {{ access_log off; {places} server {{ listen {address}{parameters}; {directives} }} }}"
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
            address,
            _folder: folder,
            _process: process,
            _log: log,
        }
    }
}
