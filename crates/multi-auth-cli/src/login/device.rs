//! Logs in with a code that the person enters on another device (RFC 8628).

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::ProgressBar;
use multi_auth::oauth::{DeviceAuthorization, Grant};
use multi_auth::{AuthError, Token, TokenRequestProblem};
use multi_auth_config::{Login, LoginEndpoints};
use tokio::time::{sleep, timeout};

use crate::diagnostic::{Diagnostic, DiagnosticCode};
use crate::output;

/// A shorter interval would flood the server.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

pub(super) async fn token(
    login: &Login,
    endpoints: &LoginEndpoints,
    url: &str,
) -> Result<Token, Diagnostic> {
    let scopes = login.scope().unwrap_or_default().split_whitespace();
    let (client, transport) = (login.client(), login.transport());
    let device = DeviceAuthorization::request(url, scopes, client, transport).await?;
    show(&device);
    let spinner = spinner();
    let polled = timeout(device.expires_in, poll(login, endpoints, &device)).await;
    spinner.finish_and_clear();
    match polled {
        Ok(token) => Ok(token?),
        Err(_) => Err(Diagnostic::new(
            DiagnosticCode::Timeout,
            "the code has expired before it was confirmed",
        )
        .with_remedy("log in again, and confirm the code in time")),
    }
}

fn show(device: &DeviceAuthorization) {
    let DeviceAuthorization {
        verification_uri,
        user_code,
        ..
    } = device;
    output::note(&format!(
        "Open {verification_uri} and enter this code:\n\n  {user_code}\n"
    ));
    if let Some(url) = &device.verification_uri_complete {
        output::note(&format!("Or open {url}\n"));
    }
}

/// A spinner, on a terminal.
fn spinner() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner().with_message("waiting for the confirmation");
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// Requests the token until the person has confirmed (RFC 8628, 3.5).
async fn poll(
    login: &Login,
    endpoints: &LoginEndpoints,
    device: &DeviceAuthorization,
) -> Result<Token, AuthError> {
    const SLOWER: Duration = Duration::from_secs(5);
    let mut interval = device.interval.max(MIN_INTERVAL);
    loop {
        sleep(interval).await;
        let grant = Grant::device_code(device.device_code.clone());
        let error = match login.token(endpoints, grant).await {
            Ok(token) => return Ok(token),
            Err(error) => error,
        };
        match code(&error) {
            Some("authorization_pending") => {}
            Some("slow_down") => interval += SLOWER,
            // The server or the connection fails for a moment: ask less often.
            _ if error.is_transient() => interval *= 2,
            _ => return Err(error),
        }
    }
}

fn code(error: &AuthError) -> Option<&'static str> {
    match error {
        AuthError::TokenRequest {
            problem: TokenRequestProblem::Denied { code, .. },
            ..
        } => Some(code),
        _ => None,
    }
}
