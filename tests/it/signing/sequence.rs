//! A second credential that covers the first.

use http::{HeaderName, HeaderValue, StatusCode};
use multi_auth::{
    ApiKey, AuthError, Authenticator, Bearer, Credential, Keyring, Placement, RequestHead,
    Sequence, Token, source_fn,
};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};

const SEEN: HeaderName = HeaderName::from_static("x-seen");

/// Repeats what it sees of the request: the `Authorization` field and the query.
#[derive(Debug)]
struct Repeats;

impl Authenticator for Repeats {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let field = request.headers().get("authorization");
        let field = field.map_or("none", |value| value.to_str().unwrap());
        let seen = format!("{field} {}", request.query().unwrap_or_default());
        let seen = HeaderValue::try_from(seen).unwrap();
        Some(Ok(Credential::header(SEEN, seen)))
    }

    fn placements(&self) -> Vec<Placement> {
        vec![Placement::header(SEEN.as_str()).unwrap()]
    }
}

fn seen(request: &RecordedRequest) -> &str {
    request.header("x-seen").unwrap()
}

on_each_adapter! {
    async fn the_second_scheme_sees_the_firsts_credential_also_after_a_refresh(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        server.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
        let number = std::sync::Mutex::new(0);
        let tokens = Bearer::new(source_fn(move || {
            let mut number = number.lock().unwrap();
            *number += 1;
            let token = Token::new(format!("t-{number}"));
            async { Ok(token) }
        }));
        let keyring = Keyring::builder().bind(server.url(), Sequence::new(tokens, Repeats));
        let client = adapter.client(&keyring.unwrap().build());
        client.get(server.url()).await.unwrap();
        let requests = server.requests();
        let all: Vec<_> = requests.iter().map(seen).collect();
        assert_eq!(all, ["Bearer t-1", "Bearer t-2"]);
    }

    async fn the_second_scheme_sees_a_query_key(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let key = ApiKey::query("key", "k-1").unwrap();
        let keyring = Keyring::builder().bind(server.url(), Sequence::new(key, Repeats));
        let client = adapter.client(&keyring.unwrap().build());
        client.get(&format!("{}/?a=1", server.url())).await.unwrap();
        assert_eq!(seen(&server.requests()[0]), "none a=1&key=k-1");
    }

    async fn the_second_scheme_sees_the_callers_credential_if_that_wins(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let tokens = Bearer::new(source_fn(|| async { Ok(Token::new("t-1")) }));
        let keyring = Keyring::builder().bind(server.url(), Sequence::new(tokens, Repeats));
        let client = adapter.client(&keyring.unwrap().build());
        let own = http::Request::get(server.url()).header("authorization", "Own o-1");
        client.send(own.body(crate::body::TestBody::default()).unwrap()).await.unwrap();
        assert_eq!(seen(&server.requests()[0]), "Own o-1");
    }
}
