//! A server of Apache. `APACHE` names the directory in which `.ci/apache DIRECTORY` has installed
//! it.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::net::TcpStream;

/// A running Apache with one page, `index.html`. It stops when it is dropped.
pub(crate) struct Apache {
    port: u16,
    folder: TempDir,
    process: Child,
}

impl Apache {
    /// Starts it with `modules`, with `settings` of its pages, and with `files` beside them.
    pub(crate) async fn start(modules: &[&str], settings: &str, files: &[(&str, &str)]) -> Self {
        // It needs a port number, so it is given one that was free a moment ago.
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        drop(socket);
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().display();
        let mut config = format!(
            "ServerRoot {root}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {root}/pid\n\
             ErrorLog {root}/log\nDefaultRuntimeDir {root}\nDocumentRoot {root}\n"
        );
        for module in ["mpm_event"].iter().chain(modules) {
            let path = format!("{}/usr/lib/apache2/modules/mod_{module}.so", home());
            writeln!(config, "LoadModule {module}_module {path}").unwrap();
        }
        write!(config, "<Directory {root}>\n{settings}</Directory>\n").unwrap();
        let own = [("httpd.conf", &*config), ("index.html", "all parts")];
        for (name, text) in own.iter().chain(files) {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let process = Self::run(&folder);
        let mut apache = Self {
            port,
            folder,
            process,
        };
        apache.listens().await;
        apache
    }

    fn run(folder: &TempDir) -> Child {
        let libraries = format!("{}/usr/lib/x86_64-linux-gnu", home());
        Command::new(format!("{}/usr/sbin/apache2", home()))
            .args(["-X", "-f"])
            .arg(folder.path().join("httpd.conf"))
            .env("LD_LIBRARY_PATH", libraries)
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
    pub(crate) async fn restart(&mut self) {
        self.stop();
        self.process = Self::run(&self.folder);
        self.listens().await;
    }

    fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        self.stop();
    }
}

fn home() -> String {
    std::env::var("APACHE").expect("APACHE names Apache's directory")
}
