//! Processes one request: record it, wait at the gates, apply the faults, respond.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::request::Parts;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use tower_service::Service;

use crate::fault::{Effect, Faults};
use crate::gate::Gates;
use crate::recorded::Log;
use crate::{RecordedRequest, ScriptedResponse};

/// The connection must be closed without a response.
pub(super) struct HangUp;

/// One server's routes, recorded requests, faults and gates.
pub(super) struct Site {
    router: Router,
    envelope: fn(StatusCode) -> ScriptedResponse,
    pub(super) log: Log,
    pub(super) faults: Faults,
    pub(super) gates: Gates,
}

impl Site {
    pub(super) fn new(router: Router, envelope: fn(StatusCode) -> ScriptedResponse) -> Self {
        let (log, faults, gates) = <(Log, Faults, Gates)>::default();
        Self {
            router,
            envelope,
            log,
            faults,
            gates,
        }
    }

    pub(super) async fn answer(&self, request: Request<Incoming>) -> Result<Response, HangUp> {
        let (head, body) = request.into_parts();
        let arrived = Request::from_parts(head.clone(), body);
        let recorded = RecordedRequest::read(arrived).await.map_err(|_| HangUp)?;
        let recorded = Arc::new(recorded);
        self.log.push(Arc::clone(&recorded));
        self.gates.pass(&recorded.path).await;
        if let Some(answer) = self.fail(&recorded.path).await? {
            return Ok(answer.into_response());
        }
        Ok(self.route(head, recorded).await)
    }

    async fn fail(&self, path: &str) -> Result<Option<ScriptedResponse>, HangUp> {
        for effect in self.faults.strike(path) {
            match effect {
                Effect::Delay(duration) => tokio::time::sleep(duration).await,
                Effect::Status(status) => return Ok(Some((self.envelope)(status))),
                Effect::Respond(answer) => return Ok(Some(answer)),
                Effect::HangUp => return Err(HangUp),
            }
        }
        Ok(None)
    }

    /// Handlers read the body from the recorded request, which is an extension.
    async fn route(&self, head: Parts, recorded: Arc<RecordedRequest>) -> Response {
        let mut request = Request::from_parts(head, Body::empty());
        request.extensions_mut().insert(recorded);
        let Ok(response) = self.router.clone().call(request).await;
        response
    }
}
