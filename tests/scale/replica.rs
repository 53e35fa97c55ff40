//! One process of the deployment: it sends requests until its standard input ends.

use std::env;
use std::error::Error;
use std::io::Read;
use std::time::Duration;

use multi_auth::oauth::{Client, Grant};
use multi_auth::{Bearer, Keyring, ProtectionSpace, TokenEndpoint};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_store::redis::RedisStore;
use multi_auth_store::{SealingKey, StoreKey, StoredAccount};

use crate::redis_server::KEY;

pub(crate) const REDIS_PORT: &str = "SCALE_REDIS_PORT";
pub(crate) const VENDOR: &str = "SCALE_VENDOR";
pub(crate) const NUMBER: &str = "SCALE_NUMBER";

/// The time between two requests of a process, on average.
const INTERVAL: Duration = Duration::from_millis(200);

fn bearer(vendor: &str) -> Bearer {
    let port = env::var(REDIS_PORT).unwrap();
    let key = SealingKey::from_base64(KEY).unwrap();
    let store = RedisStore::builder(&format!("redis://127.0.0.1:{port}"), key).unwrap();
    let space = ProtectionSpace::new(vendor).unwrap();
    let key = StoreKey::new("example", "app")
        .unwrap()
        .with_protection_space(&space);
    let account = StoredAccount::new(store.build().unwrap(), key);

    let transport = ReqwestTransport::new().unwrap();
    let endpoint = TokenEndpoint::builder(&format!("{vendor}/token"), transport).unwrap();
    let client = Client::secret_post("app", "secret").unwrap();
    let grant = Grant::client_credentials().with_parameter("replica", env::var(NUMBER).unwrap());
    // Shorter than the tokens of the test, so that a killed process delays no request for long.
    let account = account.with_request_timeout(Duration::from_secs(2));
    Bearer::new(account.sharing(endpoint.grant(grant, client).build()))
}

/// The error and its causes, in one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.replace('\n', " ")
}

/// What each process of the deployment runs.
#[tokio::test]
#[ignore = "the other tests run it as a process"]
async fn replica() {
    let Ok(vendor) = env::var(VENDOR) else {
        return;
    };
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let space = ProtectionSpace::new(&vendor).unwrap();
    let keyring = Keyring::builder()
        .bind(space, bearer(&vendor))
        .unwrap()
        .build();
    let client = guarded_client(keyring).build().unwrap();
    let url = format!("{vendor}/resource");
    loop {
        match client.get(&url).send().await {
            Ok(response) if response.status() == 200 => {}
            Ok(response) => println!("failed {}", response.status()),
            Err(error) => println!("failed {}", with_causes(&error)),
        }
        tokio::time::sleep(INTERVAL.mul_f64(0.5 + fastrand::f64())).await;
    }
}
