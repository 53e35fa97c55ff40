//! A model of the protocol: processes, one store, one vendor, and the messages between them.
//!
//! A checker visits every state that the [`Setup`] allows. Each message is two or three steps: it
//! is sent, it is executed, and its answer is delivered. A message may be executed late, also after
//! its sender has given up or crashed.
//!
//! These simplifications do not hide states:
//!
//! - `held`, `paused` and `newer` are delivered when they are executed. They change nothing in the
//!   store, so a lost one is the same as a request that was lost.
//! - A lease is not extended. It may instead end at any time, which counts as a fault while its
//!   holder is alive. [`timing`](crate::timing) says when it can end.
//! - A process that finds a newer entry than expected reads it in the same step. Its next
//!   publication is checked again.
//! - A process checks its lease and sends its token request in one step. The lease may end while
//!   the token request is on its way.

mod action;
mod answers;
mod effects;
mod fault_steps;
mod faults;
mod guards;
mod history;
mod network;
mod process;
mod properties;
mod setbacks;
mod setup;
mod state;
mod steps;
mod store;
mod vendor;

pub use self::action::Action;
pub use self::faults::Faults;
pub use self::guards::Guard;
pub use self::properties::name;
pub use self::setup::{Mode, Setup};
pub use self::state::State;
