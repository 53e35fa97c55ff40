//! What the rows do: a credential is looked up and put on a request, or a challenge is read.

use std::hint::black_box;

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode};
use multi_auth::adapter::Outgoing;
use multi_auth::{BodyView, Keyring, RequestHead, ResponseHead};
use multi_auth_sign::{Algorithm, SigningKey};

use crate::callgrind::measured;
use crate::requests;

/// A challenge with so many parameters, of a vendor that means no good.
pub fn challenge(params: u32) {
    let params: Vec<_> = (0..params).map(|number| format!("p{number}=v")).collect();
    let field = format!("Bearer {}", params.join(", "));
    let mut headers = http::HeaderMap::new();
    headers.insert(WWW_AUTHENTICATE, HeaderValue::try_from(field).unwrap());
    let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
    assert_eq!(measured(|| response.challenges()).len(), 1);
}

/// The bare signature of a text as long as a signature base.
pub fn ed25519() {
    let key = SigningKey::from_jwk(Algorithm::EdDSA, requests::ED25519).unwrap();
    bare(&key, &[b'x'; 300]);
}

/// The bare signature of a text as long as a proof of DPoP.
pub fn es256() {
    let key = SigningKey::from_jwk(Algorithm::ES256, requests::P256).unwrap();
    bare(&key, &[b'x'; 550]);
}

fn bare(key: &SigningKey, text: &[u8]) {
    let sign = || {
        for _ in 0..requests::REPEATS {
            black_box(key.sign(black_box(text)).unwrap());
        }
    };
    sign();
    measured(sign);
}

/// Inserts a cloned ready value.
pub fn floor() {
    let value = requests::ready_value();
    let mut all = requests::heads();
    for parts in &mut all {
        parts.headers.insert(AUTHORIZATION, value.clone());
    }
    let mut all = requests::heads();
    measured(|| {
        for parts in &mut all {
            black_box(
                parts
                    .headers
                    .insert(AUTHORIZATION, black_box(&value).clone()),
            );
        }
    });
}

/// What an adapter does if a credential is ready.
pub fn attach(keyring: &Keyring) {
    for parts in &mut requests::heads() {
        put(keyring, parts);
    }
    let mut all = requests::heads();
    measured(|| {
        for parts in &mut all {
            put(black_box(keyring), parts);
        }
    });
    assert!(
        all.iter()
            .all(|parts| parts.headers.contains_key(AUTHORIZATION))
    );
}

/// What an adapter does if the scheme signs the request and this `body`.
pub fn sign(keyring: &Keyring, body: &[u8]) {
    let sign = |parts: &mut Parts| {
        let head = RequestHead::from_parts(parts).with_body(BodyView::Bytes(body));
        let credential = keyring.ready(&head).unwrap().unwrap();
        assert!(credential.attach(parts).unwrap());
    };
    for parts in &mut requests::heads() {
        sign(parts);
    }
    let mut all = requests::heads();
    measured(|| {
        for parts in &mut all {
            sign(parts);
        }
    });
}

/// What an adapter does for a request to a host that no binding serves.
pub fn pass(keyring: &Keyring) {
    // Each goes to another host: the place of one host among the bound ones is a matter of chance.
    let head = |number| {
        let url = format!("https://storage-{number:04}.other-vendor.example/v1/objects?page=2");
        Request::get(url).body(()).unwrap().into_parts().0
    };
    let mut all: Vec<_> = (0..requests::REPEATS).map(head).collect();
    put(keyring, &mut all[0]);
    measured(|| {
        for parts in &mut all {
            put(black_box(keyring), parts);
        }
    });
    assert!(all.iter().all(|parts| parts.headers.is_empty()));
}

/// What an adapter does for one of so many accounts.
pub fn attach_for_account(accounts: u32) {
    let (keyring, account) = requests::accounts(accounts);
    let mut all = requests::heads();
    for parts in &mut all {
        parts.extensions.insert(account.clone());
    }
    put(&keyring, &mut all[0]);
    measured(|| {
        for parts in &mut all {
            put(black_box(&keyring), parts);
        }
    });
    assert!(
        all.iter()
            .all(|parts| parts.headers.contains_key(AUTHORIZATION))
    );
}

/// Looks the credential up and puts it on the request.
pub fn put(keyring: &Keyring, parts: &mut Parts) {
    let authenticator: &Keyring = keyring;
    let credential = authenticator
        .ready(&RequestHead::from_parts(parts))
        .unwrap()
        .unwrap();
    credential.attach(parts).unwrap();
}

/// Signs a request without a body, and drops the signature.
pub fn signature(keyring: &Keyring, parts: &Parts) {
    let head = RequestHead::from_parts(parts).with_body(BodyView::Empty);
    black_box(keyring.ready(&head).unwrap().unwrap());
}

/// Inserts a cloned ready value into a `reqwest::Request`.
pub fn reqwest_floor() {
    let value: HeaderValue = requests::ready_value();
    let mut all = requests::reqwest();
    measured(|| {
        for request in &mut all {
            black_box(
                request
                    .headers_mut()
                    .insert(AUTHORIZATION, black_box(&value).clone()),
            );
        }
    });
}

/// What an adapter does with a `reqwest::Request`.
pub fn attach_to_reqwest(keyring: &Keyring) {
    for request in &mut requests::reqwest() {
        put_on_reqwest(keyring, request);
    }
    let mut all = requests::reqwest();
    measured(|| {
        for request in &mut all {
            put_on_reqwest(black_box(keyring), request);
        }
    });
    assert!(
        all.iter()
            .all(|request| request.headers().contains_key(AUTHORIZATION))
    );
}

fn put_on_reqwest(keyring: &Keyring, request: &mut reqwest::Request) {
    let authenticator: &Keyring = keyring;
    let none = http::Extensions::new();
    let head = RequestHead::from_url(request.method(), request.url(), request.headers(), &none);
    let credential = authenticator.ready(&head).unwrap().unwrap();
    credential.attach(&mut Target(request)).unwrap();
}

/// As the adapter has it.
struct Target<'a>(&'a mut reqwest::Request);

impl Outgoing for Target<'_> {
    fn headers_mut(&mut self) -> &mut http::HeaderMap {
        self.0.headers_mut()
    }

    fn query(&self) -> Option<&str> {
        self.0.url().query()
    }

    fn set_query(&mut self, query: &str) -> Result<(), multi_auth::AuthError> {
        self.0.url_mut().set_query(Some(query));
        Ok(())
    }
}
