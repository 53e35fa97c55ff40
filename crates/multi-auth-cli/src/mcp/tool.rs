//! The tool: one request to a vendor.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use multi_auth_config::proxy::{Caller, CallerToken, ProxySettings, Rule, TokenHash};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    JsonObject, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
    Tool as Description, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::client::{Client, LONGEST, Received};

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

/// What an agent asks for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// The vendor.
    vendor: String,
    /// The path below the vendor's base URL, percent-encoded and with its query, such as
    /// `/users?limit=10`.
    path: String,
    /// The method. Default: GET.
    method: Option<String>,
    /// Header fields, without a credential.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The body. A text is sent as it is, any other value as JSON.
    body: Option<Value>,
}

impl Tool {
    pub(super) fn new(client: Client, settings: ProxySettings, token: Option<CallerToken>) -> Self {
        Self {
            client,
            settings: Arc::new(settings),
            token: token.map(Arc::new),
        }
    }

    pub(super) fn has_no_callers(&self) -> bool {
        self.settings.callers().is_empty()
    }

    /// The names by which agents reach this program, besides `localhost` and addresses.
    pub(super) fn hosts(&self) -> &[String] {
        self.settings.hosts()
    }

    /// The caller with the token in `headers`.
    pub(super) fn caller_in(&self, headers: &HeaderMap) -> Option<&Caller> {
        let hash = TokenHash::of(token_in(headers)?);
        let mut callers = self.settings.callers().iter();
        callers.find(|caller| caller.tokens().iter().any(|own| own.matches(&hash)))
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

    /// The request that `arguments` describe, to the proxy.
    fn request(
        &self,
        arguments: Arguments,
        token: &[u8],
    ) -> Result<Request<Full<Bytes>>, &'static str> {
        let Arguments { vendor, path, .. } = &arguments;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if vendor.is_empty() || !vendor.bytes().all(is_name) {
            return Err("`vendor` is not the name of a vendor");
        }
        if !(path.is_empty() || path.starts_with(['/', '?'])) {
            return Err("`path` must begin with a slash");
        }
        let uri = Uri::builder()
            .scheme("http")
            .authority(self.client.authority());
        let uri = uri.path_and_query(format!("/{vendor}{path}")).build();
        let uri = uri.map_err(
            |_| "`path` is not valid in a URL: encode spaces and other characters as %XX",
        )?;
        let method = arguments.method.as_deref().unwrap_or("GET");
        let method: Method = method
            .parse()
            .map_err(|_| "`method` is not a method of HTTP")?;
        let mut request = Request::new(Full::default());
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        for (name, value) in &arguments.headers {
            let name: HeaderName = name.parse().map_err(|_| "`headers` has an invalid name")?;
            let value =
                HeaderValue::try_from(value).map_err(|_| "`headers` has an invalid value")?;
            request.headers_mut().append(name, value);
        }
        if let Some(body) = arguments.body {
            let text = match body {
                Value::String(text) => text,
                value => {
                    let json = HeaderValue::from_static("application/json");
                    request.headers_mut().entry(CONTENT_TYPE).or_insert(json);
                    value.to_string()
                }
            };
            *request.body_mut() = Full::from(text);
        }
        let token = [b"Bearer ", token].concat();
        if let Ok(mut token) = HeaderValue::try_from(token) {
            token.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, token);
        }
        Ok(request)
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
        let request = match serde_json::from_value(arguments) {
            Ok(arguments) => self.request(arguments, token).map_err(str::to_owned),
            Err(error) => Err(format!("the arguments are invalid: {error}")),
        };
        let request = match request {
            Ok(request) => request,
            Err(problem) => return Ok(failure(problem).into()),
        };
        Ok(match self.client.send(request).await {
            Some(received) => result(&received),
            None => failure("there was no response in time".to_owned()),
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

/// What the agent reads of a response: the status, the fields and the body.
fn result(received: &Received) -> CallToolResult {
    let status = received.head.status;
    let mut text = format!("{status}\n");
    for (name, value) in &received.head.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{name}: {value}");
    }
    text.push('\n');
    text.push_str(&shown(&received.body, received.is_cut));
    if received.is_cut {
        let _ = write!(
            text,
            "\n[the response goes on: it is longer than {LONGEST} bytes, or did not end in time]"
        );
    }
    let content = vec![ContentBlock::text(text)];
    if status.as_u16() < 400 {
        CallToolResult::success(content)
    } else {
        CallToolResult::error(content)
    }
}

/// The body as text. A part of a character at the end of a body that goes on is left out.
fn shown(body: &[u8], is_cut: bool) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(error) if is_cut && error.error_len().is_none() => {
            String::from_utf8_lossy(&body[..error.valid_up_to()]).into_owned()
        }
        Err(_) => format!("[{} bytes that are no text]", body.len()),
    }
}

fn failure(problem: String) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(problem)])
}

fn unknown() -> ErrorData {
    ErrorData::invalid_request("the request has no token of a caller", None)
}

/// The token in `Authorization`.
fn token_in(headers: &HeaderMap) -> Option<&[u8]> {
    CallerToken::find_in(headers.get(AUTHORIZATION)?.as_bytes())
}
