//! Every constructor of a scheme, with a good key and with every bad form of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue, Request};
use multi_auth::adapter::{Redirects, RequestAuth};
use multi_auth::{
    Account, AllOf, Alphamoon, ApiKey, AuthError, Authenticator, Basic, Bearer, ConstantHeaders,
    Credential, Immuta, Keyring, OnExpired, Placement, ProtectionSpace, RequestHead, Rotating,
    Sequence, SystemClock, Token, source_fn,
};
use multi_auth_reqwest::{AuthMiddleware, ReqwestTransport, guarded_client};
use multi_auth_tower::{AuthLayer, RedirectGuard};
use tower::{Layer, Service};

use super::{Ledger, key, token};
use crate::body::TestBody;

type Built = Result<Arc<dyn Authenticator>, AuthError>;

fn built(authenticator: Result<impl Authenticator + 'static, AuthError>) -> Built {
    authenticator.map(|authenticator| Arc::new(authenticator) as Arc<dyn Authenticator>)
}

/// Basic, as an OAuth client is known by.
fn client(key: &str) -> (&'static str, Built) {
    (
        "Basic::client_secret",
        built(Basic::client_secret("user", key)),
    )
}

/// Each constructor, given `key`, by its name.
fn all(key: &str) -> Vec<(&'static str, Built)> {
    let immuta = || Immuta::new("https://immuta.example").unwrap();
    let transport = || ReqwestTransport::new().unwrap();
    let pair = format!("user:{key}");
    let encoded = {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(&pair)
    };
    vec![
        ("Basic::new", built(Basic::new("user", key))),
        ("Basic::new user", built(Basic::new(key, "password"))),
        (
            "Basic::from_bytes",
            built(Basic::from_bytes(b"user", key.as_bytes())),
        ),
        ("Basic::from_pair", built(Basic::from_pair(pair.clone()))),
        ("Basic::from_pair bare", built(Basic::from_pair(key))),
        (
            "Basic::from_encoded",
            built(Basic::from_encoded(encoded.clone())),
        ),
        ("Basic::from_encoded bare", built(Basic::from_encoded(key))),
        ("ApiKey::header", built(ApiKey::header("x-api-key", key))),
        (
            "ConstantHeaders::new, USER_AGENT",
            ConstantHeaders::new()
                .with("x-note", key)
                .and_then(|headers| {
                    let immuta = immuta().with_headers(headers);
                    built(immuta.bearer("k", transport()))
                }),
        ),
        ("ApiKey::authorization", built(ApiKey::authorization(key))),
        ("ApiKey::query", built(ApiKey::query("api_key", key))),
        ("ApiKey::cookie", built(ApiKey::cookie("session", key))),
        (
            "ApiKey::new Placement::basic",
            built(ApiKey::new(Placement::basic(), key)),
        ),
        (
            "ApiKey::new Placement::bearer",
            built(ApiKey::new(Placement::bearer(), key)),
        ),
        (
            "ApiKey::new Placement::with_prefix",
            Placement::authorization()
                .with_prefix("Token ")
                .and_then(|place| built(ApiKey::new(place, key))),
        ),
        (
            "Placement::with_prefix",
            Placement::authorization()
                .with_prefix(key.to_owned())
                .and_then(|place| built(ApiKey::new(place, "k"))),
        ),
        (
            "Alphamoon::new organization_key",
            built(Alphamoon::default().organization_key(pair.clone())),
        ),
        (
            "Alphamoon::new process_key",
            built(Alphamoon::default().process_key(pair)),
        ),
        (
            "Alphamoon::new encoded_key",
            built(Alphamoon::default().encoded_key(encoded)),
        ),
        ("Immuta::new raw_key", built(immuta().raw_key(key))),
        (
            "Immuta::new bearer",
            built(immuta().bearer(key, transport())),
        ),
        (
            "Immuta::new key in header",
            built(immuta().with_key_in_header().bearer(key, transport())),
        ),
        (
            "AllOf::new",
            built(
                ApiKey::header("x-one", key)
                    .and_then(|one| Ok(AllOf::new(one, ApiKey::header("x-two", key)?))),
            ),
        ),
        (
            "Rotating::new Rotation",
            built(ApiKey::header("x-one", key).and_then(|older| {
                let rotating = Rotating::new(older);
                rotating.rotate(ApiKey::header("x-one", key)?)?;
                Ok(rotating)
            })),
        ),
        ("Bearer::new", built(Ok(tokens(key)))),
        (
            "Bearer::builder BearerBuilder OnExpired",
            built(Ok(stale(key))),
        ),
        (
            "with_expiry",
            built(ApiKey::authorization(key).map(|key| key.with_expiry(SystemTime::UNIX_EPOCH))),
        ),
    ]
}

fn tokens(key: &str) -> Bearer {
    let key = key.to_owned();
    Bearer::new(source_fn(move || {
        let token = Token::new(key.clone());
        async move { Ok(token) }
    }))
}

fn stale(key: &str) -> Bearer {
    let key = key.to_owned();
    let source = source_fn(move || {
        let token = Token::new(key.clone());
        async move { Ok(token) }
    });
    let placement = Placement::query("token").unwrap();
    Bearer::builder(source)
        .placement(placement)
        .on_expired(OnExpired::ServeStale)
        .clock(Arc::new(SystemClock))
        .max_age(Duration::from_secs(60))
        .build()
}

pub(super) fn look(ledger: &mut Ledger) {
    for (name, scheme) in all(&key()).into_iter().chain([client(&key())]) {
        match scheme {
            Ok(scheme) => look_at(ledger, name, &scheme),
            Err(error) => ledger.see_error(format!("{name}, refused"), &error),
        }
    }
    for (form, bad) in bad_forms() {
        for (name, scheme) in all(&bad).into_iter().chain([client(&bad)]) {
            let site = format!("{name}, {form}, SecretProblem");
            match scheme {
                Ok(scheme) => ledger.see_debug(site, &scheme),
                Err(error) => ledger.see_error(site, &error),
            }
        }
    }
    look_at_values(ledger);
}

/// What people paste.
fn bad_forms() -> Vec<(&'static str, String)> {
    let key = key();
    vec![
        ("with a line break", format!("{key}\n")),
        ("with a control character", format!("{key}\u{1}{key}")),
        ("with spaces around", format!(" {key} ")),
        ("with other letters", format!("{key}ü")),
        ("with colons", format!("{key}:{key}")),
        ("with a scheme before it", format!("Bearer {key}")),
        ("with a prefix before it", format!("Token {key}")),
        ("with quotes", format!("\"{key}\";")),
        ("far too long", key.repeat(2000)),
    ]
}

/// The scheme, and everything that a keyring with it is put into.
fn look_at(ledger: &mut Ledger, name: &str, scheme: &Arc<dyn Authenticator>) {
    ledger.see_debug(format!("{name}, Authenticator"), scheme);
    let scope = ProtectionSpace::new("https://api.example").unwrap();
    let scope = scope.with_account(Account::new("north"));
    let builder = Keyring::builder().bind(scope, Arc::clone(scheme)).unwrap();
    ledger.see_debug(
        format!("{name}, KeyringBuilder from Keyring::builder"),
        &builder,
    );
    let keyring = builder.build();
    ledger.see_debug(format!("{name}, Keyring"), &keyring);
    ledger.see_debug(
        format!("{name}, AuthMiddleware::new"),
        &AuthMiddleware::new(keyring.clone()),
    );
    ledger.see_debug(
        format!("{name}, GuardedClientBuilder of guarded_client"),
        &guarded_client(keyring.clone()),
    );
    ledger.see_debug(
        format!("{name}, built client"),
        &guarded_client(keyring.clone()).build().unwrap(),
    );
    let layer = AuthLayer::new(keyring.clone()).with_replay(TestBody::copy);
    ledger.see_debug(format!("{name}, AuthLayer::new ReplayBody"), &layer);
    ledger.see_debug(
        format!("{name}, AuthService"),
        &layer.layer(crate::adapter::hyper()),
    );
    ledger.see_debug(
        format!("{name}, ResponseFuture"),
        &layer.layer(crate::adapter::hyper()).call(request()),
    );
    ledger.see_debug(
        format!("{name}, RedirectGuard::new"),
        &RedirectGuard::new(keyring.clone()),
    );

    let (request, _) = request().into_parts();
    let head = RequestHead::from_parts(&request);
    match keyring.ready(&head) {
        Some(Ok(credential)) => look_at_credential(ledger, name, &keyring, &credential, &head),
        Some(Err(error)) => ledger.see_error(format!("{name}, ready"), &error),
        None => {}
    }
}

fn request() -> Request<TestBody> {
    let request = Request::get("https://api.example/?a=1").extension(Account::new("north"));
    request.body(TestBody::default()).unwrap()
}

fn look_at_credential(
    ledger: &mut Ledger,
    name: &str,
    keyring: &Keyring,
    credential: &Credential,
    head: &RequestHead<'_>,
) {
    ledger.see_debug(format!("{name}, Credential"), credential);
    ledger.see_debug(format!("{name}, CredentialId"), credential.id());
    ledger.see_debug(format!("{name}, QueryKeys"), &credential.query_keys());
    let prepared = RequestAuth::prepare(keyring, credential.clone(), head, || Some(()));
    ledger.see_debug(format!("{name}, RequestAuth::prepare Prepared"), &prepared);
    let mut redirects = Redirects::new(keyring, head);
    ledger.see_debug(format!("{name}, Redirects::new"), &redirects);
    let hop = redirects.hop(head);
    ledger.see_debug(format!("{name}, Hop"), &hop);
    let mut headers = head.headers().clone();
    ledger.see_debug(format!("{name}, Stripped"), &hop.strip(&mut headers));
}

/// Values that hold a secret for a moment.
fn look_at_values(ledger: &mut Ledger) {
    let value = HeaderValue::try_from(key()).unwrap();
    let credential = Credential::header(HeaderName::from_static("x-key"), value);
    ledger.see_debug("Credential::header", &credential);
    let fields = ["x-one", "x-two"].map(|name| {
        let value = HeaderValue::try_from(key()).unwrap();
        (HeaderName::from_static(name), value)
    });
    ledger.see_debug("Credential::headers", &Credential::headers(fields).unwrap());
    ledger.see_debug("Credential::empty", &Credential::empty());
    let body = multi_auth_tower::BufferBody::up_to(8);
    ledger.see_debug("BufferBody::up_to", &body);
    let reading = async { Ok(bytes::Bytes::from(key())) };
    let buffering = multi_auth_tower::Buffering::new(reading, |bytes| bytes);
    ledger.see_debug("Buffering::new", &buffering);
    let both = Sequence::new(
        ApiKey::header("x-key", key()).unwrap(),
        Basic::new("user", key()).unwrap(),
    );
    ledger.see_debug("Sequence::new BodyNeed", &(&both, both.needs_body()));
    let watching = Credential::watching(multi_auth::Generation::next());
    ledger.see_debug("Credential::watching", &watching);
    ledger.see_debug(
        "Token::new",
        &Token::new(token()).with_lifetime(Duration::from_secs(60)),
    );
    ledger.see_debug("SecretString", &multi_auth::SecretString::from(key()));
    let source = source_fn(|| async { Ok(Token::new(token())) });
    ledger.see_debug("source_fn TokenSource", &source);
    let twice = credential.clone().and(credential);
    ledger.see_error("Credential and, twice", &twice.unwrap_err());
    for (name, placement) in [
        ("Placement::authorization", Ok(Placement::authorization())),
        ("Placement::basic", Ok(Placement::basic())),
        ("Placement::bearer", Ok(Placement::bearer())),
        ("Placement::header", Placement::header("x-key")),
        ("Placement::query", Placement::query("key")),
        ("Placement::cookie", Placement::cookie("key")),
    ] {
        let placement = placement.unwrap();
        ledger.see_debug(name, &placement);
        let credential = placement.credential(&key().into()).unwrap();
        ledger.see_debug(format!("{name}, credential"), &credential);
    }
    // Arguments in the wrong order: what is no name is not shown.
    let swapped = format!("{} {}", key(), key());
    for (name, placement) in [
        ("Placement::header, swapped", Placement::header(&swapped)),
        ("Placement::cookie, swapped", Placement::cookie(&swapped)),
        ("Placement::query, empty", Placement::query("")),
    ] {
        ledger.see_error(name, &placement.unwrap_err());
    }
}
