//! What is wrong with an input value, such as a secret, a URL or a name.

use std::borrow::Cow;

/// What is wrong with an input value. A value that may be a secret is never printed.
///
/// ```
/// use multi_auth::{ApiKey, AuthError, InputProblem};
///
/// let error = ApiKey::header("x-api-key", "k-123\n").unwrap_err();
/// assert!(matches!(error, AuthError::Invalid(InputProblem::Secret { .. })));
/// assert_eq!(error.fact(), "the API key ends with a line break");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum InputProblem {
    /// A secret has an invalid format.
    #[non_exhaustive]
    Secret {
        /// What was given: "API key", "user".
        what: &'static str,
        /// What is wrong with it.
        problem: SecretProblem,
    },
    /// A URL is not valid as a protection space or an endpoint.
    #[non_exhaustive]
    Url {
        /// What was given: "protection space", "token endpoint".
        what: &'static str,
        /// What is wrong with it.
        problem: UrlProblem,
    },
    /// The name of a header field, query parameter, cookie or account is not valid.
    #[non_exhaustive]
    Name {
        /// What was named: "header name", "cookie name".
        what: &'static str,
    },
    /// Two bindings have the same protection space.
    #[non_exhaustive]
    DuplicateBinding {
        /// The protection space, as origin, path and account.
        protection_space: String,
    },
    /// The scheme does not support this.
    #[non_exhaustive]
    Unsupported {
        /// What it does not support.
        what: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
}

impl InputProblem {
    /// Returns what is wrong.
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

    /// Returns what to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Secret { problem, .. } => problem.remedy(),
            Self::Url { problem, .. } => problem.remedy(),
            Self::Name { .. } => {
                "use letters, digits and hyphens, as in the vendor's documentation"
            }
            Self::DuplicateBinding { .. } => {
                "remove one, or give them different path prefixes or accounts"
            }
            Self::Unsupported { remedy, .. } => remedy,
        }
    }
}

/// What is wrong with a secret. The value is never printed.
///
/// ```
/// use multi_auth::SecretProblem;
///
/// assert_eq!(SecretProblem::Empty.fact(), "is empty");
/// assert_eq!(SecretProblem::Empty.remedy(), "give the value that the vendor issued");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum SecretProblem {
    /// It is empty.
    Empty,
    /// It should be `user:pass`.
    MissingColon,
    /// It is a user-id with a colon (RFC 7617, 2).
    ColonInUser,
    /// It ends with a line break, which editors add to files.
    TrailingNewline,
    /// It holds CR, LF, NUL or another control character.
    ControlCharacter,
    /// It begins or ends with a space, which parsers remove from a header field (RFC 9110, 5.5).
    OuterSpace,
    /// It has a character that is not valid in its placement.
    NotAscii,
    /// It should be base64 of `user:pass`.
    NotBase64,
    /// It begins with the prefix of its placement, which would then be sent twice.
    PrefixTwice,
    /// It has a character that is not valid in a cookie value (RFC 6265, 4.1.1).
    NotCookie,
    /// It is longer than 32 KiB, which servers refuse.
    TooLong,
    /// It is not in the encoding that was named, such as hexadecimal.
    OtherEncoding,
}

impl SecretProblem {
    /// Returns what is wrong, as text to follow the name of the secret: "is empty".
    #[must_use]
    pub fn fact(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::MissingColon => "has no colon",
            Self::ColonInUser => "has a colon",
            Self::TrailingNewline => "ends with a line break",
            Self::ControlCharacter => "has a control character",
            Self::OuterSpace => "begins or ends with a space",
            Self::NotAscii => "has a character outside visible ASCII",
            Self::NotBase64 => "is not base64",
            Self::PrefixTwice => "begins with the prefix that is added to it",
            Self::NotCookie => "has a character that is not valid in a cookie",
            Self::TooLong => "is longer than 32 KiB",
            Self::OtherEncoding => "is not in its encoding",
        }
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Empty => "give the value that the vendor issued",
            Self::MissingColon => "give the whole key, in the form `user:pass`",
            Self::ColonInUser => {
                "remove it: the first colon separates user and password, and only the password may have one"
            }
            Self::TrailingNewline => "trim it where it is read: files and editors add one",
            Self::ControlCharacter => "copy the value again, without line breaks or tabs",
            Self::OuterSpace => "copy the value again, without the spaces around it",
            Self::NotAscii => "copy the value again, as the vendor shows it",
            Self::NotBase64 => "give the encoded form, or use the constructor for the plain key",
            Self::PrefixTwice => "give the bare key",
            Self::NotCookie => "encode it as the vendor's documentation says",
            Self::TooLong => "give the key alone: servers refuse a header field of that length",
            Self::OtherEncoding => {
                "name the encoding that the vendor uses: text, hexadecimal, base64 or base64url"
            }
        }
    }
}

/// What is wrong with a URL. The URL is not printed: it may hold a password.
///
/// ```
/// use multi_auth::{AuthError, InputProblem, ProtectionSpace, UrlProblem};
///
/// let error = ProtectionSpace::new("http://api.example.com").unwrap_err();
/// let AuthError::Invalid(InputProblem::Url { problem, .. }) = error else { panic!("{error}") };
/// assert_eq!(problem, UrlProblem::PlainHttp);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum UrlProblem {
    /// It is not an absolute URL with a host.
    NotAbsolute,
    /// Its scheme is neither `https` nor `http`.
    Scheme,
    /// It is `http` to a host that is not a loopback address. Constructors named
    /// `dangerous_plain_http` accept it.
    PlainHttp,
    /// It has a user or password.
    Userinfo,
    /// It has a fragment.
    Fragment,
    /// It has a query.
    Query,
    /// It is not valid as one segment of a path.
    PathSegment,
    /// It has a path.
    Path,
    /// Its host has a wildcard.
    Wildcard,
    /// Its host has a single label, such as `com`.
    TopLevelDomain,
}

impl UrlProblem {
    /// Returns what is wrong, as text to follow the name of the URL: "has a query (`?...`)".
    #[must_use]
    pub fn fact(self) -> &'static str {
        match self {
            Self::NotAbsolute => "is not an absolute URL",
            Self::Scheme => "is neither https nor http",
            Self::PlainHttp => "is plain http, which everyone on the network path can read",
            Self::Userinfo => "has a user or password",
            Self::Fragment => "has a fragment (`#...`), which is never sent",
            Self::Query => "has a query (`?...`)",
            Self::PathSegment => "is not one segment of a path",
            Self::Path => "has a path",
            Self::Wildcard => "has a wildcard",
            Self::TopLevelDomain => "has a host with a single label",
        }
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NotAbsolute | Self::Scheme => "write it as in https://api.example.com",
            Self::PlainHttp => "use https (only loopback addresses may use http)",
            Self::Userinfo => "remove it, and give the credential to a scheme",
            Self::Fragment | Self::Query | Self::Path => "remove it",
            Self::Wildcard => "write the domain alone: its subdomains are included",
            Self::TopLevelDomain => {
                "write the domain of the vendor, as in https://vendor.example.com"
            }
            Self::PathSegment => "use only letters, digits, hyphens and underscores",
        }
    }
}
