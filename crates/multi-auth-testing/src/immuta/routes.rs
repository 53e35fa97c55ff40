//! The routes of the simulator.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::immuta::envelope::ImmutaError;
use crate::immuta::{Instance, login, resources};

pub(super) fn router(base: &str, instance: Arc<Instance>) -> Router {
    Router::new()
        .route(
            &format!("{base}/bim/apikey/authenticate"),
            post(login::authenticate),
        )
        .route(
            &format!("{base}/bim/rpc/user/current"),
            get(resources::current_user),
        )
        .route(&format!("{base}/audit"), get(resources::audit))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .with_state(instance)
}

async fn not_found() -> ImmutaError {
    ImmutaError::NotFound
}
