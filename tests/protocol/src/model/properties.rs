//! What holds in every state.

use stateright::Property;

use super::process::Phase;
use super::{Setup, State};

/// The names of the properties.
pub mod name {
    /// The entry of a revision is replaced once. A store that loses data begins anew.
    pub const REPLACED_ONCE: &str = "two publications never replace the same revision";
    /// This holds also after the store has lost data.
    pub const REVISIONS_GROW: &str =
        "each publication has a revision that is newer than all before";
    /// This holds unless the store has lost data.
    pub const NEWEST_STAYS: &str =
        "a stored token is never replaced by one that was issued earlier";
    /// A late refusal removes no newer token.
    pub const REFUSAL_IS_RIGHT: &str =
        "only a token that the vendor has revoked is marked as refused";
    /// This holds unless the store has lost data.
    pub const REFUSED_STAYS: &str = "a token that is marked as refused is given to no process";
    /// The causes: a crash, an ended lease, a lost response, lost data.
    pub const LOGIN_HAS_CAUSE: &str =
        "a refresh token is presented again or lost only with a cause";
    /// A fault is a crash, an ended lease, a message that is lost or finds the store down, a failed
    /// token request, or lost data.
    pub const REQUESTS_ARE_FEW: &str =
        "a token takes one token request, and one more for each fault";
    /// Processes that were killed, and accounts that need a login, do not count.
    pub const ALL_GET_TOKENS: &str = "when nothing is left to do, each process has a token";
    /// The vendor has seen a refresh token twice, or no process has the valid one.
    pub const LOGIN_NEEDED: &str = "a login is needed";
    /// The model is not empty.
    pub const ALL_HAVE_TOKENS: &str = "each process has a token";
}

pub(super) fn all() -> Vec<Property<Setup>> {
    let never = Property::<Setup>::always;
    let once = Property::<Setup>::sometimes;
    vec![
        never(name::REPLACED_ONCE, |_, s| {
            !s.history.violations.replaces_twice
        }),
        never(name::REVISIONS_GROW, |_, s| {
            !s.history.violations.revision_is_not_new
        }),
        never(name::NEWEST_STAYS, |_, s| {
            !s.history.violations.token_is_older
        }),
        never(name::REFUSAL_IS_RIGHT, |_, s| {
            !s.history.violations.refuses_valid_token
        }),
        never(name::REFUSED_STAYS, |_, s| {
            !s.history.violations.gives_refused_token
        }),
        never(name::LOGIN_HAS_CAUSE, |_, s| {
            s.has_cause() || !s.is_logged_out()
        }),
        never(name::REQUESTS_ARE_FEW, |setup, s| {
            s.history.requests <= s.request_limit(setup) || s.is_logged_out()
        }),
        never(name::ALL_GET_TOKENS, all_get_tokens),
        once(name::LOGIN_NEEDED, |_, s| s.needs_login()),
        once(name::ALL_HAVE_TOKENS, |_, s| {
            s.processes.iter().all(has_token)
        }),
    ]
}

fn all_get_tokens(setup: &Setup, state: &State) -> bool {
    let mut actions = Vec::new();
    setup.progress(state, &mut actions);
    let is_served = |process: &super::process::Process| {
        matches!(process.phase, Phase::Down | Phase::LoggedOut) || has_token(process)
    };
    !actions.is_empty() || state.needs_login() || state.processes.iter().all(is_served)
}

fn has_token(process: &super::process::Process) -> bool {
    matches!(process.phase, Phase::HasToken { .. })
}

impl State {
    fn has_cause(&self) -> bool {
        let excuses = self.history.excuses;
        excuses.is_crashed || excuses.is_expired || excuses.is_response_lost || excuses.is_data_lost
    }

    /// Whether a login is needed, or a process has found that it is.
    fn is_logged_out(&self) -> bool {
        let mut processes = self.processes.iter();
        self.needs_login() || processes.any(|process| process.phase == Phase::LoggedOut)
    }

    fn request_limit(&self, setup: &Setup) -> u8 {
        let faults = setup.faults.costly() - self.left.costly();
        1 + faults + self.history.failed_calls
    }
}
