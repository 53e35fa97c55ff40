//! `GET` and `POST /api/v0.3/processes`, `POST /api/v0.3/processes/{id}/config/reset`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::alphamoon::caller::Caller;
use crate::alphamoon::problem::Problem;
use crate::alphamoon::process::Process;
use crate::alphamoon::{Workspace, scope};
use crate::identifier::opaque;

#[derive(Deserialize)]
struct NewProcess {
    name: String,
}

#[derive(Serialize)]
pub(super) struct Processes {
    processes: Vec<Process>,
}

pub(super) async fn list(
    State(workspace): State<Arc<Workspace>>,
    caller: Caller,
) -> Result<Json<Processes>, Problem> {
    caller.require(scope::READ_PROCESSES)?;
    let page = caller.page()?;
    let processes = page.of(workspace.processes().iter().cloned());
    Ok(Json(Processes { processes }))
}

pub(super) async fn create(
    State(workspace): State<Arc<Workspace>>,
    caller: Caller,
) -> Result<(StatusCode, Json<Process>), Problem> {
    caller.require(scope::CREATE_PROCESSES)?;
    let NewProcess { name } = caller.body()?;
    let process = Process::new(opaque(), name);
    workspace.processes().push(process.clone());
    Ok((StatusCode::CREATED, Json(process)))
}

pub(super) async fn reset(
    State(workspace): State<Arc<Workspace>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Process>, Problem> {
    caller.require_in(&id, scope::UPDATE_PROCESSES)?;
    let mut processes = workspace.processes();
    let process = processes.iter_mut().find(|process| process.id == id);
    let process = process.ok_or_else(Problem::not_found)?;
    process.reset();
    Ok(Json(process.clone()))
}
