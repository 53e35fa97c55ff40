//! Which path leads to which handler.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::immuta::envelope::Refusal;
use crate::immuta::{Instance, exchange, resources};

pub(super) fn router(base: &str, instance: Arc<Instance>) -> Router {
    Router::new()
        .route(
            &format!("{base}/bim/apikey/authenticate"),
            post(exchange::authenticate),
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

async fn not_found() -> Refusal {
    Refusal::NotFound
}
