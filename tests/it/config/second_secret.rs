//! A second secret of a token request is read again like the key.

use std::time::Duration;

use multi_auth::Rotation;
use multi_auth_config::{Config, LiveKeyring};
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use reqwest_middleware::ClientWithMiddleware;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::timeout;

use super::parse;
use super::sources::{secret_file, write_secret};
use crate::adapter::Adapter;

/// A vendor whose token request sends the key `k-1` and the second secret `p-1`.
struct Fixture {
    server: ScriptedServer,
    /// The folders of the two secrets.
    folders: [TempDir; 2],
    config: Config,
}

impl Fixture {
    async fn new() -> Self {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(|_| {
            let body = json!({ "access_token": "t-1" });
            ScriptedResponse::new(http::StatusCode::OK).with_json(&body)
        });
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let own = secret_file(&folders[0], "own", "k-1");
        let other = secret_file(&folders[1], "other", "p-1");
        let text = format!(
            "[vendors.v]\nurl = '{url}/v1'\nscheme = 'token_endpoint'\nkey = {{ file = '{own}' }}\n\
             secrets = {{ password = {{ file = '{other}' }} }}\nexpires_at = 2100-01-01\n\
             token_endpoint = {{ url = '{url}/token', key_field = 'k', format = 'form', fields = {{ p = '<{{password}}>' }} }}",
            url = server.url(),
            own = own.display(),
            other = other.display(),
        );
        let config = parse(&text).unwrap();
        Self {
            server,
            folders,
            config,
        }
    }

    async fn live(&self) -> (LiveKeyring, ClientWithMiddleware) {
        let transport = Adapter::Reqwest.transport();
        let live = self.config.live_keyring(transport).await.unwrap();
        let client = guarded_client(live.keyring().clone()).build().unwrap();
        (live, client)
    }

    fn write(&self, password: &str) {
        write_secret(&self.folders[1].path().join("other"), password);
    }

    async fn call(&self, client: &ClientWithMiddleware) {
        let url = format!("{}/v1/x", self.server.url());
        let response = client.get(url).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }

    /// The body of the last token request.
    fn last(&self) -> String {
        let requests = self.server.requests();
        let mut requests = requests.iter().rev();
        let last = requests.find(|request| request.path == "/token");
        last.map(|request| request.text().into_owned()).unwrap()
    }
}

#[tokio::test]
async fn a_changed_second_secret_rotates_the_credential() {
    let fixture = Fixture::new().await;
    let (live, client) = fixture.live().await;
    for expected in ["p=%3Cp-1%3E&k=k-1", "p=%3Cp-2%3E&k=k-1"] {
        fixture.call(&client).await;
        assert_eq!(fixture.last(), expected);
        fixture.write("p-2");
        assert!(live.refresh().await.is_empty());
    }
}

#[tokio::test]
async fn the_file_of_a_second_secret_is_watched() {
    let fixture = Fixture::new().await;
    let (live, client) = fixture.live().await;
    let watch = tokio::spawn(live.clone().watch());
    fixture.call(&client).await;
    fixture.write("p-2");
    let taken_up = async {
        while fixture.last() != "p=%3Cp-2%3E&k=k-1" {
            fixture.call(&client).await;
        }
    };
    let taken_up = timeout(Duration::from_secs(30), taken_up).await;
    taken_up.expect("the second secret is taken up");
    watch.abort();
}

/// The expiry in the file is that of the key, which has not changed.
#[tokio::test]
async fn a_changed_second_secret_leaves_the_expiry_of_the_key() {
    let fixture = Fixture::new().await;
    let (live, client) = fixture.live().await;
    let end = fixture.config.vendors()[0].expires_at().unwrap();
    fixture.write("p-2");
    assert!(live.refresh().await.is_empty());
    fixture.call(&client).await;
    assert_eq!(live.rotations().next().unwrap().1, Rotation::Settled);
    assert_eq!(live.warn_of_expiry(end).await.len(), 1);
}
