//! How processes share tokens through a store, without the code that does it.
//!
//! [`model`] states the protocol of `multi-auth-store` again, step by step, for a model checker
//! that tries every order of the steps and of the faults. [`timing`] does the same for the seconds
//! of one lease. [`simulation`] runs a deployment of 10,000 instances in virtual time, and counts
//! what the vendor sees.

pub mod model;
pub mod simulation;
pub mod timing;
