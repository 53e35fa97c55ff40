//! Faults that a server injects: for a number of requests or until cleared, on all paths or on
//! some.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use http::StatusCode;
//! # use multi_auth_testing::{Fault, ImmutaSimulator};
//! # async fn example(immuta: ImmutaSimulator) {
//! immuta.inject(Fault::delay(Duration::from_millis(50)));
//! immuta.inject(Fault::status(StatusCode::BAD_GATEWAY).times(2).on("/bim/"));
//! immuta.clear_faults();
//! # }
//! ```

use std::time::Duration;

use http::StatusCode;

use crate::{ScriptedResponse, SimulatorError};

mod script;
pub(crate) use script::Faults;
#[cfg(test)]
mod tests;

/// A fault for [`LoopbackServer::inject`](crate::LoopbackServer::inject).
///
/// The faults that match a request apply in the order in which they were injected. Delays add up.
/// The first fault that responds or closes the connection ends the request.
#[derive(Clone, Debug)]
#[must_use = "a fault does nothing until it is injected"]
pub struct Fault {
    effect: Effect,
    remaining: Option<usize>,
    prefix: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Effect {
    Delay(Duration),
    Status(StatusCode),
    Respond(ScriptedResponse),
    HangUp,
}

impl Fault {
    /// Responds with `status` and the vendor's error body.
    pub fn status(status: StatusCode) -> Self {
        Self::with_effect(Effect::Status(status))
    }

    /// Responds with a [`ScriptedResponse`] or an `http::Response`.
    pub fn response(response: impl Into<ScriptedResponse>) -> Self {
        Self::with_effect(Effect::Respond(response.into()))
    }

    /// Responds with an HTML page and status 200, as a sign-in page does.
    pub fn html() -> Self {
        Self::response(ScriptedResponse::html())
    }

    /// Redirects to `location`.
    ///
    /// # Errors
    ///
    /// [`SimulatorError::Header`] if `location` is not valid in a header.
    pub fn redirect(status: StatusCode, location: &str) -> Result<Self, SimulatorError> {
        Ok(Self::response(ScriptedResponse::redirect(
            status, location,
        )?))
    }

    /// Delays the response. It needs a tokio runtime with a timer.
    pub fn delay(duration: Duration) -> Self {
        Self::with_effect(Effect::Delay(duration))
    }

    /// Closes the connection without a response.
    pub fn hang_up() -> Self {
        Self::with_effect(Effect::HangUp)
    }

    /// Applies to the next `count` matching requests. Default: until cleared.
    pub fn times(mut self, count: usize) -> Self {
        self.remaining = Some(count);
        self
    }

    /// Applies to requests whose path, as sent, starts with `prefix`. Default: all.
    pub fn on(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    fn with_effect(effect: Effect) -> Self {
        Self {
            effect,
            remaining: None,
            prefix: String::new(),
        }
    }
}
