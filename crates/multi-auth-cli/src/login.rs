//! `multi-auth login` and `multi-auth logout`: a person logs in at a vendor, and the store keeps
//! the refresh token.

mod browser;
mod callback;
mod device;
mod pkce;

use multi_auth_config::{Login, Vendor};
use serde_json::json;

use crate::args::{General, LoginArgs, LogoutArgs};
use crate::client::Timed;
use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::exit::Exit;
use crate::{Outcome, client, output};

pub(crate) async fn log_in(general: &General, command: &LoginArgs) -> Outcome {
    let login = of_vendor(general, &command.vendor).await?;
    let endpoints = login.endpoints().await?;
    let token = match (&endpoints.authorization, &endpoints.device_authorization) {
        (_, Some(url)) if command.device => device::token(&login, &endpoints, url).await?,
        (Some(url), _) if !command.device => {
            browser::token(&login, &endpoints, url, command).await?
        }
        (None, Some(url)) => device::token(&login, &endpoints, url).await?,
        (authorization, _) => return Err(no_endpoint(authorization.is_some())),
    };
    if !login.store(&token).await? {
        return Err(Diagnostic::advised(
            DiagnosticCode::UnexpectedResponse,
            "the server issued no refresh token",
            "ask for one: many servers want the scope `offline_access`; see the vendor's documentation",
        ));
    }
    if general.json {
        output::json(&json!({ "vendor": command.vendor, "stored": true }));
    } else {
        output::line(&format!(
            "logged in at {}: the refresh token is stored",
            command.vendor
        ));
    }
    Ok(Exit::Fine)
}

pub(crate) async fn log_out(general: &General, command: &LogoutArgs) -> Outcome {
    let login = of_vendor(general, &command.vendor).await?;
    let is_revoked = if command.local {
        login.forget().await?;
        false
    } else {
        login.log_out(&login.endpoints().await?).await?
    };
    if general.json {
        output::json(&json!({ "vendor": command.vendor, "revoked": is_revoked }));
    } else {
        let how = if is_revoked {
            "revoked and removed"
        } else {
            "removed, but not revoked"
        };
        output::line(&format!(
            "logged out of {}: the refresh token is {how}",
            command.vendor
        ));
    }
    Ok(Exit::Fine)
}

/// How a person logs in at the vendor of this name.
async fn of_vendor(general: &General, name: &str) -> Result<Login, Diagnostic> {
    let config = client::config(general)?;
    let vendor = config.vendors().iter().find(|vendor| vendor.name() == name);
    let vendor = vendor.ok_or_else(|| {
        let names: Vec<_> = config.vendors().iter().map(Vendor::name).collect();
        let problem = format!("the configuration has no vendor {name}");
        Diagnostic::usage(problem).with_remedy(format!("write one of {}", names.join(", ")))
    })?;
    let login = vendor.login(Timed::new(general)?).await?;
    login.ok_or_else(|| {
        Diagnostic::usage(format!("{name} has no login")).with_remedy(
            "only vendors with scheme = \"refresh_token\" have one; others obtain their tokens with the key",
        )
    })
}

fn no_endpoint(has_browser: bool) -> Diagnostic {
    let (problem, remedy) = if has_browser {
        (
            "the server has no device authorization endpoint",
            "leave out --device, or write `device_authorization_url`",
        )
    } else {
        (
            "the server has no endpoint for a login",
            "write `authorization_url` or `device_authorization_url`",
        )
    };
    Diagnostic::advised(DiagnosticCode::Config, problem, remedy)
}
