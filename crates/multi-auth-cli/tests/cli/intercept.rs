//! `--intercept`: programs call the vendors' own URLs without a key.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use multi_auth_config::proxy::CallerToken;
use multi_auth_testing::ScriptedServer;

use crate::program::Home;
use crate::proxy::Proxy;

/// A vendor with TLS, and its configuration. `no_proxy` does not have its address.
async fn vendor_with_tls() -> (ScriptedServer, Home) {
    let address = std::net::SocketAddr::from(([127, 0, 0, 2], 0));
    let server = ScriptedServer::builder()
        .bind(address)
        .https_for(["127.0.0.2"]);
    let server = server.start().await.unwrap();
    let home = Home::new(&format!(
        "[vendors.v]\nscheme = 'bearer'\nurl = '{}'\nkey = {{ file = 'key' }}\n\
         [proxy]\nprivate_hosts = ['127.0.0.2']\n",
        server.url()
    ));
    home.secret("key", "canary-key-of-the-vendor");
    home.secret("ca.pem", server.certificate_pem().unwrap());
    (server, home)
}

#[tokio::test]
async fn a_command_calls_the_url_of_the_vendor_without_a_key() {
    let (server, home) = vendor_with_tls().await;
    let url = server.url().to_owned();
    let other = ScriptedServer::builder()
        .bind(std::net::SocketAddr::from(([127, 0, 0, 2], 0)))
        .https_for(["127.0.0.2"])
        .start()
        .await
        .unwrap();
    home.secret("other.pem", other.certificate_pem().unwrap());
    let script = format!(
        "curl -sf {url}/x -o /dev/null -w '%{{http_version}} %{{http_code}} '\n\
         curl -sf --cacert other.pem {}/y -w '%{{http_code}} '\n\
         python3 -c 'import urllib.request as r; print(r.urlopen(\"{url}/z\").status)'",
        other.url()
    );
    let arguments = [
        "--ca",
        "ca.pem",
        "run",
        "--intercept",
        "--",
        "sh",
        "-euc",
        &script,
    ];
    let run = home.run(&arguments).await;
    assert_eq!(
        (run.code, run.output.as_str()),
        (Some(0), "2 200 200 200\n"),
        "{run:?}"
    );
    for (request, path) in server.requests().iter().zip(["/x", "/z"]) {
        assert_eq!(request.path, path);
        let field = request.header("authorization");
        assert_eq!(field, Some("Bearer canary-key-of-the-vendor"));
        assert!(!format!("{request:?}").contains("mauth_"), "{request:?}");
    }
    assert_eq!(other.requests()[0].header("authorization"), None);
}

#[tokio::test]
async fn the_certificate_of_the_proxy_is_in_a_file_that_all_may_read_and_its_key_is_not() {
    let (server, home) = vendor_with_tls().await;
    let token = CallerToken::generate().unwrap();
    let text = std::fs::read_to_string(home.path("multi-auth.toml")).unwrap();
    let text = format!(
        "{text}listen = ['127.0.0.1:0']\n[proxy.callers.tests]\ntoken_hashes = ['{}']\n\
         allow = [{{ vendor = 'v' }}]\n",
        token.hash()
    );
    home.secret("multi-auth.toml", text);
    let mut command = home.command(&["--ca", "ca.pem", "proxy", "--intercept", "own.pem"]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut proxy = Proxy::of(command.spawn().unwrap());
    let url = proxy.until("listening at ").await;
    let pem = std::fs::read_to_string(home.path("own.pem")).unwrap();
    assert!(
        pem.starts_with("-----BEGIN CERTIFICATE") && !pem.contains("PRIVATE"),
        "{pem}"
    );
    let mode = std::fs::metadata(home.path("own.pem"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o644);
    let via = reqwest::Proxy::all(url)
        .unwrap()
        .basic_auth("any", token.expose());
    let root = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
    let client = reqwest::Client::builder().proxy(via).tls_certs_only([root]);
    let response = client
        .build()
        .unwrap()
        .get(server.url())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    proxy.child.kill().await.unwrap();
}
