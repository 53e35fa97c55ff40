//! Errors of layers below the authentication, such as reqwest-retry's, and the keys that they show.

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use multi_auth::{ApiKey, Keyring};
use multi_auth_reqwest::AuthMiddleware;
use multi_auth_testing::Canary;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
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
        error.to_string().contains("whose URL holds a key"),
        "{error}"
    );
    assert!(
        format!("{error:?}").contains("Connection refused"),
        "{error:?}"
    );
}

/// Fails with what it read of the request's URL.
struct Tells(fn(&reqwest::Url) -> String);

#[async_trait::async_trait]
impl Middleware for Tells {
    async fn handle(
        &self,
        request: reqwest::Request,
        _: &mut http::Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let told = (self.0)(request.url());
        Err(reqwest_middleware::Error::middleware(
            std::io::Error::other(told),
        ))
    }
}

#[tokio::test]
async fn an_error_shows_no_key_however_it_was_read_from_the_url() {
    let tellers: [fn(&reqwest::Url) -> String; 4] = [
        |url| format!("cannot send {url}"),
        |url| format!("{url:?}"),
        |url| format!("the query is {:?}", url.query()),
        |url| format!("the key is {:?}", url.query_pairs().next().unwrap().1),
    ];
    for key in ["k1-is-short", "a key, with (marks); 'quoted'", "k1"] {
        // A word as short as the last one is known by its name alone.
        let count = if key.len() < 8 { 3 } else { 4 };
        for tell in &tellers[..count] {
            let api_key = ApiKey::query("api_key", key).unwrap();
            let keyring = Keyring::builder().bind("https://a.example", api_key);
            let client = ClientBuilder::new(reqwest::Client::new())
                .with(AuthMiddleware::new(keyring.unwrap().build()))
                .with(Tells(*tell))
                .build();
            let error = client.get("https://a.example/").send().await.unwrap_err();
            let causes = std::iter::successors(error.source(), |cause| (*cause).source());
            let causes: Vec<_> = causes.map(|cause| format!("{cause} {cause:?}")).collect();
            let text = format!("{error} {error:?} {error:#?} {}", causes.join(" "));
            let encoded = url::form_urlencoded::byte_serialize(key.as_bytes());
            let encoded: String = encoded.collect();
            let percent = encoded.replace('+', "%20");
            for form in [key, &encoded, &percent] {
                assert!(!text.contains(form), "{key}: {text}");
            }
        }
    }
}
