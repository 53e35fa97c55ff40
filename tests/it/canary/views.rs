//! Views of requests and answers, which hold other people's secrets, and the small types.

use http::{Extensions, HeaderMap, HeaderValue, Method, Request, StatusCode};
use multi_auth::adapter::{MAX_RESPONSE_BYTES, RequestCopy, ResponseBuffer, SavedHead};
use multi_auth::{
    Account, Anonymous, ApiKey, AuthError, Authenticator, BindingProblem, BodyView, Challenge,
    CredentialId, ForeignHop, Generation, Keyring, OnExpired, RequestHead, ResponseHead,
    SecretProblem, SystemClock, TokenRequestProblem, TokenState, TransportError, Verdict,
};
use multi_auth_reqwest::{ReqwestTransport, TooManyRedirects};
use multi_auth_tower::{
    BoxError, BufferBody, BufferProblem, Buffering, NeverReplay, RedirectGuard, ReplayClone,
    ReplayEmpty, TowerTransport,
};
use tower_http::follow_redirect::policy::Policy;
use url::Url;

use super::{Ledger, in_url, key, token};

pub(super) fn look(ledger: &mut Ledger) {
    look_at_heads(ledger);
    look_at_keyring_errors(ledger);
    look_at_target_errors(ledger);
    look_at_policy(ledger);
    look_at_errors(ledger);
    ledger.see_debug("CredentialId::fixed", &CredentialId::fixed());
    ledger.see_debug(
        "CredentialId::refreshable",
        &CredentialId::refreshable(Generation::next()),
    );
    ledger.see_debug("Generation::next", &Generation::next());
    ledger.see_debug(
        "Verdict Rejection ReplayReasons",
        &Verdict::Reject(multi_auth::Rejection::FixedKey),
    );
    ledger.see_debug("Anonymous ForeignHop", &(Anonymous, ForeignHop));
    ledger.see_debug(
        "SystemClock Clock MAX_RESPONSE_BYTES",
        &(SystemClock, MAX_RESPONSE_BYTES),
    );
    ledger.see_debug(
        "OnExpired TokenState",
        &(OnExpired::Fail, TokenState::Fresh),
    );
    ledger.see_debug(
        "ReplayEmpty NeverReplay ReplayClone",
        &(ReplayEmpty, NeverReplay, ReplayClone),
    );
    ledger.see_debug("BufferBody::up_to", &BufferBody::up_to(8));
    let secret = std::future::ready(Ok(key().into()));
    ledger.see_debug("Buffering::new", &Buffering::new(secret, |bytes| bytes));
    ledger.see_error("BufferProblem", &BufferProblem::Trailers);
    ledger.see_error("TooManyRedirects", &TooManyRedirects);
    let transport = TowerTransport::<_, Vec<u8>>::new(key());
    ledger.see_debug("TowerTransport::new Transport", &transport);
    let headers = [("x-key", key())].into_iter().map(|(name, value)| {
        (
            http::HeaderName::from_static(name),
            HeaderValue::try_from(value).unwrap(),
        )
    });
    let client = reqwest::Client::builder().user_agent("ours");
    let own = ReqwestTransport::with_client(client.default_headers(sensitive(headers.collect())));
    ledger.see_debug("ReqwestTransport::with_client", &own.unwrap());
    ledger.see_debug("ReqwestTransport::new", &ReqwestTransport::new().unwrap());
    let (mut parts, ()) = Request::get("https://api.example/")
        .body(())
        .unwrap()
        .into_parts();
    let full = ApiKey::query("key", key()).unwrap();
    let credential = full
        .ready(&RequestHead::from_parts(&parts))
        .unwrap()
        .unwrap();
    parts.uri = "*".parse().unwrap();
    let attached = credential.attach(&mut parts);
    ledger.see("Outgoing, a target with no query", format!("{attached:?}"));
}

fn sensitive(mut headers: HeaderMap) -> HeaderMap {
    headers
        .values_mut()
        .for_each(|value| value.set_sensitive(true));
    headers
}

fn look_at_heads(ledger: &mut Ledger) {
    let uri = format!("https://user:{0}@api.example/v1?key={0}#{0}", in_url());
    let url = url::Url::parse(&uri).unwrap();
    let request = Request::get(uri.split('#').next().unwrap()).header("x-key", key());
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let secret = key();
    for (form, body) in [
        ("Empty", BodyView::Empty),
        ("Bytes", BodyView::Bytes(secret.as_bytes())),
        ("Stream", BodyView::Stream),
    ] {
        ledger.see_debug(format!("BodyView {form}"), &body);
        let head = RequestHead::from_parts(&parts).with_body(body);
        ledger.see_debug(format!("RequestHead::from_parts, {form}"), &head);
    }
    let none = Extensions::new();
    let head = RequestHead::from_uri(&parts.method, &parts.uri, &parts.headers, &none);
    ledger.see_debug("RequestHead::from_uri", &head);
    let head = RequestHead::from_url(&Method::GET, &url, &parts.headers, &none);
    ledger.see_debug("RequestHead::from_url", &head);

    let mut headers = HeaderMap::new();
    let said = format!("Bearer realm=\"{0}\", error_description=\"{0}\"", token());
    headers.insert("www-authenticate", HeaderValue::try_from(said).unwrap());
    let head = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
    ledger.see_debug("ResponseHead::new", &head);
    let challenges: Vec<Challenge<'_>> = head.challenges();
    ledger.see_debug("Challenge", &challenges);
}

/// A redirect policy below the layer sees targets with keys in them.
fn look_at_policy(ledger: &mut Ledger) {
    let keyring = Keyring::builder().build();
    let mut guard = RedirectGuard::new(keyring);
    let request = Request::get(format!("https://api.example/?key={}", in_url()));
    let mut request = request.body(()).unwrap();
    Policy::<(), BoxError>::on_request(&mut guard, &mut request);
    ledger.see_debug("RedirectGuard under way", &guard);
}

/// What is said about requests that get nothing; their URLs have a secret in them.
fn look_at_keyring_errors(ledger: &mut Ledger) {
    let key = || ApiKey::authorization(key()).unwrap();
    let scope = multi_auth::ProtectionSpace::new("https://api.example").unwrap();
    let keyring = Keyring::builder()
        .bind(scope.with_account(Account::new("north")), key())
        .unwrap()
        .refuse_unbound()
        .build();
    let ask = |host: &str, account: Option<Account>| {
        let uri = format!("https://user:{0}@{host}/?key={0}", in_url());
        let (mut parts, ()) = Request::get(uri).body(()).unwrap().into_parts();
        parts
            .extensions
            .extend(account.into_iter().fold(Extensions::new(), |mut all, one| {
                all.insert(one);
                all
            }));
        keyring
            .ready(&RequestHead::from_parts(&parts))
            .unwrap()
            .unwrap_err()
    };
    ledger.see_error("Unbound", &ask("other.example", None));
    ledger.see_error("AccountRequired", &ask("api.example", None));
    ledger.see_error(
        "UnknownAccount",
        &ask("api.example", Some(Account::new("south"))),
    );
}

/// What is said of targets that can be read in several ways.
fn look_at_target_errors(ledger: &mut Ledger) {
    let builder = Keyring::builder().bind(
        "https://api.example/v1",
        ApiKey::authorization(key()).unwrap(),
    );
    let keyring = builder.unwrap().build();
    let origin = Url::parse("https://api.example").unwrap();
    let secret = in_url();
    for (name, target) in [
        ("AmbiguousPath", format!("/v1/..;/{secret}?key={secret}")),
        ("ForeignTarget", format!("//{secret}/{secret}?key={secret}")),
        ("ForeignTarget, prefix", format!("/.//../v1//{secret}")),
    ] {
        let (parts, ()) = Request::get(target).body(()).unwrap().into_parts();
        let head = RequestHead::from_parts(&parts).with_default_origin(&origin);
        match keyring.ready(&head) {
            Some(Err(error)) => ledger.see_error(name, &error),
            other => ledger.see_debug(name, &other),
        }
    }
}

fn look_at_errors(ledger: &mut Ledger) {
    let other: BoxError = "a message of the user's own".into();
    ledger.see_error("AuthError::permanent", &AuthError::permanent(other));
    let refused = AuthError::invalid_secret("signing key", SecretProblem::Empty);
    ledger.see_error("AuthError::invalid_secret", &refused);
    ledger.see_error("AuthError::transient", &AuthError::transient("a message"));
    let error = AuthError::token_request("https://api.example", TokenRequestProblem::Empty);
    ledger.see_error("AuthError::find", AuthError::find(&error).unwrap());
    ledger.see_error("AuthError::token_request", &error);
    ledger.see_error("NotReady", &AuthError::NotReady);
    let limit = std::time::Duration::from_secs(1);
    for refused in [None, Some(http::StatusCode::UNAUTHORIZED)] {
        ledger.see_error(
            "AuthError::timed_out",
            &AuthError::timed_out(limit, refused),
        );
    }
    let invalid = ApiKey::header("no name", key()).unwrap_err();
    if let AuthError::Invalid(problem) = &invalid {
        ledger.see_error("InputProblem", problem);
        let (fact, remedy) = (problem.fact(), problem.remedy());
        ledger.see(
            "InputProblem::fact, InputProblem::remedy",
            format!("{fact} {remedy}"),
        );
    }
    let problem = BindingProblem::AmbiguousPath;
    ledger.see_debug("BindingProblem", &(&problem, problem.remedy()));
    ledger.see_debug("OAuthErrorKind", &multi_auth::OAuthErrorKind::Key);
    let boxed: BoxError = AuthError::NotReady.into();
    ledger.see_error("BoxError", &*boxed);
    let mut body = ResponseBuffer::default();
    body.push(key().as_bytes()).unwrap();
    ledger.see_debug("ResponseBuffer", &body);
    let mut headers = http::HeaderMap::new();
    headers.insert("x-key", key().parse().unwrap());
    ledger.see_debug("SavedHead::new", &SavedHead::new(&key(), &headers));
    let mut request = Request::new(());
    *request.headers_mut() = headers;
    ledger.see_debug("RequestCopy::new", &RequestCopy::new(&request, ()));
    ledger.see_error("TransportError::timeout", &TransportError::timeout());
    ledger.see_error("TransportError::too_large", &TransportError::too_large());
    ledger.see_error(
        "TransportError::connection",
        &TransportError::connection("no route"),
    );
}
