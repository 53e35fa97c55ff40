//! Environment variables, from the process or from a closure.

use secrecy::zeroize::Zeroizing;

use super::AwsCredentialsProblem as Problem;
use crate::SignError;

/// The environment of the process. A value that is not Unicode counts as not set.
pub(super) fn process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The value of `name`. An empty one counts as not set, as in the SDKs of AWS.
pub(super) fn optional(
    lookup: &impl Fn(&str) -> Option<String>,
    name: &str,
) -> Option<Zeroizing<String>> {
    let value = Zeroizing::new(lookup(name)?);
    (!value.is_empty()).then_some(value)
}

pub(super) fn required(
    lookup: &impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Zeroizing<String>, SignError> {
    optional(lookup, name).ok_or_else(|| Problem::MissingVariable { name }.into())
}
