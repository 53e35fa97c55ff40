//! The rows of the table, each beside the floor that it is measured from.

use std::hint::black_box;

use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;
use multi_auth::{Authenticator, Keyring, Outgoing, RequestHead};

use crate::callgrind::measured;
use crate::{requests, stacks};

/// How many requests a row makes, after as many that are not counted.
pub(crate) const REPEATS: u32 = 1000;

pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// The rows below it are measured from this one.
    pub(crate) is_base: bool,
    /// Whether the budget is for what comes on top of the base.
    pub(crate) is_above_base: bool,
    pub(crate) budget: Option<Budget>,
    pub(crate) run: fn(),
}

#[derive(Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) instructions: u64,
    pub(crate) allocations: u32,
}

const fn base(name: &'static str, run: fn()) -> Row {
    Row {
        name,
        is_base: true,
        is_above_base: false,
        budget: None,
        run,
    }
}

const fn peer(name: &'static str, run: fn()) -> Row {
    Row {
        name,
        is_base: false,
        is_above_base: true,
        budget: None,
        run,
    }
}

const fn ours(name: &'static str, instructions: u64, run: fn()) -> Row {
    let budget = Some(Budget {
        instructions,
        allocations: 0,
    });
    Row {
        name,
        is_base: false,
        is_above_base: false,
        budget,
        run,
    }
}

const fn above(name: &'static str, instructions: u64, allocations: u32, run: fn()) -> Row {
    let budget = Some(Budget {
        instructions,
        allocations,
    });
    Row {
        name,
        is_base: false,
        is_above_base: true,
        budget,
        run,
    }
}

pub(crate) const ROWS: &[Row] = &[
    base("floor: insert a cloned ready value", floor),
    ours("static key, 1 binding", 450, || {
        attach(&requests::static_key(1));
    }),
    ours("token, 1 binding", 450, || attach(&requests::token(1))),
    ours("token with an expiry, 1 binding", 450, || {
        attach(&requests::token_that_ends());
    }),
    ours("static key, 10,000 origins", 600, || {
        attach(&requests::static_key(10_000));
    }),
    ours("token, 10,000 origins", 600, || {
        attach(&requests::token(10_000));
    }),
    ours("static key, 100,000 origins", 600, || {
        attach(&requests::static_key(100_000));
    }),
    ours("static key, 1,000,000 accounts", 600, || {
        attach_for_account(1_000_000);
    }),
    base("floor on reqwest::Request", reqwest_floor),
    ours("static key, reqwest::Request", 450, || {
        attach_to_reqwest(&requests::static_key(1));
    }),
    ours("token, reqwest::Request", 450, || {
        attach_to_reqwest(&requests::token(1));
    }),
    base("tower: the service alone", stacks::tower_alone),
    peer(
        "tower-http AddAuthorization (static only)",
        stacks::tower_add_authorization,
    ),
    above("tower: AuthLayer, static key", 507, 0, || {
        stacks::tower_auth(&requests::static_key(1));
    }),
    above("tower: AuthLayer, token", 507, 0, || {
        stacks::tower_auth(&requests::token(1));
    }),
    base(
        "reqwest-middleware: adds a ready header",
        stacks::middleware_alone,
    ),
    above(
        "reqwest-middleware: AuthMiddleware, static key",
        2000,
        1,
        || stacks::middleware_auth(&requests::static_key(1)),
    ),
    above("reqwest-middleware: AuthMiddleware, token", 2000, 1, || {
        stacks::middleware_auth(&requests::token(1));
    }),
];

fn floor() {
    let value = requests::ready_value();
    let mut all = requests::parts();
    for parts in &mut all {
        parts.headers.insert(AUTHORIZATION, value.clone());
    }
    let mut all = requests::parts();
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

/// What an adapter does where a credential is at hand.
fn attach(keyring: &Keyring) {
    for parts in &mut requests::parts() {
        put(keyring, parts);
    }
    let mut all = requests::parts();
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

fn attach_for_account(accounts: u32) {
    let (keyring, account) = requests::accounts(accounts);
    let mut all = requests::parts();
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

fn put(keyring: &Keyring, parts: &mut Parts) {
    let authenticator: &dyn Authenticator = keyring;
    let credential = authenticator
        .ready(&RequestHead::from_parts(parts))
        .unwrap()
        .unwrap();
    credential.attach(parts).unwrap();
}

fn reqwest_floor() {
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

fn attach_to_reqwest(keyring: &Keyring) {
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
    let authenticator: &dyn Authenticator = keyring;
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
