//! What the crate promises: keys are read or refused with a typed error, signatures are those of
//! the RFCs and of another library's verifier, and nothing shows a key.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on panics"
)]

mod claims;
mod described;
mod dpop;
mod keys;
mod openssl;
mod public;
mod read;
mod refused;
mod shown;
mod vectors;
mod verified;
