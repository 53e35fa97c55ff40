//! Several layers that know of each other: redirects above and below, two authentications, keyrings
//! in keyrings.

use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use multi_auth::{
    Account, Anonymous, ApiKey, Bearer, ForeignHop, Keyring, Placement, ProtectionSpace, Token,
    source_fn,
};
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{Canary, ScriptedResponse, ScriptedServer};
use multi_auth_tower::{AuthLayer, RedirectGuard};
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::{FollowRedirectLayer, RequestUri};

use crate::adapter::{Client, collect, hyper};
use crate::body::TestBody;
use crate::redirect::{bound_to, clients, key, key_of, redirect_to, servers};

fn temporary(to: &str) -> ScriptedResponse {
    ScriptedResponse::redirect(StatusCode::TEMPORARY_REDIRECT, to).unwrap()
}

fn guard(keyring: &Keyring) -> FollowRedirectLayer<RedirectGuard> {
    FollowRedirectLayer::with_policy(RedirectGuard::new(keyring.clone()))
}

fn auth(keyring: &Keyring) -> AuthLayer<fn(&TestBody) -> Option<TestBody>> {
    AuthLayer::new(keyring.clone()).with_replay(TestBody::copy)
}

/// `t-1` for ever, and how often it was obtained.
fn one_token(placement: Placement) -> Bearer {
    let source = source_fn(|| async { Ok(Token::new("token-0123456789")) });
    Bearer::builder(source).placement(placement).build()
}

#[tokio::test]
async fn a_redirect_that_the_layer_below_did_not_follow_has_no_effect() {
    let (home, away) = servers().await;
    let keyring = bound_to(home.url(), key());
    let service = ServiceBuilder::new()
        .layer(guard(&keyring))
        .layer(auth(&keyring))
        .layer(guard(&keyring))
        .service(hyper());
    home.push(temporary(away.url()));
    // The lower guard follows ten.
    for _ in 0..9 {
        away.push(temporary("/again"));
    }
    away.respond_with({
        let transfer = format!("{}/transfer", home.url());
        move |_| temporary(&transfer)
    });

    let request = Request::put(home.url()).body(TestBody::default()).unwrap();
    let answer = service.and_then(collect).oneshot(request).await.unwrap();

    assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!((home.request_count(), away.request_count()), (1, 10));
}

#[tokio::test]
async fn a_refusal_after_the_token_was_stripped_does_not_invalidate_it() {
    let (home, away) = servers().await;
    let bearer = one_token(Placement::bearer());
    let keyring = Keyring::builder().bind(home.url(), bearer).unwrap().build();
    let service = ServiceBuilder::new()
        .layer(auth(&keyring))
        .layer(guard(&keyring))
        .service(hyper());
    home.push(redirect_to(&away, "/"));
    away.push(redirect_to(&home, "/end"));
    home.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));

    let request = Request::get(home.url()).body(TestBody::default()).unwrap();
    let answer = service.and_then(collect).oneshot(request).await.unwrap();

    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!((home.request_count(), away.request_count()), (2, 1));
}

#[tokio::test]
async fn a_query_key_repeated_within_the_protection_space_is_kept_below_the_layer() {
    let home = ScriptedServer::start().await.unwrap();
    let bearer = one_token(Placement::query("t").unwrap());
    let keyring = Keyring::builder().bind(home.url(), bearer).unwrap().build();
    home.respond_with(|request| match (request.path.as_str(), &request.query) {
        ("/v1", Some(query)) => temporary(&format!("/v1/?{query}")),
        (_, Some(query)) if query == "t=token-0123456789" => ScriptedResponse::default(),
        _ => ScriptedResponse::new(StatusCode::UNAUTHORIZED),
    });
    for (place, client) in clients(&keyring) {
        let answer = client.get(&format!("{}/v1", home.url())).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{place}");
    }
    assert_eq!(home.request_count(), 6);
}

#[tokio::test]
async fn a_redirect_strips_parameters_with_the_name_of_a_query_key_for_any_value() {
    let (home, away) = servers().await;
    let keyring = bound_to(
        home.url(),
        ApiKey::query("token", "token-0123456789").unwrap(),
    );
    for (place, client) in clients(&keyring) {
        home.push(redirect_to(&away, "/file.zip?token=SIGNED&expires=9"));
        client.get(home.url()).await.unwrap();
        let reached = away.requests().pop().unwrap();
        assert_eq!(reached.query.as_deref(), Some("expires=9"), "{place}");
    }
}

#[tokio::test]
async fn another_origin_cannot_plant_a_key_either() {
    let (home, away) = servers().await;
    let key = ApiKey::query("api_key", "token-0123456789").unwrap();
    let keyring = bound_to(home.url(), key);
    for (place, client) in clients(&keyring) {
        for method in [Method::GET, Method::PUT] {
            home.push(temporary(away.url()));
            away.push(temporary(&format!("{}/up?api_key=theirs&a=1", home.url())));
            let request = Request::builder().method(&method).uri(home.url());
            client
                .send(request.body(TestBody::default()).unwrap())
                .await
                .unwrap();
            let query = home.requests().pop().unwrap().query.unwrap_or_default();
            assert!(
                query.contains("a=1") && !query.contains("theirs"),
                "{place}: {query}"
            );
        }
    }
}

#[tokio::test]
async fn a_redirect_strips_the_callers_own_key_for_any_path_and_account() {
    let (home, away) = servers().await;
    let narrow = bound_to(&format!("{}/v1", home.url()), key());
    let named = ProtectionSpace::new(home.url())
        .unwrap()
        .with_account(Account::new("north"));
    let named = Keyring::builder().bind(named, key()).unwrap().build();
    for keyring in [narrow, named] {
        for (place, client) in clients(&keyring) {
            home.push(ScriptedResponse::redirect(StatusCode::FOUND, "/out").unwrap());
            home.push(redirect_to(&away, "/"));
            let request = Request::get(format!("{}/v1/x", home.url()))
                .header("x-vendor-token", "own")
                .extension(Anonymous);
            client
                .send(request.body(TestBody::default()).unwrap())
                .await
                .unwrap();
            assert_eq!(key_of(&away.requests().pop().unwrap()), None, "{place}");
        }
    }
}

#[tokio::test]
async fn the_query_keys_of_two_layers_all_stay_behind() {
    let (home, away) = servers().await;
    let canaries = ["gateway", "vendor"].map(Canary::new);
    let [gateway, vendor] = canaries.clone().map(|canary| {
        let label = format!("{canary:?}").to_lowercase();
        let name = label.trim_end_matches(')').replace('(', "-");
        bound_to(home.url(), ApiKey::query(&name, canary.as_str()).unwrap())
    });
    let service = ServiceBuilder::new()
        .layer(auth(&gateway))
        .layer(auth(&vendor))
        .layer(guard(&vendor))
        .service(hyper());
    let to = away.url().to_owned();
    home.respond_with(move |request| {
        temporary(&format!(
            "{to}/?{}",
            request.query.as_deref().unwrap_or_default()
        ))
    });

    let request = Request::get(home.url()).body(TestBody::default()).unwrap();
    let answer = service.and_then(collect).oneshot(request).await.unwrap();

    for canary in canaries {
        assert!(canary.find_in(format!("{:?}", home.requests())).is_some());
        assert_eq!(canary.find_in(format!("{:?}", away.requests())), None);
        let shown = format!(
            "{:?}",
            answer.extensions().get::<RequestUri>().map(|uri| &uri.0)
        );
        assert_eq!(canary.find_in(shown), None);
    }
}

#[tokio::test]
async fn a_hop_that_was_foreign_from_the_start_stays_so() {
    let home = ScriptedServer::start().await.unwrap();
    let keyring = bound_to(home.url(), key());
    let service = ServiceBuilder::new()
        .layer(guard(&keyring))
        .layer(auth(&keyring))
        .service(hyper());
    let client = Client::Tower(BoxCloneSyncService::new(service.and_then(collect)));
    home.push(ScriptedResponse::redirect(StatusCode::FOUND, "/next").unwrap());
    let request = Request::get(home.url()).extension(ForeignHop);
    client
        .send(request.body(TestBody::default()).unwrap())
        .await
        .unwrap();
    assert!(home.requests().iter().all(|hop| key_of(hop).is_none()));
}

#[tokio::test]
async fn a_credential_wins_over_a_default_header() {
    let home = ScriptedServer::start().await.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("x-vendor-token", HeaderValue::from_static("default"));
    let client = guarded_client(bound_to(home.url(), key())).with_default_headers(headers);
    client
        .build()
        .unwrap()
        .get(home.url())
        .send()
        .await
        .unwrap();
    assert_eq!(home.requests()[0].header_values("x-vendor-token"), ["k-1"]);
}

#[tokio::test]
async fn a_refusal_is_judged_by_the_url_that_was_asked() {
    let home = ScriptedServer::start().await.unwrap();
    let bearer = one_token(Placement::query("t").unwrap());
    let keyring = Keyring::builder()
        .bind(format!("{}/v1", home.url()), bearer)
        .unwrap()
        .build();
    home.respond_with(|_| ScriptedResponse::new(StatusCode::UNAUTHORIZED));
    for (place, client) in clients(&keyring) {
        let path = format!("{}/v1/token-0123456789/x", home.url());
        let answer = client.get(&path).await.unwrap();
        let why = answer.outcome.and_then(|outcome| outcome.not_replayed());
        assert_ne!(why, Some(multi_auth::NotReplayed::ForeignOrigin), "{place}");
    }
}
