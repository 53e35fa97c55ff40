//! One suite of scenarios as data: what the vendor answers, how the clock moves, who calls, what
//! each caller gets and how long it waits. Each runs against the core alone and through each
//! adapter, in virtual time.

mod face;
mod script;
mod vendor;

mod expiry;
mod failure;
mod flight;
mod refusal;

/// Runs every script on the core alone and on each adapter.
macro_rules! on_each_face {
    ($($(#[$doc:meta])* fn $name:ident() -> Script $body:block)+) => {
        $($(#[$doc])* fn $name() -> Script $body)+

        mod by_core {
            $(#[tokio::test(start_paused = true)] async fn $name() {
                super::$name().run(crate::scenario::face::Face::Core).await;
            })+
        }

        mod by_reqwest {
            $(#[tokio::test(start_paused = true)] async fn $name() {
                super::$name().run(crate::scenario::face::Face::Reqwest).await;
            })+
        }

        mod by_tower {
            $(#[tokio::test(start_paused = true)] async fn $name() {
                super::$name().run(crate::scenario::face::Face::Tower).await;
            })+
        }
    };
}
use on_each_face;
