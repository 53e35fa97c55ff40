//! `multi-auth mcp`: offers requests to the vendors as a tool of the Model Context Protocol.

mod arguments;
mod client;
mod connections;
mod http;
mod response;
mod tool;

use multi_auth_config::Config;
use multi_auth_config::proxy::{Caller, CallerToken, ProxySettings};
use rmcp::ServiceExt;
use rmcp::transport::stdio;

use self::client::Client;
use self::tool::Tool;
use crate::args::{General, McpArgs};
use crate::diagnostic::Diagnostic;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::private::{Allowed, PrivateProxy};
use crate::signals::Signals;
use crate::{Outcome, proxy};

pub(crate) async fn run(general: &General, command: &McpArgs) -> Outcome {
    let mut signals = Signals::listen().map_err(Diagnostic::system)?;
    let mut interrupt = Interrupt::listen();
    let (allowed, settings, token) = callers(crate::client::config(general)?, command)?;
    let builder = proxy::audited(general, command.audit.as_deref())?;
    let private = PrivateProxy::start(builder, &allowed.config, &settings).await?;
    let client = Client::new(private.port(), general.timeout);
    let tool = Tool::new(client, settings, token);
    let serving = async {
        match command.http {
            Some(address) => http::serve(tool, address).await,
            None => over_stdio(tool).await,
        }
    };
    let served = tokio::select! {
        served = serving => served,
        () = signals.ended() => Ok(()),
        () = interrupt.received() => Ok(()),
    };
    private.end().await;
    served.map(|()| Exit::Fine)
}

/// Who may call which vendors. The agent that starts this program has a token, which it does not
/// see; others have their own.
fn callers(
    config: Config,
    command: &McpArgs,
) -> Result<(Allowed, ProxySettings, Option<CallerToken>), Diagnostic> {
    let own = config.proxy().cloned().unwrap_or_default();
    let allowed = Allowed::new(config, &command.vendors)?;
    if command.http.is_some() {
        let callers: Vec<_> = own.callers().to_vec();
        let callers = callers
            .into_iter()
            .filter(|caller| !caller.tokens().is_empty());
        let callers = callers.map(|caller| allowed.restrict(caller));
        let settings = callers.fold(own.without_callers(), ProxySettings::with_caller);
        if settings.callers().is_empty() {
            let problem = "the configuration has no caller with a token, so no agent can connect";
            return Err(Diagnostic::usage(problem).with_remedy(
                "add [proxy.callers.NAME]; `multi-auth caller-token` prints what it needs",
            ));
        }
        return Ok((allowed, settings, None));
    }
    let token = CallerToken::generate().map_err(Diagnostic::system)?;
    let (allowed, caller) = if let Some(name) = &command.caller {
        let caller = named(&own, name)?;
        let allowed = allowed.for_caller(&caller);
        let caller = allowed.restrict(caller);
        (allowed, caller)
    } else {
        let caller = Caller::new("agent").map_err(Diagnostic::system)?;
        let caller = allowed.with_all_requests(caller);
        (allowed, caller)
    };
    let caller = caller.with_token(token.hash());
    Ok((
        allowed,
        own.without_callers().with_caller(caller),
        Some(token),
    ))
}

fn named(settings: &ProxySettings, name: &str) -> Result<Caller, Diagnostic> {
    let mut callers = settings.callers().iter();
    let caller = callers.find(|caller| caller.name() == name);
    caller.cloned().ok_or_else(|| {
        let problem = format!("the configuration has no caller {name:?}");
        Diagnostic::usage(problem).with_remedy("give the name after `proxy.callers.`")
    })
}

/// Serves the agent that started this program, until it closes the input.
async fn over_stdio(tool: Tool) -> Result<(), Diagnostic> {
    let service = tool.serve(stdio()).await.map_err(|_| {
        Diagnostic::usage("the input did not begin with a message of the Model Context Protocol")
            .with_remedy("let an agent start this program, or use --http")
    })?;
    service.waiting().await.map_err(Diagnostic::system)?;
    Ok(())
}
