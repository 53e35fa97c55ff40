//! The tool: one request to a vendor.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use multi_auth_config::proxy::{Caller, CallerToken, ProxyHosts, ProxySettings, Rule, TokenHash};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, JsonObject, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool as Description, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::Value;

use super::arguments::Arguments;
use super::client::Client;
use super::response::{failure, result};

/// The name of the tool.
const NAME: &str = "request";

const INSTRUCTIONS: &str = "The tool `request` sends HTTP requests to vendors. Their credentials are \
    attached on the way: send none, and ask the user for none.";

/// The tool, for one agent or for all callers.
#[derive(Clone)]
pub(super) struct Tool {
    client: Client,
    settings: Arc<ProxySettings>,
    /// The token of the agent that started this program. Others send their own.
    token: Option<Arc<CallerToken>>,
}

impl Tool {
    pub(super) fn new(client: Client, settings: ProxySettings, token: Option<CallerToken>) -> Self {
        Self {
            client,
            settings: Arc::new(settings),
            token: token.map(Arc::new),
        }
    }

    /// The names by which agents reach this program.
    pub(super) fn hosts(&self) -> &ProxyHosts {
        self.settings.hosts()
    }

    /// The caller with the token in `headers`.
    pub(super) fn caller_in(&self, headers: &HeaderMap) -> Option<&Caller> {
        let hash = TokenHash::of(token_in(headers)?);
        let mut callers = self.settings.callers().iter();
        callers.find(|caller| caller.has_token(&hash))
    }

    /// The caller and the token of a request of an agent.
    fn caller<'t>(
        &'t self,
        context: &'t RequestContext<RoleServer>,
    ) -> Option<(&'t Caller, &'t [u8])> {
        if let Some(token) = &self.token {
            return Some((self.settings.callers().first()?, token.expose().as_bytes()));
        }
        let headers = &context.extensions.get::<Parts>()?.headers;
        Some((self.caller_in(headers)?, token_in(headers)?))
    }
}

impl ServerHandler for Tool {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        let own = Implementation::new("multi-auth", env!("CARGO_PKG_VERSION"));
        let config = ServerConfig::new(capabilities).with_server_info(own);
        config.with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let (caller, _) = self.caller(&context).ok_or_else(unknown)?;
        Ok(ListToolsResult::with_all_items(vec![description(caller)]))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let (_, token) = self.caller(&context).ok_or_else(unknown)?;
        if call.name != NAME {
            return Err(ErrorData::invalid_params(
                "there is only the tool `request`",
                None,
            ));
        }
        let arguments = Value::Object(call.arguments.unwrap_or_default());
        let arguments: Arguments = match serde_json::from_value(arguments) {
            Ok(arguments) => arguments,
            Err(error) => return Ok(failure(format!("invalid arguments: {error}")).into()),
        };
        let authority = self.client.authority();
        let base = format!("http://{authority}/{}", arguments.vendor());
        let request = match arguments.request(&authority, token) {
            Ok(request) => request,
            Err(problem) => return Ok(failure(problem).into()),
        };
        let received = tokio::select! {
            received = self.client.send(request) => received,
            () = context.ct.cancelled() => return Ok(failure("the call was cancelled").into()),
        };
        Ok(match received {
            Some(received) => result(&received, &base),
            None => failure("no response arrived in time"),
        }
        .into())
    }
}

/// The tool for `caller`: it names the vendors that the caller may call.
fn description(caller: &Caller) -> Description {
    let mut vendors: Vec<_> = caller.rules().iter().map(Rule::vendor_name).collect();
    vendors.sort_unstable();
    vendors.dedup();
    let text = format!(
        "Sends an HTTP request to a vendor, with the vendor's credential: {}. \
         A configured policy may refuse a request; the response then has a `remedy`.",
        vendors.join(", ")
    );
    let mut schema: JsonObject = match Value::from(schemars::schema_for!(Arguments)) {
        Value::Object(schema) => schema,
        _ => JsonObject::new(),
    };
    if let Some(vendor) = schema
        .get_mut("properties")
        .and_then(|own| own.get_mut("vendor"))
    {
        vendor["enum"] = vendors.into();
    }
    let annotations = ToolAnnotations::with_title("Send a request to a vendor");
    let annotations = annotations
        .read_only(false)
        .destructive(true)
        .open_world(true);
    Description::new(NAME, text, schema).with_annotations(annotations)
}

fn unknown() -> ErrorData {
    ErrorData::invalid_request("the request has no token of a caller", None)
}

/// The token in `Authorization`.
fn token_in(headers: &HeaderMap) -> Option<&[u8]> {
    CallerToken::find_in(headers.get(AUTHORIZATION)?.as_bytes())
}
