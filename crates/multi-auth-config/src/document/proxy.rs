//! The table `proxy`.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

/// The proxy that puts credentials on the requests of other programs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProxyTable {
    /// Where it listens: addresses such as `127.0.0.1:8780`, and Unix sockets such as
    /// `unix:/run/multi-auth/proxy.sock`. Default: `127.0.0.1:8780`.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) listen: Option<Vec<Spanned<String>>>,
    /// The address of its status page, health checks and metrics. Default: none.
    #[schemars(with = "Option<String>")]
    pub(crate) admin: Option<Spanned<String>>,
    /// The names by which callers reach it, besides `localhost` and addresses. A request for
    /// another name is refused, so that a web page cannot send one (DNS rebinding).
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) hosts: Option<Vec<Spanned<String>>>,
    /// The vendors' hosts that may have a private address, such as a server in your network. A
    /// vendor whose URL has such an address, or `localhost`, needs no entry.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) private_hosts: Option<Vec<Spanned<String>>>,
    /// How long a vendor may take to begin its response, in seconds. Default: 300.
    #[schemars(with = "Option<u32>")]
    pub(crate) response_timeout: Option<Spanned<NonZeroU32>>,
    /// How long a caller's connection may be without a request, in seconds. Default: 120, longer
    /// than most clients keep one.
    #[schemars(with = "Option<u32>")]
    pub(crate) idle_timeout: Option<Spanned<NonZeroU32>>,
    /// The programs that may send requests, by a name that you choose. All others are refused.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, CallerTable>")]
    pub(crate) callers: BTreeMap<Spanned<String>, Spanned<CallerTable>>,
}

/// A program that sends requests through the proxy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallerTable {
    /// The hashes of its tokens, as `multi-auth caller-token` prints them. With two, one can be
    /// replaced.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) token_hashes: Option<Vec<Spanned<String>>>,
    /// The users of this machine, by ID, whose programs are this caller at a Unix socket. They need
    /// no token.
    pub(crate) uids: Option<Vec<u32>>,
    /// What it may request. Default: nothing.
    #[serde(default)]
    #[schemars(with = "Vec<AllowTable>")]
    pub(crate) allow: Vec<Spanned<AllowTable>>,
    /// The hosts to which it may open a tunnel with `CONNECT`, such as `files.example`,
    /// `*.files.example`, `files.example:8443`, and `*` for every host. Default: none.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) tunnels: Option<Vec<Spanned<String>>>,
    /// The most requests per second. Default: no limit.
    pub(crate) requests_per_second: Option<NonZeroU32>,
    /// The most requests at once. Default: no limit.
    pub(crate) concurrent_requests: Option<NonZeroU32>,
}

/// Requests that a caller may send.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AllowTable {
    /// The vendor, by its name in this file.
    #[schemars(with = "String")]
    pub(crate) vendor: Spanned<String>,
    /// The methods, such as `GET`. Default: all.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) methods: Option<Vec<Spanned<String>>>,
    /// The beginnings of paths, below the vendor's URL, such as `/users`, which covers `/users`
    /// and `/users/7`. Default: all.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) paths: Option<Vec<Spanned<String>>>,
}
