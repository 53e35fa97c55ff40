//! The driver's rules, each with the smallest scheme that needs it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use http::header::LOCATION;
use http::{HeaderValue, Request, Response, StatusCode};
use multi_auth::{
    AllOf, ApiKey, AuthError, Authenticator, Bearer, Credential, CredentialId, Generation, Keyring,
    Placement, RequestHead, ResponseHead, Rotating, Rotation, Sequence, Token, Verdict, adapter,
    source_fn,
};

const URL: &str = "https://a.example/";

/// The statuses that the vendor answers with, and the last one for ever.
async fn send(keyring: &Keyring, statuses: &[StatusCode]) -> (Response<()>, Vec<http::HeaderMap>) {
    let sent = Mutex::new(Vec::new());
    let request = Request::get(URL).body("").unwrap();
    let transmit = async |request: Request<&str>| {
        let mut sent = sent.lock().unwrap();
        let status = statuses.get(sent.len()).or(statuses.last());
        sent.push(request.headers().clone());
        let mut response = Response::new(());
        *response.status_mut() = *status.unwrap();
        Ok::<_, AuthError>(response)
    };
    let response = adapter::send_http(keyring, request, transmit).await;
    (response.unwrap(), sent.into_inner().unwrap())
}

fn bound(scheme: impl Authenticator + 'static) -> Keyring {
    Keyring::builder().bind(URL, scheme).unwrap().build()
}

const REFUSED: StatusCode = StatusCode::UNAUTHORIZED;

/// Tokens `t-1`, `t-2`, ...
fn tokens() -> (Bearer, &'static AtomicUsize) {
    let count: &'static AtomicUsize = Box::leak(Box::default());
    let source = source_fn(move || {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok(Token::new(format!("t-{number}"))) }
    });
    (Bearer::new(source), count)
}

#[tokio::test]
async fn a_key_that_a_redirect_repeats_is_removed_from_its_location() {
    let keyring = bound(ApiKey::query("key", "k-12345678").unwrap());
    let request = Request::get(URL).body("").unwrap();
    let transmit = async |request: Request<&str>| {
        let query = request.uri().query().unwrap();
        let location = format!("https://other.example/?{query}&a=1");
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::FOUND;
        let location = HeaderValue::try_from(location).unwrap();
        response.headers_mut().insert(LOCATION, location);
        Ok::<_, AuthError>(response)
    };
    let response = adapter::send_http(&keyring, request, transmit).await;
    assert_eq!(
        response.unwrap().headers()[LOCATION],
        "https://other.example/?a=1"
    );
}

/// A session that a refusal does not end: `ready` hands it out until `authenticate` logs in.
#[derive(Debug, Default)]
struct Session(Mutex<u32>);

impl Session {
    fn credential(number: u32) -> Credential {
        static GENERATIONS: Mutex<Vec<Generation>> = Mutex::new(Vec::new());
        let mut all = GENERATIONS.lock().unwrap();
        while all.len() <= number as usize {
            all.push(Generation::next());
        }
        let id = CredentialId::refreshable(all[number as usize]);
        let value = HeaderValue::try_from(format!("s-{number}")).unwrap();
        Credential::header(http::HeaderName::from_static("x-session"), value).with_id(id)
    }
}

#[async_trait]
impl Authenticator for Session {
    fn ready(&self, _: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        Some(Ok(Self::credential(*self.0.lock().unwrap())))
    }

    async fn authenticate(&self, _: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let mut number = self.0.lock().unwrap();
        *number += 1;
        Ok(Self::credential(*number))
    }

    fn judge(&self, _: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        if response.status() == REFUSED {
            Verdict::Refresh
        } else {
            Verdict::Accept
        }
    }

    fn placements(&self) -> Vec<Placement> {
        vec![Placement::header("x-session").unwrap()]
    }
}

#[tokio::test]
async fn a_refused_credential_is_not_sent_again_although_it_is_ready() {
    let (response, sent) = send(&bound(Session::default()), &[REFUSED, StatusCode::OK]).await;
    assert_eq!(response.status(), StatusCode::OK);
    let sent: Vec<_> = sent
        .iter()
        .map(|headers| headers["x-session"].clone())
        .collect();
    assert_eq!(sent, ["s-0", "s-1"]);
}

/// Asks for another signature at each refusal.
#[derive(Debug)]
struct Signs(Generation);

impl Authenticator for Signs {
    fn ready(&self, _: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let name = http::HeaderName::from_static("x-signature");
        let credential = Credential::header(name, HeaderValue::from_static("signed"));
        Some(Ok(credential.with_id(CredentialId::refreshable(self.0))))
    }

    fn judge(&self, _: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        if response.status() == REFUSED {
            Verdict::Resign
        } else {
            Verdict::Accept
        }
    }

    fn placements(&self) -> Vec<Placement> {
        vec![Placement::header("x-signature").unwrap()]
    }
}

#[tokio::test]
async fn a_request_is_signed_again_under_the_same_generation() {
    let keyring = bound(Signs(Generation::next()));
    let (response, sent) = send(&keyring, &[REFUSED, StatusCode::OK]).await;
    assert_eq!((response.status(), sent.len()), (StatusCode::OK, 2));
}

#[tokio::test]
async fn a_request_for_a_new_signature_does_not_invalidate_the_token() {
    let (bearer, count) = tokens();
    let keyring = bound(Sequence::new(bearer, Signs(Generation::next())));
    let (response, sent) = send(&keyring, &[REFUSED, StatusCode::OK]).await;
    assert_eq!((response.status(), sent.len()), (StatusCode::OK, 2));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn one_request_changes_a_key_on_trial_once() {
    let (bearer, count) = tokens();
    let key = |text: &str| ApiKey::header("x-key", text).unwrap();
    let rotating = Rotating::new(key("older"));
    rotating.rotate(key("newer")).unwrap();
    let keyring = bound(AllOf::new(bearer, rotating.clone()));
    let (_, sent) = send(&keyring, &[REFUSED]).await;
    let keys: Vec<_> = sent
        .iter()
        .map(|headers| headers["x-key"].clone())
        .collect();
    assert_eq!(keys, ["newer", "older"]);
    assert_eq!(rotating.rotation(), Rotation::Refused);
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_token_that_was_requested_for_a_replay_is_not_discarded() {
    let ((older, older_count), (newer, _)) = (tokens(), tokens());
    let rotating = Rotating::new(older);
    rotating.rotate(newer).unwrap();
    let keyring = bound(rotating);
    send(&keyring, &[REFUSED]).await;
    send(&keyring, &[StatusCode::OK]).await;
    assert_eq!(older_count.load(Ordering::SeqCst), 1);
}

/// Gives nothing where it should give a newer credential.
#[derive(Debug)]
struct Dries(Signs);

#[async_trait]
impl Authenticator for Dries {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        self.0.ready(request)
    }

    async fn authenticate(&self, _: &RequestHead<'_>) -> Result<Credential, AuthError> {
        Ok(Credential::empty())
    }

    fn judge(&self, _: &CredentialId, _: &ResponseHead<'_>) -> Verdict {
        Verdict::Refresh
    }

    fn placements(&self) -> Vec<Placement> {
        self.0.placements()
    }
}

#[tokio::test]
async fn a_replay_without_a_credential_is_an_error_and_is_not_sent() {
    let keyring = bound(Dries(Signs(Generation::next())));
    let sent = AtomicUsize::new(0);
    let request = Request::get(URL).body("").unwrap();
    let transmit = async |_: Request<&str>| {
        sent.fetch_add(1, Ordering::SeqCst);
        Ok::<_, AuthError>(Response::new(()))
    };
    let error = adapter::send_http(&keyring, request, transmit).await;
    assert!(matches!(error, Err(AuthError::Refresh { .. })), "{error:?}");
    assert_eq!(sent.load(Ordering::SeqCst), 1);
}
