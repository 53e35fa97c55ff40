//! `GET /audit` and `GET /bim/rpc/user/current`: resources that require a key or a token.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::{Extension, Json};
use http::request::Parts;
use serde_json::{Value, json};

use crate::RecordedRequest;
use crate::immuta::Instance;
use crate::immuta::envelope::ImmutaError;
use crate::immuta::instance;

/// Proof that the request has a valid key or token.
pub(super) struct Authenticated;

impl FromRequestParts<Arc<Instance>> for Authenticated {
    type Rejection = ImmutaError;

    async fn from_request_parts(
        parts: &mut Parts,
        instance: &Arc<Instance>,
    ) -> Result<Self, ImmutaError> {
        let request = Extension::<Arc<RecordedRequest>>::from_request_parts(parts, instance).await;
        let request = request.ok();
        let value = request.as_ref().and_then(|request| authorization(request));
        instance.update(|state| {
            if value.is_some_and(|value| state.accepts(value)) {
                return Ok(Self);
            }
            Err(ImmutaError::NotAuthenticated {
                challenge: state.challenge.clone(),
            })
        })
    }
}

/// The `Authorization` of a request. `None` if there are several.
pub(super) fn authorization(request: &RecordedRequest) -> Option<&str> {
    match request.header_values("authorization")[..] {
        [value] => Some(value),
        [] | [..] => None,
    }
}

impl instance::InstanceState {
    /// Accepts all four documented forms: a key or a token, raw or after `Bearer`.
    fn accepts(&self, value: &str) -> bool {
        let secret = match value.split_once(' ') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("Bearer") => rest.trim_start(),
            Some(_) | None => value,
        };
        self.keys.contains(secret) || self.tokens.accepts(secret)
    }
}

pub(super) async fn audit(_: State<Arc<Instance>>, _: Authenticated) -> Json<Value> {
    Json(json!({ "count": 0, "hits": [] }))
}

pub(super) async fn current_user(_: State<Arc<Instance>>, _: Authenticated) -> Json<Value> {
    Json(json!({ "id": 1, "userid": "simulator", "name": "Simulator" }))
}
