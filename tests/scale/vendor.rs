//! A vendor: a token endpoint that counts, and a resource that accepts its valid tokens.

use multi_auth::{Clock, SystemClock};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long a token request takes.
pub(crate) const LATENCY: Duration = Duration::from_millis(50);

#[derive(Clone)]
pub(crate) struct Vendor {
    pub(crate) url: String,
    lifetime: Duration,
    state: Arc<Mutex<Counted>>,
    requesters: UnboundedSender<usize>,
}

#[derive(Default)]
struct Counted {
    /// When each token was requested. Token number n is `t-n`.
    requests: Vec<Instant>,
    /// The tokens before this number are revoked.
    revoked: usize,
    accepted: usize,
    refused: usize,
}

/// What has happened since a vendor started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) token_requests: Vec<Instant>,
    pub(crate) accepted: usize,
    pub(crate) refused: usize,
}

impl Vendor {
    /// Serves on loopback. The receiver gets the number of the replica of each token request,
    /// before the response is sent.
    pub(crate) async fn start(lifetime: Duration) -> (Self, UnboundedReceiver<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (requesters, receiver) = unbounded_channel();
        let vendor = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            lifetime,
            state: Arc::default(),
            requesters,
        };
        let app = Router::new()
            .route("/token", post(token))
            .route("/resource", get(resource))
            .with_state(vendor.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (vendor, receiver)
    }

    pub(crate) fn counts(&self) -> Counts {
        let state = self.state();
        Counts {
            token_requests: state.requests.clone(),
            accepted: state.accepted,
            refused: state.refused,
        }
    }

    /// Revokes all tokens.
    pub(crate) fn revoke(&self) {
        let mut state = self.state();
        state.revoked = state.requests.len();
    }

    fn state(&self) -> MutexGuard<'_, Counted> {
        self.state.lock().unwrap()
    }
}

async fn token(State(vendor): State<Vendor>, form: String) -> axum::Json<serde_json::Value> {
    let number = {
        let mut state = vendor.state();
        state.requests.push(SystemClock.monotonic());
        state.requests.len() - 1
    };
    let _ = vendor.requesters.send(replica_of(&form));
    tokio::time::sleep(LATENCY).await;
    axum::Json(serde_json::json!({
        "access_token": format!("t-{number}"),
        "token_type": "Bearer",
        "expires_in": vendor.lifetime.as_secs(),
    }))
}

/// The number that each replica sends in the form of its token requests.
fn replica_of(form: &str) -> usize {
    let mut fields = form.split('&');
    let number = fields.find_map(|field| field.strip_prefix("replica="));
    number.and_then(|number| number.parse().ok()).unwrap()
}

async fn resource(State(vendor): State<Vendor>, headers: HeaderMap) -> StatusCode {
    let token = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let number: Option<usize> = token
        .and_then(|token| token.strip_prefix("Bearer t-"))
        .and_then(|number| number.parse().ok());
    let mut state = vendor.state();
    let is_valid = number.is_some_and(|number| {
        let requested = state.requests.get(number);
        number >= state.revoked && requested.is_some_and(|at| at.elapsed() < vendor.lifetime)
    });
    if is_valid {
        state.accepted += 1;
        StatusCode::OK
    } else {
        state.refused += 1;
        StatusCode::UNAUTHORIZED
    }
}
