//! Where credentials of AWS come from: the environment, profiles, STS, containers and instances.

mod client;
mod code;
mod container;
mod endpoint;
mod environment;
mod expiry;
mod file;
mod ini;
mod instance_metadata;
mod json;
mod problem;
mod profile;
mod sts;
mod variables;
mod web_identity;

pub use container::AwsContainer;
pub use instance_metadata::AwsInstanceMetadata;
pub use problem::AwsCredentialsProblem;
pub use profile::AwsProfile;
pub use web_identity::AwsWebIdentity;

/// Whether the name of a role or of its session may have `byte`
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html)).
fn is_part_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte)
}

#[cfg(test)]
mod tests;
