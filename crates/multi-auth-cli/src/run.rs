//! `multi-auth run`: runs a command with a private proxy.

use multi_auth_config::proxy::{Caller, CallerToken, ProxySettings};
use multi_auth_config::{Advice, Config, Vendor};

use crate::args::{General, RunArgs};
use crate::diagnostic::Diagnostic;
use crate::intercept::Trusted;
use crate::private::{Allowed, PrivateProxy};
use crate::{Outcome, child, client, intercept, proxy};

pub(crate) async fn run(general: &General, command: &RunArgs) -> Outcome {
    let allowed = Allowed::new(client::config(general)?, &command.vendors)?;
    let config = &allowed.config;
    let token = CallerToken::generate().map_err(Diagnostic::system)?;
    let settings = settings(&allowed, &token, command.intercept).map_err(Diagnostic::system)?;
    let mut builder = proxy::audited(general, command.audit.as_deref())?;
    let mut trusted = None;
    if command.intercept {
        let authority = intercept::authority(config)?;
        trusted = Some(Trusted::new(general, &authority)?);
        builder = builder.intercept(authority);
    }
    let private = PrivateProxy::start(builder, config, &settings).await?;
    let port = private.port();
    let mut variables = variables(&allowed, port, token.expose())?;
    if !command.no_http_proxy {
        variables.extend(of_http_proxy(
            &allowed,
            port,
            token.expose(),
            command.intercept,
        ));
    }
    variables.extend(trusted.iter().flat_map(Trusted::variables));
    let outcome = match command.command.split_first() {
        Some((program, arguments)) => {
            child::run(program, arguments, variables, |name| {
                is_secret(config, name)
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
fn settings(
    allowed: &Allowed,
    token: &CallerToken,
    tunnels: bool,
) -> Result<ProxySettings, Advice> {
    let own = allowed.config.proxy().cloned().unwrap_or_default();
    let mut caller = Caller::new("command")?.with_token(token.hash());
    if tunnels {
        caller = caller.with_tunnels("*:*")?;
    }
    let caller = allowed.with_all_requests(caller);
    Ok(own.without_callers().with_caller(caller))
}

/// The variables of each vendor, as SDKs read them.
fn variables(
    allowed: &Allowed,
    port: u16,
    token: &str,
) -> Result<Vec<(String, String)>, Diagnostic> {
    let url = format!("http://127.0.0.1:{port}");
    let mut variables = vec![
        ("MULTI_AUTH_PROXY_URL".to_owned(), url.clone()),
        ("MULTI_AUTH_CALLER_TOKEN".to_owned(), token.to_owned()),
    ];
    for vendor in allowed.vendors() {
        let name = vendor.name().to_ascii_uppercase().replace('-', "_");
        let base_url = format!("{name}_BASE_URL");
        if variables.iter().any(|(other, _)| *other == base_url) {
            let problem = format!("two vendors have the variable {base_url}");
            return Err(Diagnostic::usage(problem).with_remedy("choose one with --vendor"));
        }
        variables.push((base_url, format!("{url}/{}", vendor.name())));
        variables.push((format!("{name}_API_KEY"), token.to_owned()));
    }
    Ok(variables)
}

/// The variables of a program's HTTP proxy, as curl and many libraries read them.
fn of_http_proxy(
    allowed: &Allowed,
    port: u16,
    token: &str,
    tunnels: bool,
) -> Vec<(String, String)> {
    let proxy = format!("http://command:{token}@127.0.0.1:{port}");
    let own = ["NO_PROXY", "no_proxy"].into_iter();
    let own: Vec<_> = own.filter_map(|name| std::env::var(name).ok()).collect();
    let own = own.iter().flat_map(|list| list.split(',')).map(str::trim);
    let mut direct = vec!["127.0.0.1", "localhost", "::1"];
    // A vendor that is called directly would see the token.
    direct.extend(own.filter(|entry| !entry.is_empty() && !covers_a_vendor(allowed, entry)));
    direct.dedup();
    let direct = direct.join(",");
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

/// Whether an entry of `no_proxy` covers the host of a vendor: `*`, a host, or a domain.
fn covers_a_vendor(allowed: &Allowed, entry: &str) -> bool {
    let domain = entry.trim_start_matches(['*', '.']).to_ascii_lowercase();
    let mut spaces = allowed.vendors().flat_map(Vendor::protection_spaces);
    spaces.any(|space| {
        let origin = space.origin();
        let host = origin.host_str().unwrap_or_default();
        let rest = host.strip_suffix(&domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.') || domain.is_empty())
    })
}
