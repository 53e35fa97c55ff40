//! The state of the proxy, as the status page shows it. It has no secret.

use std::time::Duration;

use multi_auth::{Binding, Rotation, TokenState};
use serde::Serialize;

use crate::caller::KnownCaller;
use crate::problem::Problem;
use crate::route::Route;
use crate::state::State;
use crate::stats::Tally;

/// The state of the proxy.
#[derive(Debug, Serialize)]
pub(crate) struct Status {
    pub(crate) vendors: Vec<VendorStatus>,
    pub(crate) callers: Vec<CallerStatus>,
}

/// The state of one vendor.
#[derive(Debug, Serialize)]
pub(crate) struct VendorStatus {
    pub(crate) name: String,
    pub(crate) url: String,
    /// Where the credential is in a request, as in `Authorization: Bearer ****`.
    pub(crate) sends: Vec<String>,
    pub(crate) token: Option<TokenStatus>,
    /// What is unusual about its key.
    pub(crate) rotation: Option<&'static str>,
    pub(crate) counts: Counts,
}

/// The state of a token.
#[derive(Debug, Serialize)]
pub(crate) struct TokenStatus {
    pub(crate) state: &'static str,
    pub(crate) seconds_left: Option<u64>,
    pub(crate) error: Option<String>,
    pub(crate) remedy: Option<&'static str>,
}

/// The state of one caller.
#[derive(Debug, Serialize)]
pub(crate) struct CallerStatus {
    pub(crate) name: String,
    pub(crate) vendors: Vec<String>,
    pub(crate) counts: Counts,
}

/// What has happened since the configuration was read.
#[derive(Debug, Serialize)]
pub(crate) struct Counts {
    pub(crate) requests: u64,
    pub(crate) refused: u64,
    pub(crate) under_way: u64,
    pub(crate) per_second: f64,
    pub(crate) last_problem: Option<LastProblem>,
}

/// The last problem of a vendor or a caller.
#[derive(Debug, Serialize)]
pub(crate) struct LastProblem {
    pub(crate) seconds_ago: u64,
    pub(crate) code: &'static str,
    pub(crate) detail: String,
    pub(crate) remedy: &'static str,
}

impl Status {
    pub(crate) fn of(state: &State) -> Self {
        let bindings: Vec<_> = state.live.keyring().bindings().collect();
        let vendor = |route| {
            let own = state.bindings_of(route).first();
            VendorStatus::of(state, route, own.and_then(|own| bindings.get(*own)))
        };
        Self {
            vendors: state.routes.iter().map(vendor).collect(),
            callers: state.callers.iter().map(CallerStatus::of).collect(),
        }
    }

    /// Whether each vendor has a credential, or can request one.
    pub(crate) fn is_ready(&self) -> bool {
        let has_failed = |vendor: &VendorStatus| {
            let token = vendor.token.as_ref();
            token.is_some_and(|token| token.error.is_some() && token.state != "fresh")
        };
        !self.vendors.iter().any(has_failed)
    }
}

impl VendorStatus {
    fn of(state: &State, route: &Route, own: Option<&Binding>) -> Self {
        let sends = own.iter().flat_map(|binding| binding.placements().iter());
        let mut rotations = state.live.rotations();
        let rotation = rotations.find(|(name, _)| *name == route.name);
        Self {
            name: route.name.clone(),
            url: route.space.to_string(),
            sends: sends.map(ToString::to_string).collect(),
            token: own.and_then(Binding::token).map(TokenStatus::of),
            rotation: rotation.and_then(|(_, rotation)| described(rotation)),
            counts: Counts::of(&route.tally),
        }
    }
}

fn described(rotation: Rotation) -> Option<&'static str> {
    match rotation {
        Rotation::OnTrial => Some("a newer key is in use, and the vendor has not accepted it yet"),
        Rotation::Refused => Some("the vendor refused the newer key, and the older one is in use"),
        _ => None,
    }
}

impl TokenStatus {
    fn of(token: &multi_auth::TokenSnapshot) -> Self {
        let last = token.last_refresh.as_ref();
        let error = last.and_then(|last| last.error.as_ref());
        Self {
            state: match token.state {
                TokenState::Fresh => "fresh",
                TokenState::InWindow => "due for a refresh",
                TokenState::Expired => "expired",
                _ => "not requested yet",
            },
            seconds_left: token.remaining.map(|left| Duration::as_secs(&left)),
            error: error.map(|error| error.fact().into_owned()),
            remedy: error.map(multi_auth::AuthError::remedy),
        }
    }
}

impl CallerStatus {
    fn of(caller: &KnownCaller) -> Self {
        let rules = caller.settings.rules().iter();
        let mut vendors: Vec<_> = rules.map(|rule| rule.vendor_name().to_owned()).collect();
        vendors.dedup();
        Self {
            name: caller.settings.name().to_owned(),
            vendors,
            counts: Counts::of(&caller.tally),
        }
    }
}

impl Counts {
    fn of(tally: &Tally) -> Self {
        Self {
            requests: tally.requests(),
            refused: tally.refused(),
            under_way: tally.under_way(),
            per_second: tally.rate(),
            last_problem: tally.last_problem().map(LastProblem::of),
        }
    }
}

impl LastProblem {
    fn of((seconds_ago, problem): (u64, Problem)) -> Self {
        let facts = problem.kind.facts();
        Self {
            seconds_ago,
            code: facts.code,
            detail: problem.detail().to_owned(),
            remedy: facts.remedy,
        }
    }
}
