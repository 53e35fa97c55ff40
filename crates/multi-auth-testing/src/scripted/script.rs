//! The prepared responses, and the choice among them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Router};

use crate::lock::lock;
use crate::{RecordedRequest, ScriptedResponse};

type Closure = Arc<dyn Fn(&RecordedRequest) -> ScriptedResponse + Send + Sync>;

/// The responses of one server.
#[derive(Default)]
pub(super) struct Script {
    queue: Mutex<VecDeque<ScriptedResponse>>,
    otherwise: Mutex<Option<Closure>>,
}

impl Script {
    pub(super) fn push(&self, answer: ScriptedResponse) {
        lock(&self.queue).push_back(answer);
    }

    pub(super) fn otherwise(&self, closure: Closure) {
        *lock(&self.otherwise) = Some(closure);
    }

    fn next(&self) -> Option<ScriptedResponse> {
        lock(&self.queue).pop_front()
    }

    /// The closure runs without a lock, so it may use the server.
    fn answer(&self, request: &RecordedRequest) -> ScriptedResponse {
        if let Some(answer) = self.next() {
            return answer;
        }
        let closure = lock(&self.otherwise).clone();
        closure.map_or_else(ScriptedResponse::default, |closure| closure(request))
    }
}

pub(super) fn router(script: Arc<Script>) -> Router {
    Router::new().fallback(answer).with_state(script)
}

async fn answer(
    State(script): State<Arc<Script>>,
    Extension(request): Extension<Arc<RecordedRequest>>,
) -> Response {
    script.answer(&request).into_response()
}
