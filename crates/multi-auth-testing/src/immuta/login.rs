//! `POST /bim/apikey/authenticate`: returns `{"token": "..."}` for a key.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::{Extension, Json};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::RecordedRequest;
use crate::immuta::envelope::ImmutaError;
use crate::immuta::instance;
use crate::immuta::tokens::IssuedToken;
use crate::immuta::{Instance, resources};

#[derive(Deserialize)]
struct Login {
    apikey: String,
}

/// The response. Fields that the vendor's page does not show are left out by default.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    #[serde(skip_serializing_if = "Option::is_none")]
    authenticated: Option<bool>,
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_expiration: Option<Timestamp>,
}

pub(super) async fn authenticate(
    State(instance): State<Arc<Instance>>,
    Extension(request): Extension<Arc<RecordedRequest>>,
) -> Result<Json<Session>, ImmutaError> {
    let key = key(&request)?;
    instance.update(|state| {
        if !state.keys.contains(&key) {
            return Err(ImmutaError::NotAuthenticated {
                challenge: state.challenge.clone(),
            });
        }
        Ok(Json(state.issue_session()))
    })
}

/// The key in the body, or in the header if there is no body.
fn key(request: &RecordedRequest) -> Result<String, ImmutaError> {
    if request.body.is_empty() {
        let key = resources::authorization(request).map(str::to_owned);
        return key.ok_or_else(|| ImmutaError::Malformed("There is no apikey.".to_owned()));
    }
    let media_type = request.header("content-type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(ImmutaError::Malformed(
            "The body is not application/json.".to_owned(),
        ));
    }
    let login = serde_json::from_slice::<Login>(&request.body);
    login
        .map(|login| login.apikey)
        .map_err(|error| ImmutaError::Malformed(error.to_string()))
}

impl instance::InstanceState {
    fn issue_session(&mut self) -> Session {
        self.tokens_issued += 1;
        let last = self.reuse_token.then(|| self.tokens.last()).flatten();
        let IssuedToken { token, remaining } =
            last.unwrap_or_else(|| self.tokens.issue(self.lifetime));
        let announced = remaining.filter(|_| self.announce_expiration);
        Session {
            authenticated: self.announce_authenticated.then_some(true),
            token,
            token_expiration: announced.and_then(expiration),
        }
    }
}

/// The time after `remaining`, in whole milliseconds.
fn expiration(remaining: Duration) -> Option<Timestamp> {
    let time = Timestamp::now().checked_add(remaining).ok()?;
    Timestamp::from_millisecond(time.as_millisecond()).ok()
}
