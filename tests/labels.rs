//! Labels are bounded in number and hold no secret. They are counted for the whole program, so this
//! is alone in its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;

use http::Request;
use metrics::{set_default_local_recorder, with_local_recorder};
use metrics_util::debugging::DebuggingRecorder;
use multi_auth::adapter::RequestAuth;
use multi_auth::{
    Account, ApiKey, AuthError, Bearer, Keyring, ProtectionSpace, RequestHead, Token, source_fn,
};
use multi_auth_testing::Canary;

const MANY: usize = 1000;

/// Every value of every label that `recorder` has heard.
fn values(recorder: &DebuggingRecorder) -> BTreeSet<String> {
    let all = recorder.snapshotter().snapshot().into_vec();
    let keys = all.into_iter().map(|(key, ..)| key.key().clone());
    keys.flat_map(|key| {
        let values = key.labels().map(|label| label.value().to_owned());
        values.collect::<Vec<_>>()
    })
    .collect()
}

/// Attaches a credential to a request to each of the vendors, with a secret wherever there is room
/// for one.
fn run(secret: &str) {
    let mut builder = Keyring::builder();
    for number in 0..MANY {
        let scope = format!("https://vendor-{number}.example/{secret}");
        let scope = ProtectionSpace::new(&scope).unwrap();
        let key = ApiKey::header("x-key", secret.to_owned()).unwrap();
        let named = scope.clone().with_account(Account::new(secret));
        builder = builder.bind(scope, key.clone()).unwrap();
        builder = builder.bind(named, key).unwrap();
    }
    let keyring = builder.build();
    for number in 0..=MANY {
        let uri = format!("https://user:{secret}@vendor-{number}.example/{secret}?key={secret}");
        let mut parts = Request::get(uri).body(()).unwrap().into_parts().0;
        let head = RequestHead::from_parts(&parts);
        let credential = keyring.ready(&head).unwrap().unwrap();
        if !credential.is_empty() {
            let prepared = RequestAuth::<()>::prepare(&keyring, credential, &head, || None);
            let auth = prepared.attach(&mut parts).unwrap();
            assert!(auth.is_attached());
        }
    }
}

/// Token requests that bring a secret, and that fail with one in their error.
async fn token_request(secret: &str) {
    let token = Token::new(secret.to_owned());
    let good = source_fn(move || {
        let token = token.clone();
        async { Ok(token) }
    });
    let error = AuthError::permanent(secret.to_owned());
    let bad = source_fn(move || {
        let error = error.clone();
        async { Err(error) }
    });
    Bearer::new(good).refresh().await.unwrap();
    Bearer::new(bad).refresh().await.unwrap_err();
}

#[test]
fn a_thousand_vendors_give_at_most_257_labels() {
    let canary = Canary::new("label");
    let recorder = DebuggingRecorder::new();
    with_local_recorder(&recorder, || run(canary.as_str()));
    let mut values = values(&recorder);
    assert_holds_none(&canary, &values);
    assert!(values.remove("unbound"), "why a request was not served");
    assert!(values.contains("other") && values.contains("vendor-0.example"));
    assert_eq!(values.len(), 257);
}

#[tokio::test]
async fn what_a_token_request_brings_is_in_no_label() {
    let canary = Canary::new("label");
    let recorder = DebuggingRecorder::new();
    let _recording = set_default_local_recorder(&recorder);
    token_request(canary.as_str()).await;
    let values = values(&recorder);
    assert_holds_none(&canary, &values);
    let expected = ["forced", "other", "success", "unlabelled"].map(str::to_owned);
    assert_eq!(values, BTreeSet::from(expected));
}

fn assert_holds_none(canary: &Canary, values: &BTreeSet<String>) {
    for value in values {
        assert!(canary.find_in(value).is_none(), "{value}");
    }
}
