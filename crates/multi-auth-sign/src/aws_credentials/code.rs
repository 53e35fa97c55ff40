//! The error codes that AWS answers a request for credentials with.

use super::AwsCredentialsProblem as Problem;

/// A code that AWS documents.
#[derive(Clone, Copy)]
pub(super) struct Code {
    name: &'static str,
    is_transient: bool,
    remedy: &'static str,
}

impl Code {
    /// The error of `who`, which answered with this code.
    pub(super) fn denied(self, who: &'static str) -> Problem {
        Problem::Denied {
            who,
            code: self.name,
            is_transient: self.is_transient,
        }
    }
}

const fn permanent(name: &'static str, remedy: &'static str) -> Code {
    Code {
        name,
        is_transient: false,
        remedy,
    }
}

const fn transient(name: &'static str) -> Code {
    Code {
        name,
        is_transient: true,
        remedy: LATER,
    }
}

const LATER: &str = "try again later";

/// Those of `AssumeRoleWithWebIdentity`
/// ([AWS](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html)),
/// those that all actions have
/// ([AWS](https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html)), and those of the
/// metadata service
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html)).
const CODES: [Code; 19] = [
    permanent(
        "AccessDenied",
        "check the trust policy of the role, and its conditions on `aud` and `sub`",
    ),
    permanent(
        "AssumeRoleUnauthorizedAccess",
        "let the trust policy of the role trust `ec2.amazonaws.com`",
    ),
    permanent(
        "ExpiredToken",
        "check that something renews the web identity token file",
    ),
    permanent(
        "ExpiredTokenException",
        "check that something renews the web identity token file",
    ),
    transient("Failed"),
    transient("IDPCommunicationError"),
    permanent(
        "IDPRejectedClaim",
        "check the web identity token with the identity provider",
    ),
    permanent(
        "InvalidIdentityToken",
        "compare the issuer and the audience of the token with the identity provider in IAM",
    ),
    transient("InternalFailure"),
    permanent(
        "InvalidInstanceProfile",
        "attach an instance profile with a role to the instance",
    ),
    permanent(
        "MalformedPolicyDocument",
        "correct the policies of the role",
    ),
    permanent(
        "PackedPolicyTooLarge",
        "shorten the policies and tags of the session",
    ),
    permanent(
        "RegionDisabledException",
        "activate STS in this region, or use the endpoint of another one",
    ),
    transient("RequestLimitExceeded"),
    transient("ServiceUnavailable"),
    transient("Throttling"),
    transient("ThrottlingException"),
    transient("TooManyRequestsException"),
    permanent(
        "ValidationError",
        "check the role ARN, the session name and the duration",
    ),
];

/// The documented code of this name. The text of a response is never shown.
pub(super) fn known(name: &str) -> Option<Code> {
    CODES.into_iter().find(|code| code.name == name)
}

pub(super) fn remedy(name: &str) -> &'static str {
    known(name).map_or(LATER, |code| code.remedy)
}
