//! How processes share tokens through a store, without the code that does it.
//!
//! [`model`] states the protocol of `multi-auth-store` again, step by step, for a model checker
//! that tries every order of the steps and of the faults.

pub mod model;
