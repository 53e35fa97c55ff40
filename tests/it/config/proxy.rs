//! The table `proxy`.

use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::time::Duration;

use http::Method;
use multi_auth_config::Config;
use multi_auth_config::proxy::TokenHash;

const VENDOR: &str =
    "[vendors.v]\nscheme = 'bearer'\nurl = 'https://v.example'\nkey = { env = 'V_KEY' }\n";
const HASH: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn parse(text: &str) -> Result<Config, multi_auth_config::ConfigError> {
    Config::parse(&format!("{VENDOR}{text}"), "multi-auth.toml", [])
}

#[test]
fn a_file_without_the_table_has_no_proxy() {
    assert!(parse("").unwrap().proxy().is_none());
}

#[test]
fn an_empty_table_is_a_proxy_without_callers() {
    let config = parse("[proxy]").unwrap();
    let proxy = config.proxy().unwrap();
    assert_eq!(proxy.listen()[0].to_string(), "127.0.0.1:8780");
    assert!(proxy.admin().is_none() && proxy.callers().is_empty());
    assert_eq!(proxy.response_timeout(), Duration::from_secs(300));
}

#[test]
fn all_fields_are_read() {
    let config = parse(&format!(
        "[proxy]\nlisten = ['[::1]:80', 'unix:/run/p.sock']\nadmin = '127.0.0.1:81'\n\
         hosts = ['Proxy.Internal']\nprivate_hosts = ['V.example']\nresponse_timeout = 7\nidle_timeout = 8\n\
         [proxy.callers.a]\ntoken_hashes = ['{HASH}']\nuids = [1000]\n\
         requests_per_second = 5\nconcurrent_requests = 2\ntunnels = ['*.t.example', 'u.example:*']\n\
         allow = [{{ vendor = 'v', methods = ['GET', 'PURGE'], paths = ['/a', '/b/'] }}]\n\
         [proxy.callers.b]\nuids = [0]\n"
    ))
    .unwrap();
    let proxy = config.proxy().unwrap();
    let listen: Vec<_> = proxy.listen().iter().map(ToString::to_string).collect();
    assert_eq!(listen, ["[::1]:80", "unix:/run/p.sock"]);
    assert_eq!(proxy.admin(), Some("127.0.0.1:81".parse().unwrap()));
    assert_eq!(
        format!("{:?}", proxy.hosts()),
        "ProxyHosts([\"proxy.internal\"])"
    );
    assert_eq!(proxy.private_hosts(), ["v.example"]);
    assert_eq!(proxy.response_timeout(), Duration::from_secs(7));
    assert_eq!(proxy.idle_timeout(), Duration::from_secs(8));
    let [a, b] = proxy.callers() else {
        panic!("{proxy:?}");
    };
    assert!(a.tokens()[0].matches(&TokenHash::of("test")));
    assert_eq!((a.name(), a.uids()), ("a", &[1000][..]));
    assert_eq!(a.requests_per_second(), NonZeroU32::new(5));
    assert_eq!(a.concurrent_requests(), NonZeroU32::new(2));
    let rule = &a.rules()[0];
    assert!(rule.allows("v", &Method::GET, "/b/c") && rule.allows("v", &Method::GET, "/a"));
    assert!(!rule.allows("v", &Method::POST, "/a") && !rule.allows("w", &Method::GET, "/a"));
    assert!(a.allows_tunnel("x.T.example", 443) && a.allows_tunnel("u.example", 22));
    assert!(!a.allows_tunnel("x.t.example", 80) && !b.allows_tunnel("u.example", 22));
    assert!(b.rules().is_empty(), "a caller may do nothing by default");
}

#[test]
fn invalid_tables_are_errors_that_name_the_field() {
    let caller = |lines: &str| format!("[proxy.callers.a]\ntoken_hashes = ['{HASH}']\n{lines}");
    let wrong = [
        "[proxy]\nlisten = ['localhost:80']".to_owned(),
        "[proxy]\nlisten = ['unix:']".to_owned(),
        "[proxy]\nadmin = '8781'".to_owned(),
        "[proxy]\nhosts = ['https://p.example']".to_owned(),
        "[proxy]\nprivate_hosts = ['']".to_owned(),
        "[proxy]\nresponse_timeout = 0".to_owned(),
        "[proxy]\nport = 80".to_owned(),
        "[proxy.callers.a]".to_owned(),
        "[proxy.callers.'a b']\nuids = [1]".to_owned(),
        "[proxy.callers.a]\ntoken_hashes = ['mauth_0123456789012345678901234567890123456789012']"
            .to_owned(),
        "[proxy.callers.a]\ntoken_hashes = ['sha256:00']".to_owned(),
        caller("token = 'x'"),
        caller("requests_per_second = 0"),
        caller("concurrent_requests = -1"),
        caller("tunnels = ['https://t.example']"),
        caller("allow = [{ vendor = 'w' }]"),
        caller("allow = [{}]"),
        caller("allow = [{ vendor = 'v', methods = ['get'] }]"),
        caller("allow = [{ vendor = 'v', paths = ['a'] }]"),
        caller("allow = [{ vendor = 'v', paths = ['/a/../b'] }]"),
        caller("allow = [{ vendor = 'v', paths = ['/a%2Fb'] }]"),
    ];
    let list = wrong.iter().fold(String::new(), |mut list, text| {
        let error = parse(text).unwrap_err().to_string();
        assert!(!error.contains("mauth_"), "{error}");
        let shown = text.replace(HASH, "sha256:...");
        let _ = writeln!(list, "{shown}\n  {error}");
        list
    });
    insta::assert_snapshot!("proxy_errors", list);
}

#[test]
fn the_variables_that_hold_secrets_are_known() {
    let config = parse(
        "[vendors.w]\nscheme = 'bearer'\nurl = 'https://w.example'\n\
         key = { command = { run = ['pass', 'show'], env = ['GPG_TTY'] } }\n\
         [store]\ndirectory = 't'\nkey = { env = 'STORE_KEY' }\n",
    );
    let mut variables = config.unwrap().secret_variables().to_vec();
    variables.sort_unstable();
    assert_eq!(variables, ["GPG_TTY", "STORE_KEY", "V_KEY"]);
}
