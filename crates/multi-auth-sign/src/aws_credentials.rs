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

#[cfg(test)]
mod tests;
