//! `multi-auth mcp`: offers requests to the vendors as a tool of the Model Context Protocol.

mod client;
mod http;
mod tool;

use multi_auth_config::Config;
use multi_auth_config::proxy::{Caller, CallerToken, ProxySettings, Rule};
use rmcp::ServiceExt;
use rmcp::transport::stdio;

use self::client::Client;
use self::tool::Tool;
use crate::args::{General, McpArgs};
use crate::diagnostic::Diagnostic;
use crate::exit::Exit;
use crate::private::{PrivateProxy, system};
use crate::signals::Signals;
use crate::{Outcome, private, proxy};

pub(crate) async fn run(general: &General, command: &McpArgs) -> Outcome {
    let config = private::config(general, &command.vendors)?;
    let mut signals = Signals::listen().map_err(system)?;
    let mut builder = proxy::builder(general)?;
    if let Some(path) = &command.audit {
        builder = builder.audit(proxy::audit(Some(path))?).map_err(system)?;
    }
    let own = config.proxy().cloned().unwrap_or_default();
    let (settings, token) = if command.http.is_some() {
        (own, None)
    } else {
        let token = CallerToken::generate().map_err(system)?;
        (of_agent(&config, own, command, &token)?, Some(token))
    };
    let private = PrivateProxy::start(builder, &config, &settings).await?;
    let tool = Tool::new(
        Client::new(private.port(), general.timeout),
        settings,
        token,
    );
    let serving = async {
        match command.http {
            Some(address) => http::serve(tool, address).await,
            None => over_stdio(tool).await,
        }
    };
    let served = tokio::select! {
        served = serving => served,
        () = signals.ended() => Ok(()),
    };
    private.end().await;
    served.map(|()| Exit::Fine)
}

/// The settings of the agent that started this program: it has the rules of the caller that the
/// command line names, or may send all requests.
fn of_agent(
    config: &Config,
    own: ProxySettings,
    command: &McpArgs,
    token: &CallerToken,
) -> Result<ProxySettings, Diagnostic> {
    let caller = match &command.caller {
        Some(name) => named(&own, name)?,
        None => with_all_requests(config)?,
    };
    let caller = caller.with_token(token.hash());
    Ok(own.without_callers().with_caller(caller))
}

fn named(settings: &ProxySettings, name: &str) -> Result<Caller, Diagnostic> {
    let mut callers = settings.callers().iter();
    let caller = callers.find(|caller| caller.name() == name);
    caller.cloned().ok_or_else(|| {
        let problem = format!("the configuration has no caller {name:?}");
        Diagnostic::usage(problem).with_remedy("give the name after `proxy.callers.`")
    })
}

fn with_all_requests(config: &Config) -> Result<Caller, Diagnostic> {
    let vendors = config.vendors().iter();
    let rules = vendors.map(|vendor| Rule::vendor(vendor.name()));
    let caller = Caller::new("agent").map_err(system)?;
    Ok(rules.fold(caller, Caller::with_rule))
}

/// Serves the agent that started this program, until it closes the input.
async fn over_stdio(tool: Tool) -> Result<(), Diagnostic> {
    let service = tool.serve(stdio()).await.map_err(system)?;
    service.waiting().await.map_err(system)?;
    Ok(())
}
