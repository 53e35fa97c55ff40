//! Endpoints that answer everything there is, with the key and the token repeated in it.

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Request, Response, StatusCode};
use multi_auth::adapter::{Next, RequestAuth};
use multi_auth::{
    ApiKey, AuthError, Authenticator, Bearer, CredentialId, Generation, Keyring, RequestHead,
    ResponseHead, Token, TokenEndpoint, TokenRequestBody, TokenSource, Transport, TransportError,
    source_fn, transport_fn,
};

use super::{Ledger, key, token};

/// Answers with what was prepared.
#[derive(Clone, Debug)]
pub(super) struct Canned(pub(super) Result<(StatusCode, &'static str, String), TransportError>);

#[async_trait]
impl Transport for Canned {
    async fn send(&self, _: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let (status, media_type, body) = self.0.clone()?;
        let location = HeaderValue::try_from(body.as_str());
        let mut answer = Response::new(body.into_bytes());
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        if status.is_redirection() {
            headers.insert(LOCATION, location.unwrap());
        }
        headers.insert(RETRY_AFTER, HeaderValue::try_from(key()).unwrap());
        headers.insert(WWW_AUTHENTICATE, HeaderValue::try_from(token()).unwrap());
        Ok(answer)
    }
}

fn answers() -> Vec<(&'static str, Canned)> {
    const JSON: &str = "application/json";
    let (key, token) = (key(), token());
    let said = |status, media_type, body: String| {
        Canned(Ok((
            StatusCode::from_u16(status).unwrap(),
            media_type,
            body,
        )))
    };
    let json = |members: String| said(200, JSON, format!("{{{members}, \"k\": \"{key}\"}}"));
    vec![
        ("a token", json(format!("\"access_token\": \"{token}\""))),
        (
            "a token that ends",
            json(format!("\"access_token\": \"{token}\", \"expires_in\": 60")),
        ),
        (
            "a token with a line break",
            json(format!("\"access_token\": \"{token}\\r\\n\"")),
        ),
        (
            "a token with other letters",
            json(format!("\"access_token\": \"{token}ü\"")),
        ),
        (
            "a token far too long",
            json(format!("\"access_token\": \"{}\"", token.repeat(2000))),
        ),
        ("a number", json("\"access_token\": 1".to_owned())),
        ("no token", json(format!("\"token\": \"{token}\""))),
        (
            "a life that is none",
            json(format!(
                "\"access_token\": \"t\", \"expires_in\": \"{token}\""
            )),
        ),
        (
            "another type",
            json(format!(
                "\"access_token\": \"t\", \"token_type\": \"{key}\""
            )),
        ),
        (
            "an error code",
            json("\"error\": \"invalid_grant\"".to_owned()),
        ),
        (
            "a code that is none",
            said(400, JSON, format!("{{\"error\": \"{key}\"}}")),
        ),
        ("not accepted", json("\"accepted\": false".to_owned())),
        ("HTML", said(200, "text/html", format!("<p>{key}"))),
        ("not JSON", said(200, JSON, format!("{{{key}"))),
        ("nothing", said(200, JSON, String::new())),
        (
            "a form",
            said(
                200,
                "application/x-www-form-urlencoded",
                format!("key={key}"),
            ),
        ),
        (
            "a redirect",
            said(302, JSON, format!("https://{key}.example/{key}")),
        ),
        (
            "a redirect within",
            said(307, JSON, format!("/{key}?{key}")),
        ),
        (
            "a redirect to plain http",
            said(308, JSON, format!("http://auth.example/{key}")),
        ),
        (
            "a redirect to no URL",
            said(301, JSON, format!("https://{key}:{key}")),
        ),
        (
            "a dead token",
            said(
                200,
                JSON,
                format!(r#"{{"access_token": "{key}", "expires_in": 0}}"#),
            ),
        ),
        ("refused", said(401, JSON, key.clone())),
        ("forbidden", said(403, JSON, key.clone())),
        ("too many", said(429, JSON, key.clone())),
        ("down", said(503, JSON, key.clone())),
        ("too large", said(200, JSON, key.repeat(60_000))),
        (
            "no connection",
            Canned(Err(TransportError::connection("no route"))),
        ),
        ("no answer", Canned(Err(TransportError::timeout()))),
    ]
}

pub(super) async fn look(ledger: &mut Ledger) {
    look_at_tokens(ledger).await;
    for (name, canned) in answers() {
        let endpoint = TokenEndpoint::builder("https://auth.example/token?key=1", canned).unwrap();
        let endpoint = endpoint
            .json([("apikey", key())])
            .authorized_by(ApiKey::header("x-key", key()).unwrap())
            .refused_unless("/accepted");
        look_at(
            ledger,
            &format!("token request, {name}"),
            Bearer::builder(endpoint.build()),
        )
        .await;
    }
    look_at_limits(ledger).await;
    let panics = source_fn(|| async { std::panic::resume_unwind(Box::new(token())) });
    look_at(ledger, "a source that panics", Bearer::builder(panics)).await;
    let never = source_fn(std::future::pending::<Result<Token, AuthError>>);
    let never = Bearer::builder(never).refresh_timeout(Duration::from_millis(1));
    look_at(ledger, "a source that never answers", never).await;
    look_at_threads(ledger);
}

/// One token request is allowed, and two are asked for.
async fn look_at_limits(ledger: &mut Ledger) {
    let answer = format!(r#"{{"access_token": "{}"}}"#, key());
    let url = format!("https://limited.example/token?key={}", key());
    let endpoint = TokenEndpoint::builder(
        &url,
        Canned(Ok((StatusCode::OK, "application/json", answer))),
    )
    .unwrap();
    let endpoint = endpoint.json([("apikey", key())]);
    let endpoint = Arc::new(endpoint.endpoint_limit(1, Duration::MAX).build());
    let limited = Bearer::builder(Arc::clone(&endpoint)).refresh_limit(1, Duration::MAX);
    let limited = limited.build();
    limited.refresh().await.unwrap();
    limited.invalidate();
    let (request, ()) = Request::get("https://api.example/")
        .body(())
        .unwrap()
        .into_parts();
    let throttled = limited
        .authenticate(&RequestHead::from_parts(&request))
        .await;
    ledger.see_error("AuthError TokenRequestProblem", &throttled.unwrap_err());
    let spent = endpoint.token().await.unwrap_err();
    ledger.see_error("AuthError TokenRequestProblem", &spent);
}

async fn look_at(ledger: &mut Ledger, name: &str, builder: multi_auth::BearerBuilder) {
    ledger.see_debug(format!("{name}, BearerBuilder"), &builder);
    let events = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&events);
    let bearer = builder
        .observer(move |event| {
            let _ = writeln!(told.lock().unwrap(), "{event:?} {event:#?}");
        })
        .build();
    let keyring = Keyring::builder()
        .bind("https://api.example", bearer.clone())
        .unwrap()
        .build();
    let (request, ()) = Request::get("https://api.example/")
        .body(())
        .unwrap()
        .into_parts();
    let head = RequestHead::from_parts(&request);
    match keyring.authenticate(&head).await {
        Err(error) => ledger.see_error(format!("{name}, AuthError TokenRequestProblem"), &error),
        Ok(credential) => {
            ledger.see_debug(format!("{name}, Credential"), &credential);
            refuse(ledger, name, &keyring, &head, &credential).await;
        }
    }
    ledger.see_debug(format!("{name}, Bearer"), &bearer);
    ledger.see_debug(
        format!("{name}, TokenSnapshot LastRefresh"),
        &bearer.snapshot(),
    );
    ledger.see(
        format!("{name}, TokenEvent Provenance Reason"),
        events.lock().unwrap().as_str(),
    );
}

/// The vendor refuses what it gave; the refresh brings the same again.
async fn refuse(
    ledger: &mut Ledger,
    name: &str,
    keyring: &Keyring,
    head: &RequestHead<'_>,
    credential: &multi_auth::Credential,
) {
    for refreshed in [
        keyring.authenticate(head).await,
        Err(AuthError::NotReady),
        Ok(credential
            .clone()
            .with_id(CredentialId::refreshable(Generation::next()))),
    ] {
        see_refusal(ledger, name, keyring, head, credential, refreshed);
    }
}

fn see_refusal(
    ledger: &mut Ledger,
    name: &str,
    keyring: &Keyring,
    head: &RequestHead<'_>,
    credential: &multi_auth::Credential,
    refreshed: Result<multi_auth::Credential, AuthError>,
) {
    let mut request = Request::get("https://api.example/").body(()).unwrap();
    let prepared = RequestAuth::prepare(keyring, credential.clone(), head, || Some(()));
    let auth = prepared.attach(&mut request).unwrap();
    ledger.see_debug(format!("{name}, RequestAuth"), &auth);
    let headers = http::HeaderMap::new();
    let refused = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
    let next = auth.on_response(&refused);
    ledger.see_debug(format!("{name}, Next Refreshing"), &next);
    let Next::Refresh(refreshing, ()) = next else {
        return;
    };
    let after = refreshing.finish(refreshed, || Some(()));
    ledger.see_debug(
        format!("{name}, AfterRefresh Prepared Outcome NotReplayed"),
        &after,
    );
}

/// The bodies of token requests, and tokens as schemes read them.
async fn look_at_tokens(ledger: &mut Ledger) {
    let bodies = [
        ("TokenRequestBody::empty", TokenRequestBody::empty()),
        (
            "TokenRequestBody::form",
            TokenRequestBody::form([("key", key())]),
        ),
        (
            "TokenRequestBody::json",
            TokenRequestBody::json([("key", key())]),
        ),
        (
            "TokenRequestBody::json_text",
            TokenRequestBody::json_text(key()),
        ),
    ];
    for (name, body) in bodies {
        ledger.see_debug(name, &body);
    }
    let transport = transport_fn(|_| std::future::ready(Ok(Response::new(token().into_bytes()))));
    ledger.see_debug("transport_fn", &transport);
    let endpoint = TokenEndpoint::builder("https://api.example/token", transport).unwrap();
    let endpoint = endpoint
        .query([("key", key())])
        .body_with(|| Ok(TokenRequestBody::form([("key", key())])));
    ledger.see_debug("a call of TokenEndpointBuilder", &endpoint);
    ledger.see_error("a call", &endpoint.build().token().await.unwrap_err());

    let source = source_fn(|| async { Ok(Token::new(token()).with_part("part", key())) });
    ledger.see_debug("Token with a part", &source.token().await.unwrap());
    let bearer = Bearer::new(source);
    ledger.see_debug("CurrentToken", &bearer.token().await.unwrap());
    ledger.see_debug("CurrentToken, ready", &bearer.ready_token().unwrap());
    let api_key = ApiKey::header("x-key", key()).unwrap();
    let keyring = Keyring::builder()
        .bind("https://api.example", api_key)
        .unwrap()
        .build();
    ledger.see_debug("Binding", &keyring.bindings().collect::<Vec<_>>());
}

/// Without a runtime, and with one that is shut down in the middle.
fn look_at_threads(ledger: &mut Ledger) {
    let (request, ()) = Request::get("https://api.example/")
        .body(())
        .unwrap()
        .into_parts();
    let source = || source_fn(std::future::pending::<Result<Token, AuthError>>);
    let alone = std::thread::scope(|scope| {
        let asked = scope.spawn(|| {
            let bearer = Bearer::new(source());
            let head = RequestHead::from_parts(&request);
            let mut waiting = std::pin::pin!(bearer.authenticate(&head));
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            match waiting.as_mut().poll(&mut cx) {
                std::task::Poll::Ready(answer) => answer.unwrap_err(),
                std::task::Poll::Pending => panic!("the future waits although nothing is pending"),
            }
        });
        asked.join().unwrap()
    });
    ledger.see_error("NoRuntime", &alone);
    let bearer = Bearer::new(source());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            let refresh = async { tokio::select! { biased; _ = bearer.refresh() => {}, () = tokio::task::yield_now() => {} } };
            runtime.unwrap().block_on(refresh);
        });
    });
    ledger.see_debug("Interrupted TokenSnapshot", &bearer.snapshot());
}
