//! `/api/v0.4/admin/api-keys` and `/api/v0.4/processes/{id}/api-keys`: key management.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::AlphamoonKey;
use crate::alphamoon::caller::Caller;
use crate::alphamoon::problem::Problem;
use crate::alphamoon::process::ORGANIZATION;
use crate::alphamoon::process::whole_seconds;
use crate::alphamoon::{Workspace, scope};

/// The body of a request for a new key. An `exp` in the past creates an expired key.
#[derive(Deserialize)]
struct NewKey {
    name: String,
    exp: Timestamp,
    scopes: Vec<String>,
}

/// A key in a response. Only the response that creates it has its value.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyView {
    id: String,
    name: String,
    org_id: &'static str,
    scopes: Vec<String>,
    status: &'static str,
    created_at: Timestamp,
    exp: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    process_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyList {
    api_keys: Vec<KeyView>,
}

type Created = (StatusCode, Json<KeyView>);

pub(super) async fn list(
    State(workspace): State<Arc<Workspace>>,
    caller: Caller,
) -> Result<Json<KeyList>, Problem> {
    caller.require(scope::MANAGE_ORGANIZATION_KEYS)?;
    page(&workspace, &caller, None)
}

pub(super) async fn list_in_process(
    State(workspace): State<Arc<Workspace>>,
    Path(process): Path<String>,
    caller: Caller,
) -> Result<Json<KeyList>, Problem> {
    caller.require_in(&process, scope::MANAGE_PROCESS_KEYS)?;
    known(&workspace, &process)?;
    page(&workspace, &caller, Some(&process))
}

pub(super) async fn create(
    State(workspace): State<Arc<Workspace>>,
    caller: Caller,
) -> Result<Created, Problem> {
    caller.require(scope::MANAGE_ORGANIZATION_KEYS)?;
    Ok(add(&workspace, new_key(&caller)?))
}

pub(super) async fn create_in_process(
    State(workspace): State<Arc<Workspace>>,
    Path(process): Path<String>,
    caller: Caller,
) -> Result<Created, Problem> {
    caller.require_in(&process, scope::MANAGE_PROCESS_KEYS)?;
    known(&workspace, &process)?;
    Ok(add(&workspace, new_key(&caller)?.with_process(process)))
}

pub(super) async fn delete(
    State(workspace): State<Arc<Workspace>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    caller.require(scope::MANAGE_ORGANIZATION_KEYS)?;
    if workspace.remove_key(|key| key.id == id) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found())
}

fn known(workspace: &Workspace, process: &str) -> Result<(), Problem> {
    workspace
        .has_process(process)
        .then_some(())
        .ok_or_else(Problem::not_found)
}

fn page(
    workspace: &Workspace,
    caller: &Caller,
    process: Option<&str>,
) -> Result<Json<KeyList>, Problem> {
    let keys = caller.page()?.of(workspace.keys(process));
    Ok(Json(KeyList {
        api_keys: keys.into_iter().map(KeyView::from).collect(),
    }))
}

fn new_key(caller: &Caller) -> Result<AlphamoonKey, Problem> {
    let NewKey { name, exp, scopes } = caller.body()?;
    let mut key = AlphamoonKey::generate().with_name(name).with_scopes(scopes);
    key.expires = Some(exp);
    Ok(key)
}

fn add(workspace: &Workspace, key: AlphamoonKey) -> Created {
    let value = key.value.clone();
    workspace.add_key(key.clone());
    let view = KeyView {
        key: Some(value),
        ..KeyView::from(key)
    };
    (StatusCode::CREATED, Json(view))
}

impl From<AlphamoonKey> for KeyView {
    fn from(key: AlphamoonKey) -> Self {
        Self {
            status: if key.is_expired() {
                "Expired"
            } else {
                "Active"
            },
            id: key.id,
            name: key.name,
            org_id: ORGANIZATION,
            scopes: key.scopes,
            created_at: whole_seconds(key.created),
            exp: key.expires.map(whole_seconds),
            key: None,
            process_id: key.process,
        }
    }
}
