//! Why credentials of AWS are not available.

use std::borrow::Cow;
use std::io;

use multi_auth::UrlProblem;

/// Why credentials of AWS are not available. No text has a part of a file, a response or a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AwsCredentialsProblem {
    /// An environment variable is not set, is empty, or is not Unicode.
    #[non_exhaustive]
    MissingVariable {
        /// Its name.
        name: &'static str,
    },
    /// A file cannot be read.
    #[non_exhaustive]
    File {
        /// The kind of the file: "web identity token file".
        what: &'static str,
        /// Its path.
        path: Box<str>,
        /// Why it cannot be read. A file that is empty, or is not UTF-8, has invalid data.
        kind: io::ErrorKind,
    },
    /// A line of a profile file is invalid.
    #[non_exhaustive]
    Syntax {
        /// The path of the file.
        path: Box<str>,
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with the line.
        what: &'static str,
    },
    /// The profile is in neither file.
    #[non_exhaustive]
    NoProfile {
        /// Its name.
        profile: Box<str>,
    },
    /// The profile lacks a setting.
    #[non_exhaustive]
    MissingSetting {
        /// The name of the profile.
        profile: Box<str>,
        /// The name of the setting.
        setting: &'static str,
    },
    /// The profile obtains its credentials in a way that is not supported.
    #[non_exhaustive]
    Unsupported {
        /// The name of the profile.
        profile: Box<str>,
        /// The setting that says so.
        setting: &'static str,
    },
    /// A URL is not one that credentials are requested from.
    #[non_exhaustive]
    Url {
        /// What it is for: "STS endpoint".
        what: &'static str,
        /// What is wrong with it.
        problem: UrlProblem,
    },
    /// A value has the wrong form.
    #[non_exhaustive]
    Value {
        /// What it is: "role ARN".
        what: &'static str,
        /// How to write it.
        remedy: &'static str,
    },
    /// The instance has no role.
    NoRole,
    /// AWS answered with an error.
    #[non_exhaustive]
    Denied {
        /// What answered: "STS".
        who: &'static str,
        /// The code of the error, one that AWS documents.
        code: &'static str,
        /// Whether the same request may succeed later.
        is_transient: bool,
    },
    /// A response lacks a member, or its value is invalid.
    #[non_exhaustive]
    Response {
        /// What answered: "STS".
        who: &'static str,
        /// The name of the member.
        member: &'static str,
    },
}

impl AwsCredentialsProblem {
    pub(crate) fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Denied {
                is_transient: true,
                ..
            }
        )
    }

    pub(crate) fn fact(&self) -> Cow<'static, str> {
        let text = match self {
            Self::MissingVariable { name } => {
                format!("the environment variable `{name}` has no value")
            }
            Self::File { what, path, kind } => {
                format!("the {what} `{path}` cannot be read ({kind})")
            }
            Self::Syntax { path, line, what } => format!("line {line} of `{path}` {what}"),
            Self::NoProfile { profile } => {
                format!("the AWS profile `{profile}` is in neither of the profile files")
            }
            Self::MissingSetting { profile, setting } => {
                format!("the AWS profile `{profile}` has no `{setting}`")
            }
            Self::Unsupported { profile, setting } => {
                format!("the AWS profile `{profile}` has `{setting}`, which is not supported")
            }
            Self::Url { what, problem } => format!("the {what} {}", problem.fact()),
            Self::Value { what, .. } => format!("the {what} is invalid"),
            Self::NoRole => "the EC2 instance has no IAM role".to_owned(),
            Self::Denied { who, code, .. } => format!("{who} answered with the error `{code}`"),
            Self::Response { who, member } => {
                format!("the response of {who} has no valid `{member}`")
            }
        };
        text.into()
    }

    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::MissingVariable { .. } => "set it",
            Self::File { .. } => "check the path, the permissions and the content of the file",
            Self::Syntax { .. } => "correct the line: `[section]`, `name = value` or `# comment`",
            Self::NoProfile { .. } => {
                "add it to `~/.aws/credentials`, or name another one with `AWS_PROFILE`"
            }
            Self::MissingSetting { .. } => "add it to the profile",
            Self::Unsupported { .. } => {
                "use a profile with `aws_access_key_id`, or the source for that way, such as `AwsWebIdentity`"
            }
            Self::Url {
                problem: UrlProblem::PlainHttp,
                ..
            } => {
                "use https: only loopback addresses and the addresses that AWS documents may use http"
            }
            Self::Url { problem, .. } => problem.remedy(),
            Self::Value { remedy, .. } => remedy,
            Self::NoRole => "attach an instance profile with a role to the instance",
            Self::Denied { code, .. } => super::code::remedy(code),
            Self::Response { .. } => "check that the endpoint is that of AWS",
        }
    }
}
