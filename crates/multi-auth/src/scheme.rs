//! The authentication schemes, one per file. Each implements
//! [`Authenticator`](crate::Authenticator).

mod basic;
pub use basic::Basic;

mod api_key;
pub use api_key::ApiKey;

mod bearer;
pub use bearer::{BaseUrls, Bearer, BearerBuilder, BearerWithBaseUrl, OnExpired};

mod all_of;
pub use all_of::AllOf;

mod sequence;
pub use sequence::Sequence;

mod rotating;
pub use rotating::{Rotating, Rotation};

mod fixed;
