//! The rows of the table, each beside the floor that it is measured from.

use std::hint::black_box;

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use multi_auth::{Authenticator, Keyring, Outgoing, RequestHead, ResponseHead};

use crate::callgrind::measured;
use crate::{requests, stacks};

/// How many requests a row makes, after as many that are not counted.
pub(crate) const REPEATS: u32 = 1000;

pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// The rows below it are measured from this one.
    pub(crate) is_base: bool,
    /// Whether budget and goal are for what comes on top of the base.
    pub(crate) is_above_base: bool,
    /// What is held: the figure of the day and 5 % of room for instructions, none for allocations.
    pub(crate) budget: Option<Budget>,
    /// Where it should come to, in instructions.
    pub(crate) goal: Option<u64>,
    pub(crate) run: fn(),
}

#[derive(Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) instructions: u64,
    pub(crate) allocations: u32,
}

impl Row {
    const fn new(name: &'static str, run: fn()) -> Self {
        Self {
            name,
            is_base: false,
            is_above_base: false,
            budget: None,
            goal: None,
            run,
        }
    }

    const fn base(name: &'static str, run: fn()) -> Self {
        let mut row = Self::new(name, run);
        row.is_base = true;
        row
    }

    const fn above_base(mut self) -> Self {
        self.is_above_base = true;
        self
    }

    const fn within(mut self, instructions: u64, allocations: u32) -> Self {
        self.budget = Some(Budget {
            instructions,
            allocations,
        });
        self
    }

    const fn towards(mut self, goal: u64) -> Self {
        self.goal = Some(goal);
        self
    }
}

pub(crate) const ROWS: &[Row] = &[
    Row::base("floor: insert a cloned ready value", floor),
    Row::new("static key, 1 binding", || attach(&requests::static_key(1)))
        .within(768, 0)
        .towards(450),
    Row::new("token, 1 binding", || attach(&requests::token(1)))
        .within(911, 0)
        .towards(450),
    Row::new("token with an expiry, 1 binding", || {
        attach(&requests::token_that_ends());
    })
    .within(1041, 0)
    .towards(450),
    Row::new("static key, 10,000 origins", || {
        attach(&requests::static_key(10_000));
    })
    .within(768, 0)
    .towards(600),
    Row::new("token, 10,000 origins", || attach(&requests::token(10_000)))
        .within(911, 0)
        .towards(600),
    Row::new("static key, 100,000 origins", || {
        attach(&requests::static_key(100_000));
    })
    .within(768, 0)
    .towards(600),
    Row::new("static key, 1,000,000 accounts", || {
        attach_for_account(1_000_000);
    })
    .within(1166, 0),
    Row::base("floor on reqwest::Request", reqwest_floor),
    Row::new("static key, reqwest::Request", || {
        attach_to_reqwest(&requests::static_key(1));
    })
    .within(851, 0)
    .towards(450),
    Row::new("token, reqwest::Request", || {
        attach_to_reqwest(&requests::token(1));
    })
    .within(994, 0)
    .towards(450),
    Row::base("tower: the service alone", stacks::tower_alone),
    Row::new(
        "tower-http AddAuthorization (static only)",
        stacks::tower_add_authorization,
    )
    .above_base(),
    Row::new("tower: AuthLayer, static key", || {
        stacks::tower_auth(&requests::static_key(1));
    })
    .above_base()
    .within(1432, 0)
    .towards(379),
    Row::new("tower: AuthLayer, token, and a copy for a replay", || {
        stacks::tower_auth(&requests::token(1));
    })
    .above_base()
    .within(3990, 7),
    Row::base(
        "reqwest-middleware: adds a ready header",
        stacks::middleware_alone,
    ),
    Row::new("reqwest-middleware: AuthMiddleware, static key", || {
        stacks::middleware_auth(&requests::static_key(1));
    })
    .above_base()
    .within(1725, 0),
    Row::new(
        "reqwest-middleware: AuthMiddleware, token, and a copy",
        || stacks::middleware_auth(&requests::token(1)),
    )
    .above_base()
    .within(6016, 10),
    // Counted per thousandth: per parameter, and per ten of them.
    Row::base("challenge of 1,000 parameters, each", || challenge(1_000)).within(1_153, 2),
    Row::base("challenge of 10,000 parameters, ten", || challenge(10_000)).within(12_017, 11),
];

/// A challenge with so many parameters, of a vendor that means no good.
fn challenge(params: u32) {
    let params: Vec<_> = (0..params).map(|number| format!("p{number}=v")).collect();
    let field = format!("Bearer {}", params.join(", "));
    let mut headers = http::HeaderMap::new();
    headers.insert(WWW_AUTHENTICATE, HeaderValue::try_from(field).unwrap());
    let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
    assert_eq!(measured(|| response.challenges()).len(), 1);
}

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
