//! A simulation of a deployment: 10,000 instances that share the tokens of a vendor.
//!
//! It counts the token requests that reach the vendor, with and without a store. Time is virtual:
//! a queue holds the events, and a clock jumps from one to the next. One seed always gives the same
//! events.
//!
//! Only the requests that matter are events. The requests of an instance are a Poisson process, so
//! the time from any moment to its next request has the same distribution. While an instance has
//! a fresh token, its next event is the first request after the token is due for a refresh.
//!
//! These parts are left out: the time of a round trip to the store, the limit of token requests
//! within one process, and processes that are stopped.

mod exchange;
mod instance;
mod lock;
mod metrics;
mod plot;
mod queue;
mod random;
mod rules;
mod run;
mod scenario;
mod shared;
mod store;
mod table;
mod vendor;

pub use self::metrics::{Metrics, Span};
pub use self::plot::plot;
pub use self::run::simulate;
pub use self::scenario::{Fault, Scenario, Variant};
pub use self::table::{faults, steady};

/// A time since the start of the simulation.
pub type Time = std::time::Duration;
