//! Digest (RFC 7616) for the same request, after a challenge.

use std::hint::black_box;

use digest_auth::{AuthContext, HttpMethod};
use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;
use multi_auth_benches::callgrind::measured;
use multi_auth_benches::requests;

pub(crate) fn digest_auth() {
    let mut prompt = digest_auth::parse(requests::CHALLENGE).unwrap();
    let mut sign = |parts: &mut Parts| {
        let target = parts.uri.path_and_query().unwrap().as_str();
        let context = AuthContext::new_with_method(
            "Mufasa",
            "Circle of Life",
            target,
            None::<&[u8]>,
            HttpMethod::GET,
        );
        let answer = prompt.respond(&context).unwrap().to_header_string();
        let value = HeaderValue::try_from(answer).unwrap();
        parts.headers.insert(AUTHORIZATION, value);
    };
    requests::heads().iter_mut().for_each(&mut sign);
    let mut all = requests::heads();
    measured(|| {
        for parts in &mut all {
            sign(black_box(parts));
        }
    });
    assert!(
        all.iter()
            .all(|parts| parts.headers.contains_key(AUTHORIZATION))
    );
}
