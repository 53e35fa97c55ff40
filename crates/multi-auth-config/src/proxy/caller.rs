//! A program that sends requests through the proxy.

use std::num::NonZeroU32;

use super::tunnel::TunnelHosts;
use super::{Rule, TokenHash};
use crate::Advice;
use crate::reading::is_name;

/// A program that sends requests through the proxy: how it is known, and what it may request.
#[derive(Clone, Debug)]
pub struct Caller {
    name: String,
    tokens: Vec<TokenHash>,
    uids: Vec<u32>,
    rules: Vec<Rule>,
    tunnels: Vec<TunnelHosts>,
    requests_per_second: Option<NonZeroU32>,
    concurrent_requests: Option<NonZeroU32>,
}

pub(crate) const ODD_NAME: Advice = Advice::new(
    "is not a valid caller's name",
    "use at most 64 letters, digits, `-` and `_`",
);

impl Caller {
    /// A caller that may request nothing yet. Its name is in logs and metrics.
    ///
    /// # Errors
    ///
    /// If `name` has other characters than letters, digits, `-` and `_`, or more than 64.
    pub fn new(name: impl Into<String>) -> Result<Self, Advice> {
        let name = name.into();
        if !is_name(&name) {
            return Err(ODD_NAME);
        }
        Ok(Self {
            name,
            tokens: Vec::new(),
            uids: Vec::new(),
            rules: Vec::new(),
            tunnels: Vec::new(),
            requests_per_second: None,
            concurrent_requests: None,
        })
    }

    /// Adds a token by which the caller is known.
    #[must_use]
    pub fn with_token(mut self, hash: TokenHash) -> Self {
        self.tokens.push(hash);
        self
    }

    /// Adds a user of this machine, by ID, whose programs are this caller at a Unix socket.
    #[must_use]
    pub fn with_uid(mut self, uid: u32) -> Self {
        self.uids.push(uid);
        self
    }

    /// Adds requests that the caller may send.
    #[must_use]
    pub fn with_rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Keeps only the rules for which `is_kept` returns `true`.
    #[must_use]
    pub fn with_only(mut self, is_kept: impl Fn(&Rule) -> bool) -> Self {
        self.rules.retain(is_kept);
        self
    }

    /// Lets the caller open tunnels (RFC 9110, 9.3.6) to `hosts`: one host as in `files.example`,
    /// all subdomains as in `*.files.example`, or `*` for every host. The port is 443, unless one
    /// follows as in `files.example:8443`; `:*` is every port.
    ///
    /// # Errors
    ///
    /// If `hosts` names no hosts.
    pub fn with_tunnels(mut self, hosts: &str) -> Result<Self, Advice> {
        self.tunnels.push(hosts.parse()?);
        Ok(self)
    }

    /// Sets the most requests per second.
    #[must_use]
    pub fn with_requests_per_second(mut self, most: NonZeroU32) -> Self {
        self.requests_per_second = Some(most);
        self
    }

    /// Sets the most requests at once.
    #[must_use]
    pub fn with_concurrent_requests(mut self, most: NonZeroU32) -> Self {
        self.concurrent_requests = Some(most);
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The hashes of its tokens.
    #[must_use]
    pub fn tokens(&self) -> &[TokenHash] {
        &self.tokens
    }

    /// Whether one of the tokens has this hash. It is compared with all, so that the time does not
    /// depend on which one it is.
    #[must_use]
    pub fn has_token(&self, hash: &TokenHash) -> bool {
        let tokens = self.tokens.iter();
        tokens.fold(false, |found, own| own.matches(hash) | found)
    }

    /// The users of this machine whose programs it is.
    #[must_use]
    pub fn uids(&self) -> &[u32] {
        &self.uids
    }

    /// What it may request: a request needs one rule that allows it.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether it may open a tunnel to `port` of `host`.
    #[must_use]
    pub fn allows_tunnel(&self, host: &str, port: u16) -> bool {
        let host = host.to_ascii_lowercase();
        self.tunnels.iter().any(|own| own.covers(&host, port))
    }

    /// The most requests per second, if there is a limit.
    #[must_use]
    pub fn requests_per_second(&self) -> Option<NonZeroU32> {
        self.requests_per_second
    }

    /// The most requests at once, if there is a limit.
    #[must_use]
    pub fn concurrent_requests(&self) -> Option<NonZeroU32> {
        self.concurrent_requests
    }
}
