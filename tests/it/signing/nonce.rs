//! A scheme that gets a nonce from the server: on the first refusal, and with any success.

use std::sync::Mutex;

use http::{HeaderName, HeaderValue, StatusCode};
use multi_auth::{
    AuthError, Authenticator, Bearer, Credential, CredentialId, Generation, Keyring, NotReplayed,
    Placement, RequestHead, ResponseHead, Sequence, Token, Verdict, source_fn,
};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};

const NONCE: HeaderName = HeaderName::from_static("x-nonce");
const NEXT: &str = "x-next-nonce";

/// Sends the newest nonce of the server. Before the first, it attaches nothing and watches the
/// response.
#[derive(Debug)]
struct Nonce(Mutex<(Option<HeaderValue>, Generation)>);

impl Nonce {
    fn new() -> Self {
        Self(Mutex::new((None, Generation::next())))
    }
}

impl Authenticator for Nonce {
    fn ready(&self, _: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let (nonce, generation) = self.0.lock().unwrap().clone();
        let id = CredentialId::refreshable(generation);
        Some(Ok(match nonce {
            Some(nonce) => Credential::header(NONCE, nonce).with_id(id),
            None => Credential::watching(generation),
        }))
    }

    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let Some(next) = response.headers().get(NEXT) else {
            return Verdict::Accept;
        };
        let mut kept = self.0.lock().unwrap();
        if id.holds(kept.1) {
            *kept = (Some(next.clone()), Generation::next());
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            return Verdict::Resign;
        }
        Verdict::Accept
    }

    fn placements(&self) -> Vec<Placement> {
        vec![Placement::header(NONCE.as_str()).unwrap()]
    }
}

fn respond(status: StatusCode, nonce: &str) -> ScriptedResponse {
    ScriptedResponse::new(status)
        .with_header(NEXT, nonce)
        .unwrap()
}

/// Accepts each of the nonces `n-1`, `n-2`, ... once, and gives out the next with each response.
async fn issuing() -> ScriptedServer {
    let server = ScriptedServer::start().await.unwrap();
    let given = Mutex::new(0);
    server.respond_with(move |request: &RecordedRequest| {
        let mut given = given.lock().unwrap();
        let is_newest = request.header("x-nonce") == Some(&*format!("n-{given}"));
        *given += 1;
        let status = if is_newest {
            StatusCode::OK
        } else {
            StatusCode::UNAUTHORIZED
        };
        respond(status, &format!("n-{given}"))
    });
    server
}

fn bound(server: &ScriptedServer, scheme: impl Authenticator + 'static) -> Keyring {
    Keyring::builder()
        .bind(server.url(), scheme)
        .unwrap()
        .build()
}

on_each_adapter! {
    async fn the_first_challenge_is_judged_although_nothing_was_attached(adapter: Adapter) {
        let server = issuing().await;
        let client = adapter.client(&bound(&server, Nonce::new()));
        let answer = client.get(server.url()).await.unwrap();
        let outcome = answer.outcome.unwrap();
        assert_eq!((answer.status, outcome.attempts()), (StatusCode::OK, 2));
        assert_eq!(outcome.not_replayed(), None);
    }

    async fn a_success_brings_the_nonce_of_the_next_request(adapter: Adapter) {
        let server = issuing().await;
        let client = adapter.client(&bound(&server, Nonce::new()));
        for _ in 0..3 {
            assert_eq!(client.get(server.url()).await.unwrap().status, StatusCode::OK);
        }
        assert_eq!(server.requests().len(), 4);
    }

    async fn a_request_is_signed_again_at_most_once(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(|_: &RecordedRequest| respond(StatusCode::UNAUTHORIZED, "n"));
        let client = adapter.client(&bound(&server, Nonce::new()));
        let outcome = client.get(server.url()).await.unwrap().outcome.unwrap();
        assert_eq!(outcome.not_replayed(), Some(NotReplayed::RefusedAgain));
        assert_eq!((outcome.attempts(), server.requests().len()), (2, 2));
    }

    async fn an_expired_token_and_a_missing_nonce_cost_one_replay_each(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(|request: &RecordedRequest| {
            match (request.header("authorization"), request.header("x-nonce")) {
                (Some("Bearer t-2"), Some("n-1")) => ScriptedResponse::new(StatusCode::OK),
                (Some("Bearer t-2"), _) => respond(StatusCode::UNAUTHORIZED, "n-1"),
                _ => ScriptedResponse::new(StatusCode::UNAUTHORIZED),
            }
        });
        let number = Mutex::new(0);
        let source = source_fn(move || {
            let mut number = number.lock().unwrap();
            *number += 1;
            let token = Token::new(format!("t-{number}"));
            async { Ok(token) }
        });
        let scheme = Sequence::new(Bearer::new(source), Nonce::new());
        let client = adapter.client(&bound(&server, scheme));
        let answer = client.get(server.url()).await.unwrap();
        let outcome = answer.outcome.unwrap();
        assert_eq!((answer.status, outcome.attempts()), (StatusCode::OK, 3));
        assert_eq!((outcome.not_replayed(), server.requests().len()), (None, 3));
    }
}
