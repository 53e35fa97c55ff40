//! Redirects take no credential out of its protection space.

use http::{Request, StatusCode};
use multi_auth::{
    Anonymous, ApiKey, AuthError, Bearer, Keyring, NotReplayed, Outcome, RedirectTarget, Token,
    TokenRequestProblem, source_fn,
};
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{Fault, RecordedRequest, ScriptedResponse, ScriptedServer};
use multi_auth_tower::{AuthLayer, RedirectGuard};
use tower::{ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;

use crate::adapter::{Client, collect, hyper};
use crate::body::TestBody;

/// A placement other than `Authorization`, which HTTP clients do not strip themselves.
pub(crate) const OWN_HEADER: &str = "x-vendor-token";

pub(crate) fn key() -> ApiKey {
    ApiKey::header(OWN_HEADER, "k-1").unwrap()
}

pub(crate) fn bound_to(url: &str, key: ApiKey) -> Keyring {
    Keyring::builder().bind(url, key).unwrap().build()
}

pub(crate) fn redirect_to(server: &ScriptedServer, path: &str) -> ScriptedResponse {
    ScriptedResponse::redirect(StatusCode::FOUND, &format!("{}{path}", server.url())).unwrap()
}

pub(crate) async fn servers() -> (ScriptedServer, ScriptedServer) {
    (
        ScriptedServer::start().await.unwrap(),
        ScriptedServer::start().await.unwrap(),
    )
}

pub(crate) fn key_of(request: &RecordedRequest) -> Option<&str> {
    request.header(OWN_HEADER)
}

/// The tower stack with its redirects below the authentication.
fn redirects_below(keyring: &Keyring) -> Client {
    let service = ServiceBuilder::new()
        .layer(AuthLayer::new(keyring.clone()).with_replay(TestBody::copy))
        .layer(FollowRedirectLayer::with_policy(RedirectGuard::new(
            keyring.clone(),
        )))
        .service(hyper());
    Client::Tower(tower::util::BoxCloneSyncService::new(
        service.and_then(collect),
    ))
}

/// Every place at which a redirect may be followed.
pub(crate) fn clients(keyring: &Keyring) -> [(&'static str, Client); 3] {
    [
        ("reqwest", crate::adapter::Adapter::Reqwest.client(keyring)),
        (
            "tower, redirects above",
            crate::adapter::Adapter::Tower.client(keyring),
        ),
        ("tower, redirects below", redirects_below(keyring)),
    ]
}

#[tokio::test]
async fn a_redirect_to_another_origin_carries_no_credential() {
    let (home, away) = servers().await;
    let keyring = bound_to(home.url(), key());
    for (place, client) in clients(&keyring) {
        home.push(redirect_to(&away, "/next"));
        let answer = client.get(home.url()).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{place}");
        assert_eq!(
            key_of(home.requests().last().unwrap()),
            Some("k-1"),
            "{place}"
        );
        assert_eq!(key_of(away.requests().last().unwrap()), None, "{place}");
    }
    assert_eq!(away.request_count(), 3);
}

#[tokio::test]
async fn a_redirect_within_the_protection_space_carries_the_credential() {
    let home = ScriptedServer::start().await.unwrap();
    let keyring = bound_to(home.url(), key());
    for (place, client) in clients(&keyring) {
        home.push(ScriptedResponse::redirect(StatusCode::FOUND, "/next").unwrap());
        client.get(home.url()).await.unwrap();
        let last = home.requests().pop().unwrap();
        assert_eq!(
            (&*last.path, key_of(&last)),
            ("/next", Some("k-1")),
            "{place}"
        );
    }
}

#[tokio::test]
async fn a_redirect_out_of_the_path_prefix_carries_no_credential() {
    let home = ScriptedServer::start().await.unwrap();
    let keyring = bound_to(&format!("{}/v1", home.url()), key());
    for (place, client) in clients(&keyring) {
        home.push(ScriptedResponse::redirect(StatusCode::FOUND, "/other").unwrap());
        client.get(&format!("{}/v1/x", home.url())).await.unwrap();
        let last = home.requests().pop().unwrap();
        assert_eq!((&*last.path, key_of(&last)), ("/other", None), "{place}");
    }
}

/// The response to a request that a 307 sends from one tenant to another of the same origin, and
/// the paths that were asked.
async fn between_tenants(
    guard: impl Fn(RedirectGuard) -> RedirectGuard,
) -> (StatusCode, Vec<String>) {
    let home = ScriptedServer::start().await.unwrap();
    let tenant = |name: &str| format!("{}/tenant-{name}", home.url());
    let keyring = Keyring::builder()
        .bind(&*tenant("a"), key())
        .and_then(|keyring| keyring.bind(&*tenant("b"), key()))
        .unwrap()
        .build();
    let moved = ScriptedResponse::redirect(StatusCode::TEMPORARY_REDIRECT, "/tenant-b");
    home.push(moved.unwrap());
    let service = ServiceBuilder::new()
        .layer(FollowRedirectLayer::with_policy(guard(RedirectGuard::new(
            keyring.clone(),
        ))))
        .layer(AuthLayer::new(keyring))
        .service(hyper());
    let request = Request::get(tenant("a")).body(TestBody::default());
    let response = service.oneshot(request.unwrap()).await.unwrap();
    let paths = home.requests().into_iter().map(|request| request.path);
    (response.status(), paths.collect())
}

#[tokio::test]
async fn a_redirect_to_another_protection_space_of_the_origin_is_delivered_by_the_strict_choice() {
    let (status, paths) = between_tenants(RedirectGuard::stop_outside_protection_space).await;
    assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(paths, ["/tenant-a"]);

    let (status, paths) = between_tenants(RedirectGuard::stop_at_other_origins).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(paths, ["/tenant-a", "/tenant-b"]);
}

#[tokio::test]
async fn the_strict_choice_delivers_a_redirect_to_another_origin_and_follows_one_within_the_space()
{
    let (home, away) = servers().await;
    let keyring = bound_to(home.url(), key());
    let guard = RedirectGuard::new(keyring.clone()).stop_outside_protection_space();
    let service = ServiceBuilder::new()
        .layer(FollowRedirectLayer::with_policy(guard))
        .layer(AuthLayer::new(keyring))
        .service(hyper());
    home.push(ScriptedResponse::redirect(StatusCode::FOUND, "/next").unwrap());
    home.push(redirect_to(&away, "/"));
    let request = Request::get(home.url()).body(TestBody::default());
    let response = service.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!((home.request_count(), away.request_count()), (2, 0));
}

#[tokio::test]
async fn what_stayed_behind_does_not_come_back_at_the_next_hop() {
    let (home, away) = servers().await;
    let keyring = bound_to(home.url(), key());
    for (place, client) in clients(&keyring) {
        home.push(redirect_to(&away, "/1"));
        away.push(ScriptedResponse::redirect(StatusCode::FOUND, "/2").unwrap());
        let request = Request::get(home.url())
            .header("cookie", "own=1")
            .body(TestBody::default());
        client.send(request.unwrap()).await.unwrap();
        let hops = away.requests();
        assert_eq!(hops.last().unwrap().path, "/2", "{place}");
        assert!(
            hops.iter()
                .all(|hop| key_of(hop).is_none() && hop.header("cookie").is_none()),
            "{place}"
        );
    }
}

#[tokio::test]
async fn back_in_the_protection_space_the_keyring_attaches_the_credential_again() {
    let (home, away) = servers().await;
    let keyring = bound_to(home.url(), key());
    for (place, client) in clients(&keyring) {
        home.push(redirect_to(&away, "/"));
        away.push(redirect_to(&home, "/back"));
        client.get(home.url()).await.unwrap();
        let last = home.requests().pop().unwrap();
        // Below the authentication, no layer attaches it.
        let expected = (place != "tower, redirects below").then_some("k-1");
        assert_eq!((&*last.path, key_of(&last)), ("/back", expected), "{place}");
        assert_eq!(key_of(away.requests().last().unwrap()), None, "{place}");
    }
}

#[tokio::test]
async fn a_query_key_reaches_neither_the_target_nor_the_referer() {
    let (home, away) = servers().await;
    let keyring = bound_to(home.url(), ApiKey::query("api_key", "canary").unwrap());
    for (place, client) in clients(&keyring) {
        home.push(redirect_to(&away, "/next?a=1"));
        client.get(home.url()).await.unwrap();
        assert!(
            format!("{:?}", home.requests().last().unwrap()).contains("canary"),
            "{place}"
        );
        let reached = format!("{:?}", away.requests().last().unwrap());
        assert!(
            !reached.contains("canary") && !reached.contains("referer"),
            "{place}: {reached}"
        );
    }
}

#[tokio::test]
async fn a_refusal_by_another_origin_does_not_invalidate_the_token() {
    let (home, away) = servers().await;
    let source = source_fn(|| async { Ok(Token::new("t-1")) });
    let keyring = Keyring::builder()
        .bind(home.url(), Bearer::new(source))
        .unwrap()
        .build();
    for (place, client) in clients(&keyring) {
        home.push(redirect_to(&away, "/"));
        away.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
        let answer = client.get(home.url()).await.unwrap();
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{place}");
        let why = answer.outcome.and_then(|outcome| outcome.not_replayed());
        assert!(
            matches!(why, None | Some(NotReplayed::ForeignOrigin)),
            "{place}: {why:?}"
        );
    }
    // If the token were judged by one of them, it would be refreshed and sent again.
    assert_eq!((home.request_count(), away.request_count()), (3, 3));
}

#[tokio::test]
async fn a_client_that_follows_redirects_itself_is_not_believed_either() {
    let (home, away) = servers().await;
    let source = source_fn(|| async { Ok(Token::new("t-1")) });
    let keyring = Keyring::builder()
        .bind(home.url(), Bearer::new(source))
        .unwrap()
        .build();
    let middleware = multi_auth_reqwest::AuthMiddleware::new(keyring);
    let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
        .with(middleware)
        .build();
    home.push(redirect_to(&away, "/"));
    away.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));

    let answer = client.get(home.url()).send().await.unwrap();

    let outcome = answer.extensions().get::<Outcome>().unwrap();
    assert_eq!(outcome.not_replayed(), Some(NotReplayed::ForeignOrigin));
    assert_eq!((home.request_count(), away.request_count()), (1, 1));
}

#[tokio::test]
async fn a_server_that_redirects_cannot_borrow_a_credential() {
    let (home, away) = servers().await;
    // Bound where the redirect leads, and not bound where it starts.
    let keyring = bound_to(away.url(), key());
    for (place, client) in clients(&keyring) {
        home.push(
            ScriptedResponse::redirect(
                StatusCode::TEMPORARY_REDIRECT,
                &format!("{}/delete", away.url()),
            )
            .unwrap(),
        );
        client
            .post(home.url(), TestBody::whole("abc"))
            .await
            .unwrap();
        client.get(away.url()).await.unwrap();
        let hops = away.requests();
        assert_eq!(key_of(hops.last().unwrap()), Some("k-1"), "{place}");
        assert!(
            hops.iter()
                .filter(|hop| hop.path == "/delete")
                .all(|hop| key_of(hop).is_none()),
            "{place}"
        );
    }
}

#[tokio::test]
async fn a_request_that_opted_out_or_named_an_account_does_so_at_every_hop() {
    let (home, away) = servers().await;
    let keyring = Keyring::builder()
        .bind(home.url(), key())
        .unwrap()
        .bind(away.url(), key())
        .unwrap()
        .build();
    for (place, client) in clients(&keyring) {
        home.push(redirect_to(&away, "/"));
        let mut request = Request::get(home.url()).body(TestBody::default()).unwrap();
        request.extensions_mut().insert(Anonymous);
        client.send(request).await.unwrap();
        assert_eq!(key_of(home.requests().last().unwrap()), None, "{place}");
        assert_eq!(key_of(away.requests().last().unwrap()), None, "{place}");
    }
}

#[tokio::test]
async fn a_redirect_from_https_to_http_carries_no_credential() {
    let home = ScriptedServer::builder().https().start().await.unwrap();
    let away = ScriptedServer::start().await.unwrap();
    let keyring = bound_to(home.url(), key());
    let root = reqwest::Certificate::from_pem(home.certificate_pem().unwrap().as_bytes()).unwrap();
    let settings = reqwest::Client::builder().tls_certs_merge([root]);
    let client = guarded_client(keyring)
        .with_client(settings)
        .build()
        .unwrap();
    home.push(redirect_to(&away, "/"));

    client.get(home.url()).send().await.unwrap();

    assert_eq!(key_of(&home.requests()[0]), Some("k-1"));
    assert_eq!(key_of(&away.requests()[0]), None);
}

on_each_adapter! {
    async fn a_token_request_follows_no_redirect(adapter: Adapter) {
        let (home, away) = servers().await;
        home.inject(Fault::redirect(StatusCode::TEMPORARY_REDIRECT, away.url()).unwrap());
        let endpoint = multi_auth::TokenEndpoint::builder(home.url(), adapter.transport()).unwrap();
        let bearer = Bearer::new(endpoint.json([("apikey", "canary")]).build());
        let keyring = Keyring::builder().bind(away.url(), bearer).unwrap().build();

        let error = crate::adapter::auth_error(adapter.client(&keyring).get(away.url()).await);

        let AuthError::TokenRequest { problem: TokenRequestProblem::Redirect { status, target, .. }, .. } = error
        else { panic!("{error:?}") };
        assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(target, RedirectTarget::SameHost);
        assert_eq!(away.request_count(), 0);
    }
}

/// Two bindings of one origin, and the caller's own credential for the first.
#[tokio::test]
async fn the_callers_own_is_not_replaced_by_another_bindings_key_within_the_origin() {
    for adapter in [
        crate::adapter::Adapter::Reqwest,
        crate::adapter::Adapter::Tower,
    ] {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(|request: &RecordedRequest| {
            if request.path == "/v1/x" {
                let moved = ScriptedResponse::new(StatusCode::TEMPORARY_REDIRECT);
                return moved.with_header("location", "/v2/x").unwrap();
            }
            ScriptedResponse::new(StatusCode::OK)
        });
        let key = |text: &str| multi_auth::ApiKey::authorization(text).unwrap();
        let keyring = Keyring::builder()
            .bind(&*format!("{}/v1", server.url()), key("k-1"))
            .unwrap()
            .bind(&*format!("{}/v2", server.url()), key("k-2"))
            .unwrap()
            .build();
        let client = adapter.client(&keyring);
        let url = format!("{}/v1/x", server.url());
        let own = Request::get(&url).header("authorization", "mine");
        client
            .send(own.body(TestBody::default()).unwrap())
            .await
            .unwrap();
        client.get(&url).await.unwrap();
        let requests = server.requests_to("/v2/x");
        let sent: Vec<_> = requests
            .iter()
            .map(|one| one.header("authorization"))
            .collect();
        assert_eq!(sent, [None, Some("k-2")], "{adapter:?}");
    }
}
