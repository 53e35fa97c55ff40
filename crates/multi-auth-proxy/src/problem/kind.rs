//! The kinds of problems, each with a stable code.

use http::StatusCode;

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The body has a transfer coding besides `chunked`.
    UnsupportedCoding,
    /// The body of GET or HEAD has no length.
    LengthRequired,
    /// Servers read the path in different ways.
    AmbiguousPath,
    /// The request is for a host that is not this proxy.
    UnknownHost,
    /// The request has no token of a caller.
    UnknownCaller,
    /// The request of a client that has this as its proxy has no token of a caller.
    NoProxyCredential,
    /// The caller may not open a tunnel to the host.
    TunnelNotAllowed,
    /// The URL names no vendor.
    UnknownVendor,
    /// A client sent the request here as its proxy, and the URL is of no vendor.
    UnknownUrl,
    /// No rule of the caller allows the request.
    NotAllowed,
    /// The proxy does not pass the method on.
    Method,
    /// The request came through this proxy before.
    Loop,
    /// The caller sends more requests per second than it may.
    TooFast,
    /// The caller has more requests at once than it may.
    TooMany,
    /// The body is too long to be signed.
    TooLarge,
    /// There is no credential, and trying again does not help.
    NoCredential,
    /// There is no credential now.
    CredentialLater,
    /// The vendor's host has a private address.
    PrivateAddress,
    /// No connection to the vendor.
    Unreachable,
    /// The vendor closed the connection.
    CutOff,
    /// The vendor did not begin its response in time.
    Timeout,
    /// The body of the request ended early.
    BadBody,
    /// The body that is signed did not arrive in time.
    SlowBody,
}

impl Kind {
    pub(crate) const ALL: &[Self] = &[
        Self::UnsupportedCoding,
        Self::LengthRequired,
        Self::AmbiguousPath,
        Self::UnknownHost,
        Self::UnknownCaller,
        Self::NoProxyCredential,
        Self::TunnelNotAllowed,
        Self::UnknownVendor,
        Self::UnknownUrl,
        Self::NotAllowed,
        Self::Method,
        Self::Loop,
        Self::TooFast,
        Self::TooMany,
        Self::TooLarge,
        Self::NoCredential,
        Self::CredentialLater,
        Self::PrivateAddress,
        Self::Unreachable,
        Self::CutOff,
        Self::Timeout,
        Self::BadBody,
        Self::SlowBody,
    ];
}

/// What the response to a problem says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    /// The error type of RFC 9209, 2.3.
    pub(crate) error: &'static str,
    pub(crate) remedy: &'static str,
}

impl Kind {
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub(crate) const fn facts(self) -> Facts {
        let (code, status, error, remedy) = match self {
            Self::UnsupportedCoding => (
                "unsupported-coding",
                StatusCode::NOT_IMPLEMENTED,
                "http_request_error",
                "send the body with Content-Length, or with the transfer coding `chunked` alone",
            ),
            Self::LengthRequired => (
                "length-required",
                StatusCode::LENGTH_REQUIRED,
                "http_request_error",
                "send Content-Length",
            ),
            Self::AmbiguousPath => (
                "ambiguous-path",
                StatusCode::BAD_REQUEST,
                "http_request_error",
                "send a path without `.`, `..`, empty segments, `\\` and encoded slashes",
            ),
            Self::UnknownHost => (
                "unknown-host",
                StatusCode::MISDIRECTED_REQUEST,
                "http_request_denied",
                "use an address or localhost, or add the name to `hosts` in the table `proxy`",
            ),
            Self::UnknownCaller => (
                "unknown-caller",
                StatusCode::UNAUTHORIZED,
                "http_request_denied",
                "send a token of a caller in the place of the vendor's key",
            ),
            Self::NoProxyCredential => (
                "no-proxy-credential",
                StatusCode::PROXY_AUTHENTICATION_REQUIRED,
                "http_request_denied",
                "send a token of a caller in Proxy-Authorization: put it into the proxy's URL, as in http://any:TOKEN@127.0.0.1:8780",
            ),
            Self::TunnelNotAllowed => (
                "tunnel-not-allowed",
                StatusCode::FORBIDDEN,
                "http_request_denied",
                "add the host to `tunnels` of the caller, or call the vendor by the URL of the proxy",
            ),
            Self::UnknownVendor => (
                "unknown-vendor",
                StatusCode::NOT_FOUND,
                "destination_not_found",
                "begin the path with the name of a vendor in the configuration",
            ),
            Self::UnknownUrl => (
                "unknown-url",
                StatusCode::NOT_FOUND,
                "destination_not_found",
                "use a URL of a vendor in the configuration, or add the host to `no_proxy` of the client",
            ),
            Self::NotAllowed => (
                "not-allowed",
                StatusCode::FORBIDDEN,
                "http_request_denied",
                "add the request to `allow` of the caller, or use another caller",
            ),
            Self::Method => (
                "unsupported-method",
                StatusCode::METHOD_NOT_ALLOWED,
                "http_request_denied",
                "send another method than TRACE, and CONNECT only over a connection that is no tunnel",
            ),
            Self::Loop => (
                "loop",
                StatusCode::LOOP_DETECTED,
                "proxy_loop_detected",
                "correct the vendor's `url`: it leads to this proxy",
            ),
            Self::TooFast => (
                "rate-limit",
                StatusCode::TOO_MANY_REQUESTS,
                "http_request_denied",
                "send fewer requests, or raise `requests_per_second` of the caller",
            ),
            Self::TooMany => (
                "concurrency-limit",
                StatusCode::TOO_MANY_REQUESTS,
                "http_request_denied",
                "wait for responses, or raise `concurrent_requests` of the caller",
            ),
            Self::TooLarge => (
                "body-too-large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "http_request_error",
                "send a shorter body: it is read whole to be signed",
            ),
            Self::NoCredential => (
                "no-credential",
                StatusCode::BAD_GATEWAY,
                "proxy_configuration_error",
                "run `multi-auth check` on the machine of the proxy",
            ),
            Self::CredentialLater => (
                "credential-unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "proxy_internal_error",
                "send the request again later",
            ),
            Self::PrivateAddress => (
                "private-address",
                StatusCode::BAD_GATEWAY,
                "destination_ip_prohibited",
                "if the vendor is in your network, add its host to `private_hosts` in the table `proxy`",
            ),
            Self::Unreachable => (
                "vendor-unreachable",
                StatusCode::BAD_GATEWAY,
                "destination_unavailable",
                "check the vendor's `url` and certificate, and whether this machine reaches it directly: `HTTPS_PROXY` is not used",
            ),
            Self::CutOff => (
                "vendor-closed",
                StatusCode::BAD_GATEWAY,
                "connection_terminated",
                "send the request again if that is safe",
            ),
            Self::Timeout => (
                "vendor-timeout",
                StatusCode::GATEWAY_TIMEOUT,
                "http_response_timeout",
                "send the request again if that is safe, or raise `response_timeout`",
            ),
            Self::SlowBody => (
                "body-timeout",
                StatusCode::REQUEST_TIMEOUT,
                "http_request_error",
                "send the body faster",
            ),
            Self::BadBody => (
                "bad-body",
                StatusCode::BAD_REQUEST,
                "http_request_error",
                "send the whole body",
            ),
        };
        Facts {
            code,
            status,
            error,
            remedy,
        }
    }
}
