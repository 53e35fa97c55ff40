//! Keys that rotate while responses arrive in any order. A model knows which two keys may be used,
//! and the vendor which of them is good.

#![allow(
    clippy::unwrap_used,
    reason = "a property panics where it does not hold"
)]

mod model;
mod vendor;

use http::StatusCode;
use multi_auth_properties::{cases, runtime};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;

use self::model::{Model, Step};
use self::vendor::Key;

const STATUSES: &[StatusCode] = &[
    StatusCode::OK,
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::FOUND,
];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => key().prop_map(Step::Rotate),
        1 => key().prop_map(Step::Replace),
        3 => (0usize..4).prop_map(Step::Toggle),
        1 => any::<bool>().prop_map(Step::Down),
        2 => select(&[1, 30, 61, 100][..]).prop_map(Step::Wait),
        6 => Just(Step::Request),
        4 => Just(Step::Send),
        4 => (0usize..6, select(STATUSES)).prop_map(|(back, status)| Step::Answer(back, status)),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    let life = prop_oneof![3 => Just(None), 1 => (0u64..200).prop_map(Some)];
    (any::<bool>(), life, any::<bool>()).prop_map(|(is_good, life, obtains_tokens)| Key {
        is_good,
        life,
        obtains_tokens,
    })
}

async fn rotate(steps: Vec<Step>) -> TestCaseResult {
    let mut model = Model::new();
    for step in steps {
        model.take(step).await?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(1024), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_two_keys_the_one_that_is_good_serves(steps in vec(step(), 1..30)) {
        runtime().block_on(rotate(steps))?;
    }
}

/// More token requests fail than a cache usually makes at once.
#[test]
fn a_good_key_serves_once_its_vendor_is_up_again() {
    let key = Key {
        is_good: true,
        obtains_tokens: true,
        ..Key::default()
    };
    let mut steps = Vec::from([Step::Down(true), Step::Replace(key)]);
    steps.extend(std::iter::repeat_n(Step::Request, 20));
    steps.extend([Step::Down(false), Step::Request]);
    runtime().block_on(rotate(steps)).unwrap();
}
