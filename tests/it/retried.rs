//! The authentication outside a layer that retries, as reqwest-retry does it.

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use multi_auth::{ApiKey, Keyring};
use multi_auth_reqwest::AuthMiddleware;
use multi_auth_testing::Canary;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;

fn retrying(keyring: Keyring) -> ClientWithMiddleware {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let policy = ExponentialBackoff::builder()
        .retry_bounds(Duration::from_millis(1), Duration::from_millis(1))
        .build_with_max_retries(2);
    ClientBuilder::new(client.no_proxy().build().unwrap())
        .with(AuthMiddleware::new(keyring))
        .with(RetryTransientMiddleware::new_with_policy(policy))
        .build()
}

/// A port on which nothing listens.
fn closed() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test(start_paused = true)]
async fn an_error_whose_url_holds_a_key_keeps_its_cause() {
    let url = closed();
    let canary = Canary::new("query-key");
    let key = ApiKey::query("api_key", canary.as_str()).unwrap();
    let keyring = Keyring::builder().bind(url.as_str(), key).unwrap().build();

    let error = retrying(keyring).get(&url).send().await.unwrap_err();

    let mut chain = vec![format!("{error} {error:?} {error:#?}")];
    let mut refused = false;
    let mut next = error.source();
    while let Some(cause) = next {
        chain.push(format!("{cause} {cause:?}"));
        let io = cause.downcast_ref::<std::io::Error>();
        refused |= io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused);
        next = cause.source();
    }
    assert_eq!(canary.find_in(chain.join(" ")), None);
    assert!(refused, "{chain:?}");
    assert!(
        error.to_string().contains("whose URL holds a key: "),
        "{error}"
    );
    assert!(
        format!("{error:?}").contains("Connection refused"),
        "{error:?}"
    );
}
