//! Logs in with a browser: authorization code with PKCE and a loopback redirect (RFC 8252, 7.3).

use multi_auth::Token;
use multi_auth::oauth::Grant;
use multi_auth_config::{Login, LoginEndpoints};
use reqwest::Url;

use super::callback::{Callback, Expected};
use super::pkce::{Pkce, random};
use crate::args::LoginArgs;
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::output;

pub(super) async fn token(
    login: &Login,
    endpoints: &LoginEndpoints,
    url: &str,
    command: &LoginArgs,
) -> Result<Token, Diagnostic> {
    let callback = Callback::bind(command.port).await?;
    let (pkce, state) = (Pkce::new()?, random()?);
    let page = page(login, url, &callback.redirect_uri, &pkce, &state)?;
    output::note(&format!("Log in on this page:\n\n  {page}\n"));
    if !command.no_browser && open::that_detached(page.as_str()).is_err() {
        output::note("no browser could be opened: open the page yourself");
    }
    let redirect_uri = callback.redirect_uri.clone();
    let expected = Expected {
        state,
        issuer: endpoints.issuer_in_response.clone(),
    };
    let code = callback.code(expected, command.wait).await?;
    let grant = Grant::authorization_code(code, &redirect_uri, pkce.verifier);
    Ok(login.token(endpoints, grant).await?)
}

/// The authorization request (RFC 6749, 4.1.1).
fn page(
    login: &Login,
    url: &str,
    redirect_uri: &str,
    pkce: &Pkce,
    state: &str,
) -> Result<Url, Diagnostic> {
    let mut page = Url::parse(url).map_err(|_| {
        let problem = "the authorization endpoint is not a URL";
        Diagnostic::new(DiagnosticCode::Config, problem)
    })?;
    let mut query = page.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", login.client_id())
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", state)
        .append_pair("code_challenge", &pkce.challenge)
        .append_pair("code_challenge_method", "S256");
    if let Some(scope) = login.scope() {
        query.append_pair("scope", scope);
    }
    query.extend_pairs(login.parameters());
    drop(query);
    Ok(page)
}
