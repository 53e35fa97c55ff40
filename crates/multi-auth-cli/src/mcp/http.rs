//! Serves the tool over streamable HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::WWW_AUTHENTICATE;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;

use super::tool::Tool;
use crate::diagnostic::Diagnostic;
use crate::output;
use crate::private::system;

/// Serves `tool` at `address` until the program ends.
pub(super) async fn serve(tool: Tool, address: SocketAddr) -> Result<(), Diagnostic> {
    if tool.has_no_callers() {
        let problem = "the configuration has no callers, so nobody could connect".to_owned();
        return Err(Diagnostic::usage(problem).with_remedy(
            "add [proxy.callers.NAME]; `multi-auth caller-token` prints what it needs",
        ));
    }
    let listener = TcpListener::bind(address).await.map_err(system)?;
    let address = listener.local_addr().map_err(system)?;
    let own = [
        address.ip().to_string(),
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    let hosts = own.into_iter().chain(tool.hosts().iter().cloned());
    // A web page sends `Origin`: none is allowed. Each request is complete, so there are no
    // sessions.
    let config = StreamableHttpServerConfig::default()
        .with_allowed_hosts(hosts)
        .enforce_origin_validation()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let served = tool.clone();
    let service = StreamableHttpService::new(
        move || Ok(served.clone()),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    let app = Router::new()
        .route_service("/mcp", service)
        .layer(from_fn_with_state(tool, authenticated));
    output::note(&format!("listening at http://{address}/mcp"));
    axum::serve(listener, app).await.map_err(system)
}

/// Refuses requests without the token of a caller.
async fn authenticated(State(tool): State<Tool>, request: Request, next: Next) -> Response {
    if tool.caller_in(request.headers()).is_none() {
        let field = [(WWW_AUTHENTICATE, "Bearer realm=\"multi-auth mcp\"")];
        return (
            StatusCode::UNAUTHORIZED,
            field,
            "send a caller's token in Authorization\n",
        )
            .into_response();
    }
    next.run(request).await
}
