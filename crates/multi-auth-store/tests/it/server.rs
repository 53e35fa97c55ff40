//! An authorization server that replaces the refresh token with each token request.

use std::sync::{Mutex, MutexGuard};

/// Its tokens are `r-<n>` and `a-<n>`.
#[derive(Debug, Default)]
pub(crate) struct Server {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the newest refresh token. `r-0` is what a person got by logging in.
    newest: u64,
    /// The newest refresh token that a client has presented.
    presented: u64,
    requests: usize,
    /// Refresh tokens that are neither the newest one nor the last one presented.
    reused: Vec<String>,
}

impl Server {
    /// Answers a token request. The refresh token before the newest one is accepted until a client
    /// presents the newest one (RFC 9700, 4.14.2, allows this for lost responses).
    pub(crate) fn answer(&self, body: &str) -> (u16, String) {
        let mut state = self.state();
        state.requests += 1;
        let presented = body
            .split('&')
            .find_map(|pair| pair.strip_prefix("refresh_token="))
            .unwrap_or_default();
        let number = presented
            .strip_prefix("r-")
            .and_then(|number| number.parse().ok());
        match number {
            Some(number) if number == state.newest || number == state.presented => {
                state.presented = number;
                state.newest += 1;
                let new = state.newest;
                let body = format!(
                    r#"{{"access_token":"a-{new}","token_type":"Bearer","expires_in":3600,"refresh_token":"r-{new}"}}"#
                );
                (200, body)
            }
            _ => {
                let presented = presented.to_owned();
                state.reused.push(presented);
                (400, r#"{"error":"invalid_grant"}"#.to_owned())
            }
        }
    }

    pub(crate) fn requests(&self) -> usize {
        self.state().requests
    }

    pub(crate) fn reused(&self) -> Vec<String> {
        self.state().reused.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}
