//! Responses that arrive after another request has changed the nonce.

use std::sync::Arc;

use multi_auth::Rejection;

use super::*;
use crate::digest::counter::Counter;
use crate::digest::session::Session;

#[test]
fn concurrent_first_requests_share_the_nonce_of_the_first_response() {
    let digest = digest();
    let [first, second] = [ready(&digest), ready(&digest)];
    assert_eq!(refused(&digest, &first, &[&sha256("n1")]), Verdict::Resign);
    assert_eq!(refused(&digest, &second, &[&sha256("n2")]), Verdict::Resign);
    assert_eq!(next(&digest), "n1 1");
}

#[test]
fn a_late_refusal_does_not_replace_a_newer_nonce() {
    let digest = digest();
    refused(&digest, &ready(&digest), &[&sha256("n1")]);
    let [early, late, last] = [ready(&digest), ready(&digest), ready(&digest)];
    assert_eq!(refused(&digest, &early, &[&sha256("n2")]), Verdict::Resign);
    for challenge in [sha256("n3"), sha256("n1")] {
        assert_eq!(refused(&digest, &late, &[&challenge]), Verdict::Resign);
    }
    assert_eq!(refused(&digest, &last, &["Basic"]), Verdict::Resign);
    assert_eq!(next(&digest), "n2 1");
}

#[test]
fn a_late_refusal_with_its_own_nonce_is_final_after_the_nonce_was_forgotten() {
    let digest = digest();
    refused(&digest, &ready(&digest), &[&sha256("n1")]);
    let [early, late, last] = [ready(&digest), ready(&digest), ready(&digest)];
    let unknown = sha256("n2").replace("SHA-256", "SHA-3");
    assert_eq!(refused(&digest, &early, &[&unknown]), Verdict::Resign);
    let rejected = Verdict::Reject(Rejection::FixedKey);
    assert_eq!(refused(&digest, &late, &[&sha256("n1")]), rejected);
    assert_eq!(next(&digest), "unsigned");
    assert_eq!(refused(&digest, &last, &[&sha256("n3")]), Verdict::Resign);
    assert_eq!(next(&digest), "n3 1");
}

#[test]
fn a_late_success_does_not_replace_a_newer_nonce() {
    let digest = digest();
    refused(&digest, &ready(&digest), &[&sha256("n1")]);
    let [early, late] = [ready(&digest), ready(&digest)];
    assert_eq!(accepted(&digest, &early, "n2"), Verdict::Accept);
    assert_eq!(accepted(&digest, &late, "n3"), Verdict::Accept);
    assert_eq!(next(&digest), "n2 1");
}

#[test]
fn a_challenge_on_another_status_is_ignored() {
    let digest = digest();
    for status in [200, 302, 403, 407, 500] {
        let headers = fields("www-authenticate", &[&sha256("n1")]);
        let response = ResponseHead::new(StatusCode::from_u16(status).unwrap(), &headers);
        let verdict = digest.judge(ready(&digest).id(), &response);
        assert_eq!(verdict, Verdict::Accept);
        assert_eq!(next(&digest), "unsigned");
    }
}

#[test]
fn a_response_to_a_foreign_credential_is_ignored() {
    let digest = digest();
    let foreign = ready(&super::digest());
    assert_eq!(
        refused(&digest, &foreign, &[&sha256("n1")]),
        Verdict::Accept
    );
    assert_eq!(next(&digest), "unsigned");
}

#[test]
fn each_origin_has_its_own_nonce() {
    let digest = digest();
    let urls = [
        "https://a.example/",
        "http://a.example/",
        "https://a.example:8443/",
        "https://b.example/",
    ];
    let sent = |url| {
        let parts = get(url);
        digest
            .ready(&RequestHead::from_parts(&parts))
            .unwrap()
            .unwrap()
    };
    let unsigned = urls.map(sent);
    for (number, credential) in unsigned.iter().enumerate() {
        let verdict = refused(&digest, credential, &[&sha256(&format!("n{number}"))]);
        assert_eq!(verdict, Verdict::Resign);
    }
    for (number, url) in urls.into_iter().enumerate() {
        let sent = Sent::by(&sent(url)).unwrap();
        assert_eq!(sent.nonce(), (format!("n{number}").as_str(), 1));
    }
    let same = Sent::by(&sent("HTTPS://A.example:443/other?query")).unwrap();
    assert_eq!(same.nonce(), ("n0", 2));
}

#[test]
fn memory_is_bounded_and_a_forgotten_origin_begins_anew() {
    let digest = digest();
    let first = ready(&digest);
    refused(&digest, &first, &[&sha256("n1")]);
    for number in 0..200 {
        let parts = get(&format!("https://{number}.example/"));
        let _ = digest.ready(&RequestHead::from_parts(&parts));
    }
    assert_eq!(digest.origins.count(), 64);
    assert_eq!(refused(&digest, &first, &[&sha256("n2")]), Verdict::Accept);
    assert_eq!(next(&digest), "unsigned");
}

#[test]
fn a_nonce_that_is_used_up_is_given_back() {
    let digest = digest();
    refused(&digest, &ready(&digest), &[&sha256("n1")]);
    let parts = get("https://a.example/");
    let origin = digest.origins.at(&RequestHead::from_parts(&parts));
    let offer = origin.answer().session().unwrap().offer.clone();
    let counter = Arc::new(Counter::used_up());
    let session = Session::begin(&digest.settings.user, offer, counter, b"c");
    origin.set(Answer::Session(Box::new(session)));
    assert!(ready(&digest).is_empty() && ready(&digest).id().is_refreshable());
    assert_eq!(
        refused(&digest, &ready(&digest), &[&sha256("n2")]),
        Verdict::Resign
    );
    assert_eq!(next(&digest), "n2 1");
}

#[test]
fn a_counter_ends_before_it_repeats() {
    assert_eq!(Counter::default().next(), Some(1));
    let counter = Counter::used_up();
    assert_eq!([counter.next(), counter.next()], [None, None]);
}
