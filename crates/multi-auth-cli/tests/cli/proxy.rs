//! The proxy as its users run it.

use std::hash::{BuildHasher, RandomState};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use multi_auth_config::proxy::CallerToken;
use multi_auth_testing::ScriptedServer;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use crate::page::{assert_in_order, blocks};
use crate::program::Home;

const PAGE: &str = include_str!("../../../../docs/proxy.md");

#[tokio::test]
async fn every_command_of_the_page_does_what_it_says() {
    let home = Home::empty();
    let (start, commands) = blocks(PAGE, "sh")
        .split_first()
        .map(|(a, b)| (*a, b.concat()))
        .unwrap();
    assert_eq!(start, "multi-auth simulate -- sh\n");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_multi-auth"))
        .parent()
        .unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    // Another test or program may listen at the ports of the page.
    let ports = [free_port(), free_port()].map(|port| port.to_string());
    let commands = commands
        .replace("8780", &ports[0])
        .replace("8781", &ports[1]);
    // A command that fails leaves no proxy behind.
    let end = "trap 'kill ${proxy:-} 2>/dev/null || true' EXIT";
    let script = format!("PATH={path}\nexec 2>&1\n{end}\n{commands}");
    let run = home.run(&["simulate", "--", "sh", "-euc", &script]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let expected = blocks(PAGE, "text").concat();
    assert_in_order(&run.output, &expected);
}

#[test]
fn the_page_has_each_problem() {
    for code in multi_auth_proxy::problem_codes() {
        assert!(PAGE.contains(&format!("`{code}`")), "{code}");
    }
}

/// A free port that the system gives to no other socket: it takes those above 32,767.
fn free_port() -> u16 {
    loop {
        let random = RandomState::new().hash_one(()) % 12_000;
        let port = 20_000 + u16::try_from(random).unwrap();
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A vendor and a configuration with one caller.
pub(crate) struct Setup {
    pub(crate) server: ScriptedServer,
    pub(crate) home: Home,
    pub(crate) token: CallerToken,
}

impl Setup {
    pub(crate) async fn new() -> Self {
        let setup = Self {
            server: ScriptedServer::start().await.unwrap(),
            home: Home::empty(),
            token: CallerToken::generate().unwrap(),
        };
        setup.write("first-key-123");
        setup
    }

    fn write(&self, key: &str) {
        let text = format!(
            "[vendors.v]\nscheme = \"bearer\"\nurl = \"{}\"\nkey = {{ dangerous_inline = \"{key}\" }}\n\
             [proxy]\nlisten = [\"127.0.0.1:0\"]\nadmin = \"127.0.0.1:0\"\n\
             [proxy.callers.tests]\ntoken_hashes = [\"{}\"]\nallow = [{{ vendor = \"v\" }}]\n",
            self.server.url(),
            self.token.hash()
        );
        self.home.secret("new.toml", text);
        std::fs::rename(
            self.home.path("new.toml"),
            self.home.path("multi-auth.toml"),
        )
        .unwrap();
    }

    /// Starts the proxy with a page for operators, and returns the URLs of both.
    pub(crate) async fn start_with_page(&self) -> (Proxy, String, String) {
        let (mut proxy, url) = self.start().await;
        let page = proxy.until("the status page is at ").await;
        (proxy, url, page)
    }

    /// Starts the proxy, and returns its URL.
    pub(crate) async fn start(&self) -> (Proxy, String) {
        let mut command = self.home.command(&["proxy", "--audit", "audit.jsonl"]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut proxy = Proxy::of(command.spawn().unwrap());
        let url = proxy.until("listening at ").await;
        (proxy, url)
    }

    /// Has the proxy listen at a port that stays the same, and returns its address.
    pub(crate) fn at_a_fixed_port(&self) -> String {
        let address = format!("127.0.0.1:{}", free_port());
        let text = std::fs::read_to_string(self.home.path("multi-auth.toml")).unwrap();
        let text = text.replacen("127.0.0.1:0", &address, 1);
        self.home.secret("multi-auth.toml", text);
        address
    }

    /// Starts a proxy that may listen beside another one.
    pub(crate) async fn start_beside(&self) -> Proxy {
        let arguments = ["proxy", "--reuse-port", "--audit", "audit.jsonl"];
        let mut command = self.home.command(&arguments);
        command.stderr(Stdio::piped());
        let mut proxy = Proxy::of(command.spawn().unwrap());
        proxy.until("listening at ").await;
        proxy
    }

    pub(crate) async fn get(&self, url: &str) -> u16 {
        let request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .get(url);
        let response = request.bearer_auth(self.token.expose()).send().await;
        response.unwrap().status().as_u16()
    }
}

pub(crate) struct Proxy {
    pub(crate) child: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Proxy {
    pub(crate) fn of(mut child: Child) -> Self {
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits for a line, and returns what follows `start` in it.
    pub(crate) async fn until(&mut self, start: &str) -> String {
        loop {
            let line = self
                .lines
                .next_line()
                .await
                .unwrap()
                .expect("the proxy has ended");
            if let Some((_, rest)) = line.split_once(start) {
                return rest.to_owned();
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = self
            .child
            .id()
            .and_then(|id| Pid::from_raw(id.try_into().unwrap()));
        kill_process(id.unwrap(), signal).unwrap();
    }
}

#[tokio::test]
async fn the_configuration_is_read_again_after_a_signal_and_after_a_change() {
    let setup = Setup::new().await;
    let (mut proxy, url) = setup.start().await;
    assert_eq!(setup.get(&format!("{url}/v/1")).await, 200);
    setup.write("second-key-123");
    proxy.signal(Signal::HUP);
    proxy.until("the configuration was read again").await;
    assert_eq!(setup.get(&format!("{url}/v/2")).await, 200);
    // It is invalid, so the old one stays in use.
    setup.home.secret("multi-auth.toml", "[vendors.v]\nurl = 1");
    proxy.until("the old configuration stays in use").await;
    assert_eq!(setup.get(&format!("{url}/v/3")).await, 200);
    // No signal this time.
    setup.write("third-key-123");
    proxy.until("the configuration was read again").await;
    assert_eq!(setup.get(&format!("{url}/v/4")).await, 200);
    let requests = setup.server.requests();
    let keys: Vec<_> = requests
        .iter()
        .map(|request| request.header("authorization").unwrap())
        .collect();
    assert_eq!(
        keys,
        ["first", "second", "second", "third"].map(|key| format!("Bearer {key}-key-123"))
    );
}

#[tokio::test]
async fn requests_under_way_end_after_sigterm() {
    let setup = Setup::new().await;
    let (mut proxy, url) = setup.start().await;
    let gate = setup.server.hold("/held");
    let (status, ()) = tokio::join!(async { setup.get(&format!("{url}/v/held")).await }, async {
        gate.arrived(1).await;
        proxy.signal(Signal::TERM);
        proxy.until("waiting for the requests").await;
        gate.release();
    });
    assert_eq!(status, 200);
    assert_eq!(proxy.child.wait().await.unwrap().code(), Some(0));
    let audit = std::fs::read_to_string(setup.home.path("audit.jsonl")).unwrap();
    assert_eq!(audit.lines().count(), 1, "{audit}");
    let mode = std::fs::metadata(setup.home.path("audit.jsonl"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn sockets_of_systemd_are_used() {
    let setup = Setup::new().await;
    // What `sd_listen_fds` describes: the socket is the descriptor 3 of the process.
    let start = "import os, socket, sys\n\
        s = socket.create_server(('127.0.0.1', 0))\n\
        print(s.getsockname()[1], flush=True)\n\
        os.dup2(s.fileno(), 3)\n\
        os.set_inheritable(3, True)\n\
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')\n\
        os.execv(sys.argv[1], sys.argv[1:])";
    let mut command = Command::new("python3");
    command
        .args(["-c", start, env!("CARGO_BIN_EXE_multi-auth"), "proxy"])
        .args(["--audit", "audit.jsonl"])
        .current_dir(setup.home.path(""))
        .kill_on_drop(true);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("python3");
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = output.next_line().await.unwrap().unwrap();
    let mut proxy = Proxy::of(child);
    proxy.until("listening at the sockets of systemd").await;
    assert_eq!(
        setup.get(&format!("http://127.0.0.1:{port}/v/x")).await,
        200
    );
}

#[tokio::test]
async fn a_new_process_takes_over_from_an_old_one() {
    let setup = Setup::new().await;
    let url = format!("http://{}/v/x", setup.at_a_fixed_port());
    let send = async || {
        // Each request uses a new connection.
        for _ in 0..20 {
            assert_eq!(setup.get(&url).await, 200);
        }
    };
    let mut old = setup.start_beside().await;
    for _ in 0..3 {
        let new = setup.start_beside().await;
        send().await;
        old.signal(Signal::TERM);
        // Linux resets a connection that it gave to the old socket while that was closed.
        assert_eq!(old.child.wait().await.unwrap().code(), Some(0));
        send().await;
        old = new;
    }
}

#[tokio::test]
async fn a_command_gets_a_token_and_no_key() {
    let home = Home::new(
        "[vendors.my-vendor]\nscheme = \"bearer\"\nurl = \"https://v.example\"\nkey = { env = \"OWN_KEY\" }\n\
         [vendors.other]\nscheme = \"bearer\"\nurl = \"https://w.example\"\nkey = { env = \"OWN_KEY\" }\n",
    );
    let keys = [("OWN_KEY", "canary-1"), ("KEPT", "kept")];
    let run = home
        .run_with(&["run", "--vendor", "my-vendor", "--", "env"], &keys)
        .await;
    assert_eq!(run.code, Some(0), "{run:?}");
    run.shows_no_key();
    let has = |start: &str| run.output.lines().any(|line| line.starts_with(start));
    assert!(
        has("MY_VENDOR_BASE_URL=http://127.0.0.1:") && has("MY_VENDOR_API_KEY=mauth_"),
        "{run:?}"
    );
    assert!(
        has("KEPT=kept") && has("http_proxy=http://command:mauth_"),
        "{run:?}"
    );
    assert!(!has("OTHER_BASE_URL="), "{run:?}");
    // A vendor that is called directly would see the token.
    let direct = [
        keys[0],
        keys[1],
        ("NO_PROXY", "a.internal, .example"),
        ("no_proxy", "*"),
    ];
    let run = home.run_with(&["run", "--", "env"], &direct).await;
    let list = "NO_PROXY=127.0.0.1,localhost,::1,a.internal";
    assert!(run.output.lines().any(|line| line == list), "{run:?}");
    // The code of the command is that of the program.
    let run = home
        .run_with(&["run", "--", "sh", "-c", "exit 7"], &keys)
        .await;
    assert_eq!(run.code, Some(7));
}

#[tokio::test]
async fn mistakes_have_a_remedy() {
    let vendor = "[vendors.v]\nscheme = \"bearer\"\nurl = \"https://v.example\"\nkey = { dangerous_inline = \"canary\" }\n";
    let home = Home::empty();
    home.secret("multi-auth.toml", vendor);
    let run = home.run(&["proxy"]).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.errors.contains("[proxy.callers.NAME]"), "{run:?}");
    let run = home.run(&["run", "--vendor", "w", "--", "true"]).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    let twins = vendor.replace(".v]", ".a-b]")
        + &vendor
            .replace(".v]", ".a_b]")
            .replace("v.example", "w.example");
    home.secret("multi-auth.toml", twins);
    let run = home.run(&["run", "--", "true"]).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.errors.contains("A_B_BASE_URL"), "{run:?}");
    let run = home.run(&["run", "--vendor", "a-b", "--", "true"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let run = home.run(&["run", "--vendor", "a-b", "--", "/none"]).await;
    assert!(run.errors.contains("spelling of the command"), "{run:?}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!(
        "{vendor}[proxy]\nlisten = [\"{}\"]\n",
        taken.local_addr().unwrap()
    );
    home.secret("multi-auth.toml", proxy);
    let run = home.run(&["proxy"]).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.errors.contains("the proxy has no callers"), "{run:?}");
    assert!(run.errors.contains("cannot listen at"), "{run:?}");
    let proxy = format!(
        "{vendor}[proxy]\nlisten = [\"127.0.0.1:0\"]\nadmin = \"{}\"\n",
        taken.local_addr().unwrap()
    );
    home.secret("multi-auth.toml", proxy);
    let run = home.run(&["proxy"]).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(!run.errors.contains("listening at"), "{run:?}");
    run.shows_no_key();
}
