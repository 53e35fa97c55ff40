//! Properties that hold for any bytes from outside. Each property is a function of bytes that
//! panics where it does not hold.
//!
//! They run in two ways: with random inputs among the ordinary tests (`tests/random`), and under
//! a fuzzer that looks for new paths through the code (`fuzz/` at the top of the repository).
//!
//! Besides, properties that hold in any order of events: models of a token's life and of keys that
//! rotate (`tests/token_life`, `tests/rotating_keys`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a property panics where it does not hold"
)]

mod cases;
pub use cases::cases;

mod challenges;
pub use challenges::challenges;

mod digest_challenges;
pub use digest_challenges::digest_challenges;

mod token_responses;
pub use token_responses::token_responses;

mod test_clock;
pub use test_clock::{Moment, TestClock};

mod keys;
pub use keys::keys;

mod locations;
pub use locations::locations;

mod retry_after;
pub use retry_after::retry_after;

mod protection_spaces;
pub use protection_spaces::protection_spaces;

mod server_documents;
pub use server_documents::server_documents;

mod sent;
pub use sent::{Sent, send};

mod signature_templates;
pub use signature_templates::signature_templates;

mod signed_requests;
pub use signed_requests::signed_requests;

mod signing_keys;
pub use signing_keys::signing_keys;

mod vendor_files;
pub use vendor_files::vendor_files;

mod token_request;
pub use token_request::runtime;
