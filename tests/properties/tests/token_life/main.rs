//! A token's life under any sequence of events: time, jumps of the wall clock, refusals, failures.
//! A model keeps what the vendor said of each token, and so knows which one a request may carry.

#![allow(
    clippy::unwrap_used,
    reason = "a property panics where it does not hold"
)]

mod model;
mod vendor;

use std::time::Duration;

use multi_auth::OnExpired;
use multi_auth_properties::{cases, runtime};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;

use self::model::{Model, Step};
use self::vendor::Answer;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0u64..40).prop_map(Step::Wait),
        2 => select(&[0, 1, 299, 3600, 100_000][..]).prop_map(Step::Wait),
        2 => prop_oneof![-200i64..200, -100_000i64..100_000].prop_map(Step::Jump),
        6 => Just(Step::Request),
        4 => (0usize..4).prop_map(Step::Refuse),
        1 => Just(Step::Invalidate),
        1 => Just(Step::Clear),
        1 => Just(Step::Refresh),
        4 => answer().prop_map(Step::Answer),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    let short = || prop_oneof![Just(0), Just(1), 2u64..400].prop_map(Duration::from_secs);
    let endless = select(&[u64::MAX, u64::MAX / 2][..]).prop_map(Duration::from_secs);
    prop_oneof![
        3 => short().prop_map(Answer::Lifetime),
        2 => endless.prop_map(Answer::Lifetime),
        3 => short().prop_map(Answer::Expiry),
        7 => Just(Answer::Endless),
        10 => Just(Answer::Down),
        5 => Just(Answer::Refused),
    ]
}

async fn live(steps: Vec<Step>, on_expired: OnExpired) -> TestCaseResult {
    let mut model = Model::new(on_expired);
    for step in steps {
        model.take(step).await?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(1024), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_token_is_used_in_its_life_and_never_after_its_refusal(
        steps in vec(step(), 1..40), on_expired in select(&[OnExpired::Fail, OnExpired::ServeStale][..]),
    ) {
        runtime().block_on(live(steps, on_expired))?;
    }
}
