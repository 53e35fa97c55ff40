//! Serves the tool over streamable HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{HOST, WWW_AUTHENTICATE};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;

use super::connections;
use super::tool::Tool;
use crate::diagnostic::Diagnostic;
use crate::{output, proxy};

/// Serves `tool` at `address`, until the future is dropped.
pub(super) async fn serve(tool: Tool, address: SocketAddr) -> Result<(), Diagnostic> {
    proxy::raise_file_limit();
    let unbound = |error| proxy::unbound(&address.to_string(), &error);
    let listener = TcpListener::bind(address).await.map_err(unbound)?;
    let address = listener.local_addr().map_err(unbound)?;
    // A web page sends `Origin`: none is allowed. Each request is complete, so there are no
    // sessions.
    let config = StreamableHttpServerConfig::default()
        // `authenticated` checks it, and knows addresses.
        .disable_allowed_hosts()
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
    match connections::serve(listener, app).await {}
}

/// Refuses requests for other hosts, which a web page could send (DNS rebinding), and those without
/// the token of a caller.
async fn authenticated(State(tool): State<Tool>, request: Request, next: Next) -> Response {
    if !is_own_host(&tool, request.headers()) {
        let problem = "the host is not this program: use an address or localhost\n";
        return (StatusCode::FORBIDDEN, problem).into_response();
    }
    if tool.caller_in(request.headers()).is_none() {
        let field = [(WWW_AUTHENTICATE, "Bearer realm=\"multi-auth mcp\"")];
        let problem = "send a caller's token in Authorization\n";
        return (StatusCode::UNAUTHORIZED, field, problem).into_response();
    }
    next.run(request).await
}

fn is_own_host(tool: &Tool, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host: Option<Authority> = host.and_then(|host| host.parse().ok());
    host.is_some_and(|host| tool.hosts().contains(host.host()))
}
