//! How a server misbehaves on demand: for the next requests or until cleared, everywhere or on some
//! paths.
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

/// One way to misbehave, given to [`LoopbackServer::inject`](crate::LoopbackServer::inject).
///
/// Of the faults that match a request, in the order they were injected, every delay counts up to
/// the first one that answers or hangs up.
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

    /// Responds with a page of HTML and status 200.
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
