//! `multi-auth run`: runs a command with a private proxy.

use multi_auth_config::proxy::{Caller, CallerToken, ProxySettings, Rule};
use multi_auth_config::{Advice, Config};

use crate::args::{General, RunArgs};
use crate::diagnostic::Diagnostic;
use crate::intercept::Trusted;
use crate::private::{PrivateProxy, system};
use crate::{Outcome, child, intercept, private, proxy};

pub(crate) async fn run(general: &General, command: &RunArgs) -> Outcome {
    let config = private::config(general, &command.vendors)?;
    let token = CallerToken::generate().map_err(system)?;
    let settings = settings(&config, &token, command.intercept).map_err(system)?;
    let mut builder = proxy::builder(general)?;
    let mut trusted = None;
    if command.intercept {
        let authority = intercept::authority(&config)?;
        trusted = Some(Trusted::new(general, &authority)?);
        builder = builder.intercept(authority);
    }
    if command.audit.is_some() {
        let audited = builder.audit(proxy::audit(command.audit.as_deref())?);
        builder = audited.map_err(system)?;
    }
    let private = PrivateProxy::start(builder, &config, &settings).await?;
    let port = private.port();
    let mut variables = variables(&config, port, token.expose());
    if !command.no_http_proxy {
        variables.extend(of_http_proxy(port, token.expose(), command.intercept));
    }
    variables.extend(trusted.iter().flat_map(Trusted::variables));
    let outcome = match command.command.split_first() {
        Some((program, arguments)) => {
            child::run(program, arguments, variables, |name| {
                is_secret(&config, name)
            })
            .await
        }
        None => Err(Diagnostic::usage("there is no command")),
    };
    private.end().await;
    outcome
}

/// Whether the variable may hold a secret of the configuration. The command does not get it.
fn is_secret(config: &Config, variable: &str) -> bool {
    let mut own = config.secret_variables().iter();
    own.any(|name| name == variable)
}

/// One caller, which may send any request to these vendors. With tunnels, it may reach all hosts
/// with a public address.
fn settings(config: &Config, token: &CallerToken, tunnels: bool) -> Result<ProxySettings, Advice> {
    let own = config.proxy().cloned().unwrap_or_default();
    let mut caller = Caller::new("command")?.with_token(token.hash());
    if tunnels {
        caller = caller.with_tunnels("*:*")?;
    }
    let rules = config
        .vendors()
        .iter()
        .map(|vendor| Rule::vendor(vendor.name()));
    Ok(own
        .without_callers()
        .with_caller(rules.fold(caller, Caller::with_rule)))
}

/// The variables of each vendor, as SDKs read them.
fn variables(config: &Config, port: u16, token: &str) -> Vec<(String, String)> {
    let url = format!("http://127.0.0.1:{port}");
    let mut variables = vec![
        ("MULTI_AUTH_PROXY_URL".to_owned(), url.clone()),
        ("MULTI_AUTH_CALLER_TOKEN".to_owned(), token.to_owned()),
    ];
    for vendor in config.vendors() {
        let name = vendor.name().to_ascii_uppercase().replace('-', "_");
        variables.push((
            format!("{name}_BASE_URL"),
            format!("{url}/{}", vendor.name()),
        ));
        variables.push((format!("{name}_API_KEY"), token.to_owned()));
    }
    variables
}

/// The variables of a program's HTTP proxy, as curl and many libraries read them.
fn of_http_proxy(port: u16, token: &str, tunnels: bool) -> Vec<(String, String)> {
    let proxy = format!("http://command:{token}@127.0.0.1:{port}");
    let mut others = ["NO_PROXY", "no_proxy"].into_iter();
    let others = others.find_map(|name| std::env::var(name).ok());
    let others = others
        .map(|others| format!(",{others}"))
        .unwrap_or_default();
    let direct = format!("127.0.0.1,localhost,::1{others}");
    let mut variables = vec![
        ("http_proxy", proxy.clone()),
        ("HTTP_PROXY", proxy.clone()),
        ("no_proxy", direct.clone()),
        ("NO_PROXY", direct),
    ];
    if tunnels {
        variables.extend([
            ("https_proxy", proxy.clone()),
            ("HTTPS_PROXY", proxy),
            // Without it, Node does not read the others.
            ("NODE_USE_ENV_PROXY", "1".to_owned()),
        ]);
    }
    let variables = variables.into_iter();
    variables
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
