//! What is wrong with a value that the program gave: a secret, a URL, a name.

use std::borrow::Cow;

/// What is wrong with a value that you gave. The value itself is never shown if it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum InputProblem {
    /// A secret has a format that cannot be right.
    #[non_exhaustive]
    Secret {
        /// What was given: "API key", "user".
        what: &'static str,
        /// What is wrong with it.
        problem: SecretProblem,
    },
    /// A URL cannot be a protection space or an endpoint.
    #[non_exhaustive]
    Url {
        /// What was given: "protection space", "token endpoint".
        what: &'static str,
        /// What is wrong with it.
        problem: UrlProblem,
    },
    /// The name of a header field, query parameter, cookie or account cannot be sent as it is.
    #[non_exhaustive]
    Name {
        /// What was named: "header name", "cookie name".
        what: &'static str,
    },
    /// Two bindings claim one protection space.
    #[non_exhaustive]
    DuplicateBinding {
        /// The protection space, as origin, path and account.
        protection_space: String,
    },
    /// A scheme was asked to do what it cannot.
    #[non_exhaustive]
    Unsupported {
        /// What it cannot do.
        what: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
}

impl InputProblem {
    /// What is wrong.
    #[must_use]
    pub fn fact(&self) -> Cow<'static, str> {
        match self {
            Self::Secret { what, problem } => format!("the {what} {}", problem.fact()).into(),
            Self::Url { what, problem } => format!("the {what} {}", problem.fact()).into(),
            Self::Name { what } => format!("the {what} is not a valid name").into(),
            Self::DuplicateBinding { protection_space } => {
                format!("two credentials are bound to {protection_space}").into()
            }
            Self::Unsupported { what, .. } => (*what).into(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Secret { problem, .. } => problem.remedy(),
            Self::Url { problem, .. } => problem.remedy(),
            Self::Name { .. } => {
                "use letters, digits and hyphens, as in the vendor's documentation"
            }
            Self::DuplicateBinding { .. } => {
                "remove one, or tell them apart by a path prefix or an account"
            }
            Self::Unsupported { remedy, .. } => remedy,
        }
    }
}

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

impl UrlProblem {
    /// What is wrong, to follow the name of the URL.
    #[must_use]
    pub fn fact(self) -> &'static str {
        match self {
            Self::NotAbsolute => "is not an absolute URL",
            Self::Scheme => "is neither https nor http",
            Self::PlainHttp => "is plain http, which anyone on the way can read",
            Self::Userinfo => "has a user or password in it",
            Self::Fragment => "has a fragment (`#...`) in it, which is never sent",
            Self::Query => "has a query (`?...`) in it",
            Self::PathSegment => "is not one segment of a path",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NotAbsolute | Self::Scheme => "write it as in https://api.example.com",
            Self::PlainHttp => "use https (only loopback addresses may go without)",
            Self::Userinfo => "leave it out, and give credentials to a scheme",
            Self::Fragment | Self::Query => "leave it out",
            Self::PathSegment => "give letters, digits, hyphens and underscores only",
        }
    }
}
