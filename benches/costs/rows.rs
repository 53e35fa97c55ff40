//! The rows of the table, each beside the floor that it is measured from.

use multi_auth_benches::attaching::{
    attach, attach_for_account, attach_to_reqwest, challenge, ed25519, es256, floor, pass,
    reqwest_floor, sign,
};
use multi_auth_benches::{requests, stacks};

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

/// What metrics may add, with a recorder that counts.
const METRICS: u64 = if cfg!(feature = "metrics") { 40 } else { 0 };

#[derive(Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) instructions: u64,
    pub(crate) allocations: u32,
}

/// Budget of a request to a host without a binding. With metrics it is counted, and the recorder is
/// asked for the counter each time.
const UNBOUND: Budget = Budget {
    instructions: if cfg!(feature = "metrics") {
        1_072
    } else {
        400
    },
    allocations: if cfg!(feature = "metrics") { 2 } else { 0 },
};

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
            instructions: instructions + METRICS,
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
        .within(700, 0)
        .towards(450),
    Row::new("static key that can be rotated", || {
        attach(&requests::rotating_key());
    })
    .within(794, 0),
    Row::new("token, 1 binding", || attach(&requests::token(1)))
        .within(770, 0)
        .towards(450),
    Row::new("token with an expiry, 1 binding", || {
        attach(&requests::token_that_ends());
    })
    .within(898, 0)
    .towards(450),
    Row::new("static key, 10,000 origins", || {
        attach(&requests::static_key(10_000));
    })
    .within(700, 0)
    .towards(600),
    Row::new("token, 10,000 origins", || attach(&requests::token(10_000)))
        .within(770, 0)
        .towards(600),
    Row::new("static key, 100,000 origins", || {
        attach(&requests::static_key(100_000));
    })
    .within(700, 0)
    .towards(600),
    Row::new("static key, 1,000,000 accounts", || {
        attach_for_account(1_000_000);
    })
    .within(945, 0),
    Row::new("a host without a binding, of 10,000 origins", || {
        pass(&requests::static_key(10_000));
    })
    .within(UNBOUND.instructions, UNBOUND.allocations),
    Row::new("static key, 1 path prefix", || {
        attach(&requests::prefixes(1));
    })
    .within(1_320, 0),
    Row::new("static key, 10,000 path prefixes at one origin", || {
        attach(&requests::prefixes(10_000));
    })
    .within(3_169, 0),
    Row::base("floor on reqwest::Request", reqwest_floor),
    Row::new("static key, reqwest::Request", || {
        attach_to_reqwest(&requests::static_key(1));
    })
    .within(717, 0)
    .towards(450),
    Row::new("token, reqwest::Request", || {
        attach_to_reqwest(&requests::token(1));
    })
    .within(806, 0)
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
    .within(882, 0)
    .towards(853),
    Row::new("tower: AuthLayer, token, and a copy for a replay", || {
        stacks::tower_auth(&requests::token(1));
    })
    .above_base()
    .within(2_370, 2)
    .towards(2_253),
    Row::base("reqwest-middleware: none", stacks::middleware_none),
    Row::base(
        "reqwest-middleware: adds a ready header",
        stacks::middleware_alone,
    ),
    Row::new("reqwest-middleware: AuthMiddleware, static key", || {
        stacks::middleware_auth(&requests::static_key(1));
    })
    .above_base()
    .within(381, 0),
    Row::new(
        "reqwest-middleware: AuthMiddleware, token, and a copy",
        || stacks::middleware_auth(&requests::token(1)),
    )
    .above_base()
    .within(2_020, 2)
    .towards(2_000),
    Row::new("reqwest: guarded client, static key", || {
        stacks::guarded(&requests::static_key(1));
    })
    .above_base()
    .within(1_711, 2),
    Row::new("reqwest: guarded client, token, and a copy", || {
        stacks::guarded(&requests::token(1));
    })
    .above_base()
    .within(2_636, 3),
    Row::base("AWS SigV4, without a body", || {
        sign(&requests::sigv4(), b"");
    })
    .within(31_100, 8)
    .towards(27_868),
    Row::base("AWS SigV4, 100 bytes", || {
        sign(&requests::sigv4(), &[b'x'; 100]);
    })
    .within(36_300, 8),
    Row::base("HMAC by templates, without a body", || {
        sign(&requests::hmac(), b"");
    })
    .within(15_750, 14),
    Row::base("HMAC by templates, 100 bytes", || {
        sign(&requests::hmac(), &[b'x'; 100]);
    })
    .within(20_300, 14),
    Row::base("Azure Shared Key, without a body", || {
        sign(&requests::azure(), b"");
    })
    .within(19_000, 10),
    Row::base("OAuth 1.0a, without a body", || {
        sign(&requests::oauth1(), b"");
    })
    .within(26_320, 14),
    Row::base("the bare Ed25519 signature of 300 bytes", ed25519).within(126_700, 3),
    Row::new("RFC 9421 with Ed25519, without a body", || {
        sign(&requests::http_signature(), b"");
    })
    .above_base()
    .within(6_160, 8)
    .towards(18_500),
    Row::new("RFC 9421 with Ed25519, 100 bytes", || {
        sign(&requests::http_signature(), &[b'x'; 100]);
    })
    .above_base()
    .within(16_160, 11)
    .towards(18_500),
    Row::base("Digest with SHA-256, pre-emptive", || {
        sign(&requests::digest(), b"");
    })
    .within(22_460, 6),
    Row::base("the bare ES256 signature of 550 bytes", es256).within(229_900, 21),
    Row::new("DPoP with ES256", || sign(&requests::dpop(), b""))
        .above_base()
        .within(29_400, 19),
    // Counted per thousandth: per parameter, and per ten of them.
    Row::base("challenge of 1,000 parameters, each", || challenge(1_000)).within(1_202, 2),
    Row::base("challenge of 10,000 parameters, ten", || challenge(10_000)).within(12_377, 11),
];
