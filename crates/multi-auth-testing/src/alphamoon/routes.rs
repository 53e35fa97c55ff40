//! The routes of the simulator.

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::alphamoon::problem::Problem;
use crate::alphamoon::{Workspace, api_keys, processes};

pub(super) fn router(workspace: Arc<Workspace>) -> Router {
    Router::new()
        .route(
            "/api/v0.3/processes",
            get(processes::list).post(processes::create),
        )
        .route(
            "/api/v0.3/processes/{id}/config/reset",
            post(processes::reset),
        )
        .route(
            "/api/v0.4/admin/api-keys",
            get(api_keys::list).post(api_keys::create),
        )
        .route("/api/v0.4/admin/api-keys/{id}", delete(api_keys::delete))
        .route(
            "/api/v0.4/processes/{id}/api-keys",
            get(api_keys::list_in_process).post(api_keys::create_in_process),
        )
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .with_state(workspace)
}

async fn not_found() -> Problem {
    Problem::not_found()
}
