//! Servers that repeat what they were asked, and redirects that want to choose what is asked next.

use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Extensions, Method, Request, StatusCode};
use multi_auth::{ApiKey, Bearer, Keyring, Placement, Token, TokenSource, source_fn};
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{
    Canary, Fault, RecordedRequest, RequestGate, ScriptedResponse, ScriptedServer,
};
use reqwest_middleware::{Middleware, Next};

use crate::body::TestBody;
use crate::redirect::{bound_to, clients, key, key_of, redirect_to, servers};

fn query_key() -> (Canary, ApiKey) {
    let canary = Canary::new("query-key");
    let key = ApiKey::query("api_key", canary.as_str()).unwrap();
    (canary, key)
}

/// `t-1`, `t-2` and so on.
fn numbered_tokens() -> impl TokenSource {
    let count = AtomicUsize::new(0);
    source_fn(move || {
        let number = count.fetch_add(1, Ordering::Relaxed) + 1;
        async move { Ok(Token::new(format!("t-{number}"))) }
    })
}

/// What a server does that canonicalises: the same path and query at `base`, with `after` between
/// them.
fn moved(base: &str, after: &str, request: &RecordedRequest) -> ScriptedResponse {
    let query = request.query.as_deref().unwrap_or_default();
    let location = format!("{base}{}{after}?{query}", request.path);
    ScriptedResponse::redirect(StatusCode::MOVED_PERMANENTLY, &location).unwrap()
}

#[tokio::test]
async fn a_query_key_that_the_vendor_repeats_stays_behind() {
    let (home, away) = servers().await;
    let (canary, key) = query_key();
    let keyring = bound_to(home.url(), key);
    let base = away.url().to_owned();
    home.respond_with(move |request| moved(&base, "", request));
    for (place, client) in clients(&keyring) {
        client.get(&format!("{}/v1?a=1", home.url())).await.unwrap();
        assert!(
            canary
                .find_in(format!("{:?}", home.requests().last()))
                .is_some()
        );
        let reached = away.requests().pop().unwrap();
        assert_eq!(reached.query.as_deref(), Some("a=1"), "{place}");
        assert_eq!(canary.find_in(format!("{reached:?}")), None, "{place}");
    }
}

#[tokio::test]
async fn a_query_key_inside_another_parameter_stays_behind() {
    let (home, away) = servers().await;
    let (canary, key) = query_key();
    let keyring = bound_to(home.url(), key);
    for (place, client) in clients(&keyring) {
        let next = format!("/login?next=%2Fv1%3Fapi_key%3D{}&a=1", canary.as_str());
        home.push(redirect_to(&away, &next));
        client.get(home.url()).await.unwrap();
        let reached = away.requests().pop().unwrap();
        assert_eq!(reached.query.as_deref(), Some("a=1"), "{place}");
    }
}

#[tokio::test]
async fn a_query_key_that_the_vendor_changes_as_it_repeats_it_stays_behind() {
    let (home, away) = servers().await;
    for (prefix, key) in [
        ("Token ", "canary-0123456789"),
        ("Token ", "k-1"),
        ("", "k-1"),
    ] {
        let place = Placement::query("api_key").unwrap().with_prefix(prefix);
        let bound = ApiKey::new(place.unwrap(), key).unwrap();
        let keyring = bound_to(home.url(), bound);
        for (place, client) in clients(&keyring) {
            for repeated in [
                format!("api_key={key}"),
                format!("API_KEY={key}"),
                format!("Api%5FKey={}{key}", prefix.replace(' ', "+")),
                format!("x={key}"),
                format!("x={}{key}", prefix.replace(' ', "%20")),
                format!("api_key={}", &key[..2]),
                format!("next=%2Fv1%3FAPI_KEY%3D{key}"),
            ] {
                home.push(redirect_to(&away, &format!("/v1?{repeated}&a=1")));
                client.get(home.url()).await.unwrap();
                let reached = away.requests().pop().unwrap();
                assert_eq!(reached.query.as_deref(), Some("a=1"), "{place}: {repeated}");
            }
        }
    }
}

#[tokio::test]
async fn the_callers_own_query_key_stays_behind_by_its_name() {
    let (home, away) = servers().await;
    let (_, key) = query_key();
    let keyring = bound_to(home.url(), key);
    for (place, client) in clients(&keyring) {
        for name in ["api_key", "API_KEY"] {
            home.push(redirect_to(&away, &format!("/v1?{name}=own-1&a=1")));
            let own = format!("{}/v1?api_key=own-1", home.url());
            client.get(&own).await.unwrap();
            let reached = away.requests().pop().unwrap();
            assert_eq!(reached.query.as_deref(), Some("a=1"), "{place}");
        }
    }
}

#[tokio::test]
async fn a_redirect_with_the_key_in_its_path_is_not_followed() {
    let (home, away) = servers().await;
    let (canary, key) = query_key();
    let keyring = bound_to(home.url(), key);
    for (place, client) in clients(&keyring) {
        home.push(redirect_to(&away, &format!("/{}", canary.as_str())));
        let _ = client.get(home.url()).await;
        let reached = format!("{:?}", away.requests());
        assert_eq!(canary.find_in(reached), None, "{place}");
    }
}

#[tokio::test]
async fn a_query_key_behind_a_redirect_is_in_no_url_that_is_shown() {
    let home = ScriptedServer::start().await.unwrap();
    let (canary, key) = query_key();
    let client = guarded_client(bound_to(home.url(), key)).build().unwrap();
    home.respond_with(|request| match request.path.as_str() {
        "/v1/" => ScriptedResponse::new(StatusCode::BAD_REQUEST),
        _ => moved("", "/", request),
    });
    let get = || client.get(format!("{}/v1?a=1", home.url())).send();

    let response = get().await.unwrap();
    assert_eq!(response.url().query(), Some("a=1"));
    let shown = format!("{response:?} {:?}", response.error_for_status_ref());
    assert_eq!(canary.find_in(shown), None);

    home.inject(Fault::hang_up().on("/v1/"));
    let error = get().await.unwrap_err();
    assert_eq!(canary.find_in(format!("{error} {error:?}")), None);
    // The server itself was asked with the key each time.
    assert!(
        home.requests()
            .iter()
            .all(|hop| canary.find_in(format!("{hop:?}")).is_some())
    );
}

#[tokio::test]
async fn a_query_token_is_refreshed_behind_a_redirect() {
    let home = ScriptedServer::start().await.unwrap();
    let source = numbered_tokens();
    let bearer = Bearer::builder(source).placement(Placement::query("t").unwrap());
    let keyring = Keyring::builder()
        .bind(home.url(), bearer.build())
        .unwrap()
        .build();
    home.respond_with(
        |request| match (request.path.as_str(), request.query.as_deref()) {
            ("/v1/", Some("t=t-1")) => ScriptedResponse::new(StatusCode::UNAUTHORIZED),
            ("/v1/", _) => ScriptedResponse::default(),
            _ => moved("", "/", request),
        },
    );
    for (place, client) in clients(&keyring).into_iter().take(2) {
        let answer = client.get(&format!("{}/v1", home.url())).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{place}");
    }
}

#[tokio::test]
async fn a_redirect_cannot_replace_our_key() {
    let home = ScriptedServer::start().await.unwrap();
    let (canary, key) = query_key();
    let keyring = bound_to(home.url(), key);
    for (place, client) in clients(&keyring) {
        let answer =
            ScriptedResponse::redirect(StatusCode::TEMPORARY_REDIRECT, "/up?api_key=theirs");
        home.push(answer.unwrap());
        // tower-http follows with no body that it cannot clone.
        client.post(home.url(), TestBody::default()).await.unwrap();
        let reached = home.requests().pop().unwrap();
        let query = reached.query.unwrap_or_default();
        assert!(!query.contains("theirs"), "{place}: {query}");
        let is_served = place != "tower, redirects below";
        assert_eq!(canary.find_in(&query).is_some(), is_served, "{place}");
    }
}

/// A key that the caller put into the URL is the caller's own behind a slash at the end of the path
/// too.
#[tokio::test]
async fn the_callers_own_key_wins_behind_a_redirect_that_repeats_it() {
    let home = ScriptedServer::start().await.unwrap();
    let (canary, key) = query_key();
    let keyring = bound_to(home.url(), key);
    for (place, client) in clients(&keyring) {
        home.respond_with(|request| match &*request.path {
            "/v1" => moved("", "/", request),
            _ => ScriptedResponse::default(),
        });
        let own = "a=1&api_key=own%2F1";
        client
            .get(&format!("{}/v1?{own}", home.url()))
            .await
            .unwrap();
        let reached = home.requests().pop().unwrap();
        assert_eq!(reached.query.as_deref(), Some(own), "{place}");
        assert_eq!(canary.find_in(format!("{reached:?}")), None, "{place}");

        // Another value in its place is not the caller's.
        home.push(ScriptedResponse::redirect(StatusCode::FOUND, "/up?api_key=theirs").unwrap());
        client
            .get(&format!("{}/v1?{own}", home.url()))
            .await
            .unwrap();
        let query = home.requests().pop().unwrap().query.unwrap_or_default();
        assert!(!query.contains("theirs"), "{place}: {query}");
    }
}

#[tokio::test]
async fn another_origin_cannot_act_with_the_credential_of_the_first() {
    let (home, away) = servers().await;
    let keyring = bound_to(home.url(), key());
    for (place, client) in clients(&keyring) {
        for method in [Method::PUT, Method::GET] {
            let back = |to: String| {
                ScriptedResponse::redirect(StatusCode::TEMPORARY_REDIRECT, &to).unwrap()
            };
            home.push(back(format!("{}/cdn", away.url())));
            away.push(back(format!("{}/transfer", home.url())));
            let request = Request::builder().method(&method).uri(home.url());
            client
                .send(request.body(TestBody::default()).unwrap())
                .await
                .unwrap();
            let reached = home.requests().pop().unwrap();
            assert_eq!(reached.path, "/transfer");
            let is_served = method.is_safe() && place != "tower, redirects below";
            assert_eq!(key_of(&reached).is_some(), is_served, "{place}, {method}");
        }
    }
}

#[tokio::test]
async fn a_callers_own_key_in_the_bound_field_stays_behind() {
    let (home, away) = servers().await;
    let keyring = bound_to(home.url(), key());
    for (place, client) in clients(&keyring) {
        home.push(redirect_to(&away, "/"));
        let request = Request::get(home.url())
            .header("x-vendor-token", "own")
            .header("x-trace", "t-1")
            .header("host", "front.example");
        client
            .send(request.body(TestBody::default()).unwrap())
            .await
            .unwrap();
        assert_eq!(
            key_of(home.requests().last().unwrap()),
            Some("own"),
            "{place}"
        );
        let reached = away.requests().pop().unwrap();
        assert_eq!(key_of(&reached), None, "{place}");
        assert_eq!(reached.header("x-trace"), Some("t-1"), "{place}");
        assert_eq!(
            reached.header("host"),
            away.url().strip_prefix("http://"),
            "{place}"
        );
    }
}

/// A foreign response says nothing about the credential, whatever its status.
#[tokio::test]
async fn a_response_from_another_origin_never_invalidates_the_token() {
    let (home, away) = servers().await;
    let bearer = Bearer::builder(numbered_tokens());
    let bearer = bearer.refresh_when(|response| response.headers().contains_key("x-spent"));
    let keyring = Keyring::builder()
        .bind(home.url(), bearer.build())
        .unwrap()
        .build();
    for (place, client) in clients(&keyring) {
        home.push(redirect_to(&away, "/"));
        away.push(
            ScriptedResponse::default()
                .with_header("x-spent", "1")
                .unwrap(),
        );
        client.get(home.url()).await.unwrap();
        let sent = home.requests().pop().unwrap();
        assert_eq!(sent.header("authorization"), Some("Bearer t-1"), "{place}");
    }
    assert_eq!((home.request_count(), away.request_count()), (3, 3));
}

/// Gives up once the held server was asked, and tries again.
struct GivesUpOnce(RequestGate);

#[async_trait::async_trait]
impl Middleware for GivesUpOnce {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let again = request.try_clone().unwrap();
        tokio::select! {
            response = next.clone().run(request, extensions) => return response,
            () = self.0.arrived(1) => {}
        }
        next.run(again, extensions).await
    }
}

#[tokio::test]
async fn a_retry_of_a_dropped_all_of_carries_the_credential() {
    let (home, away) = servers().await;
    let client = guarded_client(bound_to(home.url(), key()));
    let client = client
        .with_outer(GivesUpOnce(away.hold("/")))
        .build()
        .unwrap();
    home.push(redirect_to(&away, "/"));

    client.get(home.url()).send().await.unwrap();

    let keys: Vec<_> = home
        .requests()
        .iter()
        .map(|hop| key_of(hop).map(str::to_owned))
        .collect();
    assert_eq!(keys, [Some("k-1".to_owned()), Some("k-1".to_owned())]);
}
