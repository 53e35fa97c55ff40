use http::{HeaderMap, HeaderName, HeaderValue, Request};

use super::*;
use crate::{CredentialId, Generation, Placement};

fn refreshable(credential: Credential) -> Credential {
    credential.with_id(CredentialId::refreshable(Generation::next()))
}

fn in_query() -> Credential {
    let place = Placement::query("key").unwrap();
    refreshable(place.credential(&"k-1".into()).unwrap())
}

fn in_header(name: &'static str) -> Credential {
    let value = HeaderValue::from_static("k-2");
    refreshable(Credential::header(HeaderName::from_static(name), value))
}

fn attached(credential: Credential) -> RequestAuth<()> {
    let keyring = Keyring::builder().build();
    let request = Request::get("https://a.example/").body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    let head = RequestHead::from_parts(&parts);
    let prepared = RequestAuth::prepare(&keyring, credential, &head, || Some(()));
    prepared.attach(&mut parts).unwrap()
}

#[test]
fn the_keys_of_the_query_are_those_of_the_attached_credential() {
    let auth = attached(in_query());
    assert!(auth.is_attached() && auth.query_keys().is_some());
    let auth = attached(in_header("x-key"));
    assert!(auth.is_attached() && auth.query_keys().is_none());
}

#[test]
fn the_callers_own_wins_in_a_full_header_map_too() {
    let mut request = Request::new(());
    let mut number = 0;
    let value = || HeaderValue::from_static("v");
    while request
        .headers_mut()
        .try_append(name(number), value())
        .is_ok()
    {
        number += 1;
    }
    let before: HeaderMap = request.headers().clone();
    assert!(
        in_header("x-other").attach(&mut request).is_err(),
        "{}",
        before.len()
    );
    assert!(!in_header("x-0").attach(&mut request).unwrap());
    assert_eq!(*request.headers(), before);
}

fn name(number: u32) -> HeaderName {
    format!("x-{number}").parse().unwrap()
}
