//! Why a request got no response from its vendor.

use std::error::Error;
use std::iter::successors;

use multi_auth::AuthError;

use crate::address::PrivateAddress;
use crate::body::Ended;
use crate::problem::{Kind, Problem};
use crate::replay::Unsignable;
use crate::upstream::Late;

/// The problem behind `error`. Its text has no URL.
pub(crate) fn problem_of(error: &(dyn Error + Send + Sync + 'static)) -> Problem {
    if let Some(error) = AuthError::find(error) {
        return of_credential(error);
    }
    if let Some(problem) = find::<Unsignable>(error) {
        let kind = match problem {
            Unsignable::TooLong => Kind::TooLarge,
            Unsignable::Trailers => Kind::BadBody,
            Unsignable::Late => Kind::SlowBody,
        };
        return Problem::new(kind, problem.to_string());
    }
    if find::<PrivateAddress>(error).is_some() {
        return Problem::new(
            Kind::PrivateAddress,
            "the vendor's host has a private address",
        );
    }
    if find::<Late>(error).is_some() {
        return Problem::new(
            Kind::Timeout,
            "the vendor did not begin its response in time",
        );
    }
    if let Some(client) = find::<hyper_util::client::legacy::Error>(error)
        && client.is_connect()
    {
        return Problem::new(
            Kind::Unreachable,
            "the proxy could not connect to the vendor",
        );
    }
    if find::<Ended>(error).is_some() {
        return Problem::new(Kind::BadBody, "the body of the request ended early");
    }
    Problem::new(
        Kind::CutOff,
        "the vendor closed the connection without a response",
    )
}

/// The problem behind the `error` of a connection for a tunnel.
pub(crate) fn problem_of_connection(error: &(dyn Error + Send + Sync + 'static)) -> Problem {
    if find::<PrivateAddress>(error).is_some() {
        return Problem::new(Kind::PrivateAddress, "the host has a private address");
    }
    Problem::new(Kind::Unreachable, "the proxy could not connect to the host")
}

fn of_credential(error: &AuthError) -> Problem {
    let kind = if error.is_transient() {
        Kind::CredentialLater
    } else {
        Kind::NoCredential
    };
    Problem::new(kind, error.fact().into_owned()).with_retry_after(error.retry_after())
}

/// The first cause of `error` that is an `E`.
fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut causes = successors(Some(error), |error| (*error).source());
    causes.find_map(|cause| cause.downcast_ref())
}
