//! What must hold whatever bytes come from outside. Each property is a function of bytes that
//! panics where it does not hold.
//!
//! They run in two ways: with random inputs among the ordinary tests (`tests/random.rs`), and under
//! a fuzzer that looks for new paths through the code (`fuzz/` at the top of the repository).
//!
//! Beside them, what must hold in whatever order things happen: models of a token's life and of
//! keys that rotate (`tests/token_life`, `tests/rotating_keys`).

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

mod exchange_answers;
pub use exchange_answers::exchange_answers;

mod hands;
pub use hands::{Hands, Moment};

mod keys;
pub use keys::keys;

mod locations;
pub use locations::locations;

mod retry_after;
pub use retry_after::retry_after;

mod scopes;
pub use scopes::scopes;

mod signing_keys;
pub use signing_keys::signing_keys;

mod sent;
pub use sent::{Sent, send};

mod exchange;
pub use exchange::runtime;
