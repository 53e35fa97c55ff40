//! What exactly is wrong with a secret, a URL or a token request.

use http::StatusCode;

use super::OAuthErrorKind;
use crate::TransportError;

/// What is wrong with a secret. The value itself is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum SecretProblem {
    /// There is nothing in it.
    Empty,
    /// It should be `user:pass`.
    MissingColon,
    /// A user-id cannot hold a colon (RFC 7617, 2).
    ColonInUser,
    /// It ends with a line break, as files do.
    TrailingNewline,
    /// It holds CR, LF, NUL or another control character.
    ControlCharacter,
    /// It begins or ends with a space, which a header field would lose (RFC 9110, 5.5).
    OuterSpace,
    /// It holds characters that cannot stand where it is sent.
    NotAscii,
    /// It should be base64 of `user:pass`.
    NotBase64,
    /// The prefix would be sent twice.
    PrefixTwice,
    /// A cookie value cannot hold it (RFC 6265, 4.1.1).
    NotCookie,
    /// It is longer than 32 KiB, which no server takes.
    TooLong,
}

impl SecretProblem {
    /// What is wrong, to follow the name of the secret.
    #[must_use]
    pub fn fact(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::MissingColon => "has no colon",
            Self::ColonInUser => "has a colon in it",
            Self::TrailingNewline => "ends with a line break",
            Self::ControlCharacter => "has a control character in it",
            Self::OuterSpace => "begins or ends with a space",
            Self::NotAscii => "has a character outside visible ASCII in it",
            Self::NotBase64 => "is not base64",
            Self::PrefixTwice => "already begins with the prefix that is put before it",
            Self::NotCookie => "has a character in it that a cookie cannot hold",
            Self::TooLong => "is longer than 32 KiB",
        }
    }

    /// What the user can do about a secret of their own.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Empty => "give the value that the vendor issued",
            Self::MissingColon => "give the whole key, in the form `user:pass`",
            Self::ColonInUser => {
                "leave it out, since a colon separates user and password, and only the password may hold one"
            }
            Self::TrailingNewline => "trim it where it is read, as files and editors add one",
            Self::ControlCharacter => "copy the value anew, without line breaks or tabs",
            Self::OuterSpace => "copy the value anew, without the spaces around it",
            Self::NotAscii => "copy the value anew, as the vendor shows it",
            Self::NotBase64 => "give the encoded form, or use the constructor for the plain key",
            Self::PrefixTwice => "give the bare key",
            Self::NotCookie => "encode it as the vendor says",
            Self::TooLong => "give the key alone: no server takes a header field of that length",
        }
    }
}

/// What is wrong with a URL. The URL itself is not shown, for it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum UrlProblem {
    /// It cannot be read as a URL with a host.
    NotAbsolute,
    /// Its scheme is neither `https` nor `http`.
    Scheme,
    /// It is `http` to a host that is not a loopback address. The ways out have
    /// `dangerous_plain_http` in their names.
    PlainHttp,
    /// It has a user or password in it.
    Userinfo,
    /// It has a fragment.
    Fragment,
    /// It has a query.
    Query,
    /// It cannot be one segment of a path.
    PathSegment,
}

/// Where an endpoint's redirect leads. The URL itself is not shown, for whoever wrote it may have put
/// the key into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectTarget {
    /// Another path or query at the endpoint's own origin.
    #[error("another path at its own origin")]
    SameOrigin,
    /// The endpoint's own host, at another scheme or port.
    #[error("another scheme or port of its own host")]
    SameHost,
    /// Another host.
    #[error("another host")]
    OtherHost,
    /// Nowhere: there is no `Location`, or none that can be read.
    #[error("nowhere")]
    Nowhere,
}

/// What went wrong with a token request. Nothing that the endpoint says is repeated in it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum TokenRequestProblem {
    /// The endpoint refused the key (401, or `authenticated: false`).
    Refused,
    /// The endpoint knows the key, but it may not be exchanged (403).
    Forbidden,
    /// The endpoint answered with an OAuth error code (RFC 6749, 5.2).
    #[non_exhaustive]
    Denied {
        /// The code, such as `invalid_grant`: one of those registered for token endpoints.
        code: &'static str,
        /// What the code is about.
        kind: OAuthErrorKind,
    },
    /// The endpoint answered with another status that is not a success.
    Status(StatusCode),
    /// The endpoint answered with a redirect, which a token request never follows.
    #[non_exhaustive]
    Redirect {
        /// The redirect's status.
        status: StatusCode,
        /// Where it leads.
        target: RedirectTarget,
    },
    /// The answer is a web page: most likely the base URL is wrong.
    Html,
    /// The answer cannot be read.
    NotJson,
    /// The answer has no body.
    Empty,
    /// The answer lacks the token, or a member it should have.
    #[non_exhaustive]
    Missing {
        /// The member's place, as a JSON pointer (RFC 6901).
        member: String,
    },
    /// A member has a type or value that cannot be used.
    #[non_exhaustive]
    Malformed {
        /// The member's place, as a JSON pointer (RFC 6901).
        member: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The token is of a type that cannot be sent as a bearer token (RFC 6749, 7.1).
    TokenType,
    /// The token holds what a header field cannot.
    Token(SecretProblem),
    /// The token had expired when it came: its lifetime was zero or under one second, or its expiry was past
    /// by this machine's clock (by the vendor's, where the answer has a `Date`). It was not sent.
    ExpiredOnArrival,
    /// The cache has made as many token requests as
    /// [`refresh_limit`](crate::BearerBuilder::refresh_limit) allows.
    Throttled,
    /// This program has made as many token requests at the token endpoint's origin as
    /// [`endpoint_limit`](crate::TokenEndpointBuilder::endpoint_limit) allows, over all accounts.
    BudgetSpent,
    /// The answer could not be had at all.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The token request took longer than its time limit, or than its token lives.
    Timeout,
    /// The token source panicked. Look for its message in the program's output.
    Panicked,
    /// The runtime on which the token request ran was shut down.
    Interrupted,
}

impl TokenRequestProblem {
    /// Whether a time limit passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Timeout => true,
            Self::Transport(error) => error.is_timeout(),
            _ => false,
        }
    }

    /// Whether a later token request may succeed with nothing changed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status(status) => {
                status.is_server_error()
                    || matches!(
                        *status,
                        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
                    )
            }
            Self::Denied { kind, .. } => *kind == OAuthErrorKind::Transient,
            Self::Html
            | Self::NotJson
            | Self::Empty
            | Self::Transport(_)
            | Self::Timeout
            | Self::Throttled
            | Self::BudgetSpent
            | Self::Panicked
            | Self::Interrupted => true,
            Self::Refused
            | Self::Forbidden
            | Self::Redirect { .. }
            | Self::Missing { .. }
            | Self::Malformed { .. }
            | Self::TokenType
            | Self::ExpiredOnArrival
            | Self::Token(_) => false,
        }
    }
}
