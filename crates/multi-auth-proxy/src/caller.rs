//! Who sends a request.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::{HeaderMap, Method};
use multi_auth_config::proxy::{Caller, CallerToken, TokenHash};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::hop::remove_if;
use crate::problem::{Kind, Problem};
use crate::stats::Tally;
use crate::telemetry::CallerMetrics;
use crate::tunnel::Tunnel;

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(crate) enum Peer {
    /// At a TCP address.
    Tcp,
    /// At a Unix socket. The user's ID, if the system tells it.
    Unix(Option<u32>),
    /// In a tunnel that a caller has opened.
    Tunnel(Arc<Tunnel>),
}

/// By what a caller is known.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    Token(TokenHash),
    User(u32),
}

impl Peer {
    /// The identity behind a request that arrived from here, and held `token`.
    pub(crate) fn identity(&self, token: Option<TokenHash>) -> Option<Identity> {
        match (token, self) {
            (Some(token), _) => Some(Identity::Token(token)),
            (None, Self::Unix(user)) => user.map(Identity::User),
            (None, Self::Tunnel(tunnel)) => Some(tunnel.opener.clone()),
            (None, Self::Tcp) => None,
        }
    }
}

/// A caller and the state of its limits.
#[derive(Debug)]
pub(crate) struct KnownCaller {
    pub(crate) settings: Caller,
    rate: Option<Arc<DefaultDirectRateLimiter>>,
    slots: Option<Arc<Semaphore>>,
    pub(crate) tally: Tally,
    pub(crate) metrics: CallerMetrics,
}

/// All callers.
#[derive(Debug)]
pub(crate) struct Callers(Vec<Arc<KnownCaller>>);

impl Callers {
    /// All callers, whose requests go to one of so many `vendors`. A caller keeps the state of its
    /// limits in `earlier`, if they are the same.
    pub(crate) fn new(callers: &[Caller], vendors: usize, earlier: Option<&Self>) -> Self {
        Self(
            callers
                .iter()
                .map(|caller| {
                    Arc::new(KnownCaller::new(
                        caller,
                        vendors,
                        earlier.and_then(|earlier| earlier.named(caller.name())),
                    ))
                })
                .collect(),
        )
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &KnownCaller> {
        self.0.iter().map(|caller| &**caller)
    }

    /// The caller with this identity.
    pub(crate) fn find(&self, identity: Option<&Identity>) -> Result<Arc<KnownCaller>, Problem> {
        let known = identity.and_then(|identity| self.known_by(identity));
        known.map(Arc::clone).ok_or_else(|| {
            let detail = match identity {
                Some(Identity::Token(_)) => "no caller of the configuration has this token",
                _ => "the request has no caller's token: `mauth_` and 43 characters",
            };
            Problem::new(Kind::UnknownCaller, detail)
        })
    }

    /// The caller that `identity` is of, with this configuration.
    pub(crate) fn known_by(&self, identity: &Identity) -> Option<&Arc<KnownCaller>> {
        match identity {
            Identity::Token(token) => self.with_token(token),
            Identity::User(uid) => self.with_uid(*uid),
        }
    }

    fn named(&self, name: &str) -> Option<&KnownCaller> {
        self.iter().find(|caller| caller.settings.name() == name)
    }

    /// Compares with all tokens, so that the time does not depend on which one matches.
    fn with_token(&self, token: &TokenHash) -> Option<&Arc<KnownCaller>> {
        self.0.iter().fold(None, |found, caller| {
            let has_token = caller.settings.has_token(token);
            if has_token { Some(caller) } else { found }
        })
    }

    fn with_uid(&self, uid: u32) -> Option<&Arc<KnownCaller>> {
        self.0
            .iter()
            .find(|caller| caller.settings.uids().contains(&uid))
    }
}

impl KnownCaller {
    fn new(settings: &Caller, vendors: usize, earlier: Option<&Self>) -> Self {
        let (rate, slots) = (
            settings.requests_per_second(),
            settings.concurrent_requests(),
        );
        let earlier_rate = earlier.filter(|own| own.settings.requests_per_second() == rate);
        let earlier_slots = earlier.filter(|own| own.settings.concurrent_requests() == slots);
        let new_rate = || rate.map(|most| Arc::new(RateLimiter::direct(Quota::per_second(most))));
        let new_slots = || slots.map(|most| Arc::new(Semaphore::new(most.get() as usize)));
        Self {
            settings: settings.clone(),
            rate: earlier_rate.map_or_else(new_rate, |own| own.rate.clone()),
            tally: Tally::default(),
            metrics: CallerMetrics::new(settings.name(), vendors),
            slots: earlier_slots.map_or_else(new_slots, |own| own.slots.clone()),
        }
    }

    /// Whether a rule allows a request to `path` below the URL of `vendor`.
    pub(crate) fn allows(&self, vendor: &str, method: &Method, path: &str) -> bool {
        let path = if path.is_empty() { "/" } else { path };
        let mut rules = self.settings.rules().iter();
        rules.any(|rule| rule.allows(vendor, method, path))
    }

    /// Counts a request against the limits. The permit is held until the response has ended.
    pub(crate) fn admit(&self) -> Result<Option<OwnedSemaphorePermit>, Problem> {
        if let Some(Err(early)) = self.rate.as_ref().map(|rate| rate.check()) {
            let delay: Duration = early.wait_time_from(DefaultClock::default().now());
            let problem = Problem::new(Kind::TooFast, "the caller's rate limit is reached");
            return Err(problem.with_retry_after(Some(delay)));
        }
        let Some(slots) = &self.slots else {
            return Ok(None);
        };
        let permit = Arc::clone(slots).try_acquire_owned();
        permit.map(Some).map_err(|_| {
            Problem::new(
                Kind::TooMany,
                "the caller's limit of requests at once is reached",
            )
        })
    }
}

/// Takes the caller's token out of a request.
///
/// The fields and parameters that hold a token are removed: it goes to no vendor.
pub(crate) fn take_token(
    headers: &mut HeaderMap,
    query: &mut Option<String>,
) -> Result<Option<TokenHash>, Problem> {
    let mut tokens = Tokens(None, false);
    remove_if(headers, |value| {
        tokens.see_in(value) || tokens.see_in_pair(value)
    });
    if let Some(text) = query.as_mut() {
        let is_other = |param: &&str| !tokens.see_in(param.as_bytes());
        let kept: Vec<_> = text.split('&').filter(is_other).collect();
        let kept = kept.join("&");
        *query = (!kept.is_empty()).then_some(kept);
    }
    match tokens {
        Tokens(_, true) => {
            let detail = "the request has two different tokens of callers: send one";
            Err(Problem::new(Kind::UnknownCaller, detail))
        }
        Tokens(token, false) => Ok(token),
    }
}

/// The token that was seen, and whether another one was seen too.
struct Tokens(Option<TokenHash>, bool);

impl Tokens {
    fn see_in(&mut self, text: &[u8]) -> bool {
        let Some(token) = CallerToken::find_in(text) else {
            return false;
        };
        let hash = TokenHash::of(token);
        self.1 |= self.0.as_ref().is_some_and(|seen| !seen.matches(&hash));
        self.0 = Some(hash);
        true
    }

    /// Looks into the user and the password of `Basic` (RFC 7617).
    fn see_in_pair(&mut self, value: &[u8]) -> bool {
        let Some((scheme, pair)) = value.split_at_checked(6) else {
            return false;
        };
        scheme.eq_ignore_ascii_case(b"basic ")
            && BASE64_STANDARD
                .decode(pair.trim_ascii())
                .is_ok_and(|pair| self.see_in(&pair))
    }
}
