//! Tokens for a base URL that the token response names.

mod bindings;
mod vendor;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Request, StatusCode};
use multi_auth::{
    Account, AllOf, ApiKey, AuthError, BaseUrls, Bearer, BindingProblem, Clock, Keyring, OnExpired,
    ProtectionSpace, Rotating, Token, TokenRequestProblem, source_fn,
};
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use self::vendor::Vendor;
use crate::adapter::{Adapter, Client, auth_error};
use crate::body::TestBody;
use crate::clock::ManualClock;

fn sent(host: &str, credential: Option<&str>) -> (String, Option<String>) {
    (host.to_owned(), credential.map(str::to_owned))
}

async fn is_at_other_base_url(client: &Client, url: &str) {
    let error = auth_error(client.get(url).await);
    let AuthError::Unbound {
        problem, origin, ..
    } = error
    else {
        panic!("{url}: {error:?}")
    };
    assert_eq!(problem, BindingProblem::OtherBaseUrl);
    assert!(url.starts_with(origin.trim_end_matches(":443")), "{origin}");
}

on_each_adapter! {
    async fn a_token_is_sent_only_to_the_host_that_its_response_names(adapter: Adapter) {
        let vendor = Vendor::start("https://acme.my.vendor.example").await;
        let keyring = vendor.keyring();
        let client = vendor.network.client(adapter, &keyring);
        for host in ["acme.my.vendor.example", "ACME.my.vendor.example"] {
            client.get(&format!("https://{host}/data")).await.unwrap();
        }
        for host in ["beta.my.vendor.example", "my.vendor.example", "a.b.my.vendor.example"] {
            is_at_other_base_url(&client, &format!("https://{host}/data")).await;
        }
        for host in ["vendor.example", "www.vendor.example", "evil.example"] {
            client.get(&format!("https://{host}/data")).await.unwrap();
        }
        let credentials: Vec<_> = vendor.seen().into_iter().map(|(_, sent)| sent).collect();
        let token = || Some("Bearer t-0".to_owned());
        assert_eq!(credentials, [token(), token(), None, None, None]);
    }

    async fn a_response_that_names_another_domain_gives_no_token(adapter: Adapter) {
        for instance in ["https://evil.example", "http://acme.my.vendor.example", "acme", ""] {
            let vendor = Vendor::start(instance).await;
            let client = vendor.network.client(adapter, &vendor.keyring());
            for host in ["acme.my.vendor.example", "evil.example"] {
                let answer = client.get(&format!("https://{host}/data")).await;
                if host == "evil.example" {
                    assert_eq!(answer.unwrap().status, StatusCode::OK);
                    continue;
                }
                let error = auth_error(answer);
                let AuthError::TokenRequest { problem, .. } = error else { panic!("{error:?}") };
                assert!(matches!(problem, TokenRequestProblem::BaseUrl), "{problem:?}");
            }
            assert_eq!(vendor.seen(), [sent("evil.example", None)], "{instance}");
        }
    }

    async fn a_newer_token_may_name_another_host(adapter: Adapter) {
        let vendor = Vendor::start("https://acme.my.vendor.example").await;
        let keyring = vendor.keyring();
        let client = vendor.network.client(adapter, &keyring);
        let acme = "https://acme.my.vendor.example/data";
        client.get(acme).await.unwrap();
        vendor.set_instance("https://beta.my.vendor.example");
        vendor.server.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));

        let error = auth_error(client.get(acme).await);
        let AuthError::Refresh { cause, status, .. } = error else { panic!("{error:?}") };
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(matches!(*cause, AuthError::Unbound { problem: BindingProblem::OtherBaseUrl, .. }));
        is_at_other_base_url(&client, acme).await;

        let space = &BaseUrls::at_domains(["https://my.vendor.example"]).unwrap().protection_spaces()[0].clone();
        let url = keyring.base_url(space).await.unwrap().unwrap();
        client.get(url.join("/data").unwrap().as_str()).await.unwrap();
        let (host, credential) = vendor.seen().pop().unwrap();
        assert_eq!((host.as_str(), credential.as_deref()), ("beta.my.vendor.example", Some("Bearer t-1")));
    }

    async fn each_account_has_its_own_host(adapter: Adapter) {
        let vendor = Vendor::start("https://acme.my.vendor.example").await;
        let mut builder = Keyring::builder();
        for name in ["north", "south"] {
            let bearer = vendor.bearer();
            let spaces = bearer.protection_spaces().into_iter();
            let spaces = spaces.map(|space| space.with_account(Account::new(name)));
            builder = builder.bind_all(spaces, bearer).unwrap();
        }
        let keyring = builder.build();
        let client = vendor.network.client(adapter, &keyring);
        let send = |account: &str, host: &str| {
            let mut request = Request::get(format!("https://{host}.my.vendor.example/"))
                .body(TestBody::default()).unwrap();
            request.extensions_mut().insert(Account::new(account));
            client.send(request)
        };
        send("north", "acme").await.unwrap();
        vendor.set_instance("https://beta.my.vendor.example");
        send("south", "beta").await.unwrap();
        for (account, host) in [("north", "beta"), ("south", "acme")] {
            let error = auth_error(send(account, host).await);
            assert!(matches!(error, AuthError::Unbound { problem: BindingProblem::OtherBaseUrl, .. }));
        }
        let error = auth_error(send("east", "acme").await);
        assert!(matches!(error, AuthError::Unbound { problem: BindingProblem::UnknownAccount { .. }, .. }));
        let seen = [
            sent("acme.my.vendor.example", Some("Bearer t-0")),
            sent("beta.my.vendor.example", Some("Bearer t-1")),
        ];
        assert_eq!(vendor.seen(), seen);
    }

    async fn a_binding_of_one_host_is_used_before_one_of_its_domain(adapter: Adapter) {
        let vendor = Vendor::start("https://acme.my.vendor.example").await;
        let bearer = vendor.bearer();
        let keyring = Keyring::builder()
            .bind_all(bearer.protection_spaces(), bearer).unwrap()
            .bind("https://beta.my.vendor.example", ApiKey::header("x-key", "k-1").unwrap()).unwrap()
            .build();
        let client = vendor.network.client(adapter, &keyring);
        client.get("https://beta.my.vendor.example/").await.unwrap();
        client.get("https://acme.my.vendor.example/").await.unwrap();
        let requests = vendor.server.requests();
        assert_eq!((requests[0].header("x-key"), requests[0].header("authorization")), (Some("k-1"), None));
        assert_eq!((requests[1].header("x-key"), requests[1].header("authorization")), (None, Some("Bearer t-0")));
    }
}

/// A request to another host, with a credential of the caller in the token's place.
fn authorized(host: &str) -> Request<TestBody> {
    Request::get(format!("https://{host}.my.vendor.example/"))
        .header("authorization", "Bearer own")
        .body(TestBody::default())
        .unwrap()
}

#[tokio::test]
async fn a_second_credential_does_not_reach_another_host_beside_one_of_the_caller() {
    let vendor = Vendor::start("https://acme.my.vendor.example").await;
    let bearer = vendor.bearer();
    let spaces = bearer.protection_spaces();
    let both = AllOf::new(bearer, ApiKey::header("x-key", "k-1").unwrap());
    let keyring = Keyring::builder().bind_all(spaces, both).unwrap().build();
    let client = vendor.network.client(Adapter::Reqwest, &keyring);
    // Without a token first, and then with one.
    for _ in 0..2 {
        let error = auth_error(client.send(authorized("beta")).await);
        assert!(matches!(
            error,
            AuthError::Unbound {
                problem: BindingProblem::OtherBaseUrl,
                ..
            }
        ));
        client.send(authorized("acme")).await.unwrap();
    }
    for request in vendor.server.requests() {
        assert_eq!(request.authority.as_deref(), Some("acme.my.vendor.example"));
        assert_eq!(request.header("x-key"), Some("k-1"));
        assert_eq!(request.header("authorization"), Some("Bearer own"));
    }
}

#[tokio::test]
async fn a_token_that_is_used_once_is_sent_to_its_host() {
    let vendor = Vendor::start("https://acme.my.vendor.example").await;
    let bearer = vendor.bearer_with(|bearer| bearer.max_age(Duration::ZERO));
    let builder = Keyring::builder().bind_all(bearer.protection_spaces(), bearer);
    let client = vendor
        .network
        .client(Adapter::Tower, &builder.unwrap().build());
    for _ in 0..3 {
        client.get("https://acme.my.vendor.example/").await.unwrap();
    }
    assert_eq!(vendor.issued.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_token_that_comes_back_with_another_base_url_moves_to_it() {
    let vendor = Vendor::start("https://acme.my.vendor.example").await;
    let instance = Arc::clone(&vendor.instance);
    let source = source_fn(move || {
        let url = instance.lock().unwrap().clone();
        async { Ok(Token::new("same").with_part("instance_url", url)) }
    });
    let allowed = BaseUrls::at_domains(["https://my.vendor.example"]).unwrap();
    let bearer = Bearer::builder(source).build_with_base_url("instance_url", allowed);
    let builder = Keyring::builder().bind_all(bearer.protection_spaces(), bearer);
    let client = vendor
        .network
        .client(Adapter::Tower, &builder.unwrap().build());
    let (acme, beta) = (
        "https://acme.my.vendor.example/",
        "https://beta.my.vendor.example/",
    );
    client.get(acme).await.unwrap();
    vendor.set_instance("https://beta.my.vendor.example");
    vendor
        .server
        .push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
    let _ = client.get(acme).await;
    is_at_other_base_url(&client, acme).await;
    assert_eq!(client.get(beta).await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn a_stale_token_is_sent_to_its_host() {
    let vendor = Vendor::start("https://acme.my.vendor.example").await;
    let is_down = Arc::new(AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let source = source_fn(move || {
        let is_down = down.load(Ordering::Relaxed);
        async move {
            if is_down {
                return Err(AuthError::transient("the vendor is down"));
            }
            let url = "https://acme.my.vendor.example";
            Ok(Token::new("t-0")
                .with_lifetime(Duration::from_secs(60))
                .with_part("url", url))
        }
    });
    let clock = Arc::new(ManualClock::default());
    let allowed = BaseUrls::at_domains(["https://my.vendor.example"]).unwrap();
    let bearer = Bearer::builder(source)
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .on_expired(OnExpired::ServeStale)
        .stale_after(Duration::ZERO)
        .build_with_base_url("url", allowed);
    // The token is obtained by a question for the base URL, and expires before it is sent.
    bearer.base_url().await.unwrap();
    is_down.store(true, Ordering::Relaxed);
    clock.advance(Duration::from_secs(3600));
    let builder = Keyring::builder().bind_all(bearer.protection_spaces(), bearer);
    let client = vendor
        .network
        .client(Adapter::Tower, &builder.unwrap().build());
    client.get("https://acme.my.vendor.example/").await.unwrap();
    is_at_other_base_url(&client, "https://beta.my.vendor.example/").await;
    assert_eq!(
        vendor.seen(),
        [sent("acme.my.vendor.example", Some("Bearer t-0"))]
    );
}

#[tokio::test]
async fn a_newer_key_that_is_refused_does_not_hide_the_base_url() {
    let vendor = Vendor::start("https://acme.my.vendor.example").await;
    let allowed = BaseUrls::at_domains(["https://my.vendor.example"]).unwrap();
    let refused = source_fn(|| async {
        Err(AuthError::token_request(
            "the endpoint",
            TokenRequestProblem::Refused,
        ))
    });
    let newer = Bearer::builder(refused).build_with_base_url("instance_url", allowed.clone());
    let rotating = Rotating::new(vendor.bearer());
    let space = allowed.protection_spaces()[0].clone();
    let keyring = Keyring::builder()
        .bind(space.clone(), rotating.clone())
        .unwrap()
        .build();
    keyring.base_url(&space).await.unwrap();
    rotating.rotate(newer).unwrap();
    let url = keyring.base_url(&space).await.unwrap().unwrap();
    assert_eq!(url.as_str(), "https://acme.my.vendor.example/");
    let client = vendor.network.client(Adapter::Tower, &keyring);
    client.get(url.as_str()).await.unwrap();
    assert_eq!(
        vendor.seen(),
        [sent("acme.my.vendor.example", Some("Bearer t-0"))]
    );
}

#[tokio::test]
async fn a_key_that_checks_no_host_does_not_replace_one_that_does() {
    let vendor = Vendor::start("https://acme.my.vendor.example").await;
    let rotating = Rotating::new(vendor.bearer());
    let plain = || Bearer::new(source_fn(|| async { Ok(Token::new("t")) }));
    assert!(rotating.rotate(plain()).is_err());
    assert!(rotating.replace(plain()).is_err());
    assert!(Rotating::new(plain()).rotate(vendor.bearer()).is_err());
    let source = || source_fn(|| async { Ok(Token::new("t")) });
    let reading = Bearer::builder(source())
        .refresh_when_json(|_| false)
        .build();
    assert!(Rotating::new(plain()).rotate(reading).is_err());
}

#[tokio::test]
async fn the_base_url_of_a_domain_is_found_beside_a_binding_of_its_host() {
    let vendor = Vendor::start("https://acme.my.vendor.example").await;
    let bearer = vendor.bearer();
    let space = bearer.protection_spaces()[0].clone();
    let keyring = Keyring::builder()
        .bind(
            "https://my.vendor.example",
            ApiKey::header("x-key", "k-1").unwrap(),
        )
        .unwrap()
        .bind(space.clone(), bearer)
        .unwrap()
        .build();
    assert!(keyring.base_url(&space).await.unwrap().is_some());
    let host = ProtectionSpace::new("https://my.vendor.example").unwrap();
    assert_eq!(keyring.base_url(&host).await.unwrap(), None);
}

#[tokio::test]
async fn a_redirect_to_another_host_of_the_domain_carries_no_token() {
    for target in [
        "beta.my.vendor.example",
        "my.vendor.example",
        "evil.example",
    ] {
        let vendor = Vendor::start("https://acme.my.vendor.example").await;
        let keyring = vendor.keyring();
        for client in vendor.clients(&keyring) {
            let location = format!("https://{target}/next");
            vendor
                .server
                .push(ScriptedResponse::redirect(StatusCode::FOUND, &location).unwrap());
            // The other host's refusal says nothing about the token.
            vendor
                .server
                .push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
            let answer = client.get("https://acme.my.vendor.example/").await.unwrap();
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(vendor.issued.load(Ordering::Relaxed), 1, "{target}");
        let expected = [
            sent("acme.my.vendor.example", Some("Bearer t-0")),
            sent(target, None),
        ];
        assert_eq!(
            vendor.seen(),
            expected.iter().cycle().take(8).cloned().collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn a_loopback_address_has_no_subdomains_and_is_sent_its_token() {
    let server = ScriptedServer::start().await.unwrap();
    let url = server.url().to_owned();
    let allowed = BaseUrls::at_domains([&*url]).unwrap();
    let source = source_fn(move || {
        let token = Token::new("t-1").with_part("api", url.clone());
        async { Ok(token) }
    });
    let bearer = Bearer::builder(source).build_with_base_url("api", allowed);
    let keyring = Keyring::builder().bind_all(bearer.protection_spaces(), bearer);
    let client = Adapter::Tower.client(&keyring.unwrap().build());
    client.get(server.url()).await.unwrap();
    assert_eq!(
        server.requests()[0].header("authorization"),
        Some("Bearer t-1")
    );
}
