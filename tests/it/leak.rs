//! The leak matrix: where redirects of every kind lead, and what each origin then knows.
//!
//! Every combination sends one request through a real client to real servers on loopback, which
//! record all that reaches them. What an origin is, the `url` crate says, from what the server saw.

mod client;
mod placement;
mod proxied;
mod stage;
mod target;

use std::collections::BTreeMap;
use std::fmt::Write;

use http::{Request, StatusCode};

use self::client::Position;
use self::placement::Placed;
use self::stage::{Hop, Stage};
use self::target::{Home, Target};
use crate::adapter::Client;

const STATUSES: [StatusCode; 5] = [
    StatusCode::MOVED_PERMANENTLY,
    StatusCode::FOUND,
    StatusCode::SEE_OTHER,
    StatusCode::TEMPORARY_REDIRECT,
    StatusCode::PERMANENT_REDIRECT,
];

/// Where the hops after the first lead; `Away` is the target under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Away,
    /// Another path at the origin that was asked first.
    Home,
    /// Another path at the origin that redirects.
    Here,
}

const PATTERNS: [&[Step]; 4] = [
    &[Step::Away],
    &[Step::Away, Step::Home],
    &[Step::Home, Step::Away],
    &[Step::Away, Step::Here],
];

/// What was seen, for the table and against a matrix that tests nothing.
#[derive(Debug, Default)]
struct Count {
    combinations: usize,
    at_home: usize,
    elsewhere: usize,
    with_credential: usize,
    leaks: Vec<String>,
    missing: Vec<String>,
    /// How often a target was reached, by its name.
    reached: BTreeMap<&'static str, usize>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_credential_leaves_its_origin_and_none_is_missing_within() {
    let placements: Vec<_> = Placed::ALL.into_iter().map(run).map(tokio::spawn).collect();
    let mut total = Count::default();
    for placement in placements {
        total.add(placement.await.unwrap());
    }
    total.print();

    assert_eq!(total.leaks, [""; 0]);
    assert_eq!(total.missing, [""; 0]);
    assert!(total.combinations >= 2000, "{}", total.combinations);
    for target in target::ALL {
        assert!(
            total.reached.contains_key(target.name),
            "{} was never reached",
            target.name
        );
    }
}

/// What the security page says is left to the user; and proof that the matrix can see a leak.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_follows_redirects_itself_leaks() {
    let stage = Stage::start(Home::Name).await;
    let mut count = Count::default();
    cross(
        &stage,
        Placed::OwnHeader,
        Position::Unguarded,
        &STATUSES,
        &mut count,
    )
    .await;
    assert!(count.leaks.len() > 500, "{}", count.leaks.len());
}

async fn run(placed: Placed) -> Count {
    let mut count = Count::default();
    for home in Home::ALL {
        let stage = Stage::start(home).await;
        // What a status changes is the same at every home: method and body.
        let statuses = if home == Home::Name {
            &STATUSES[..]
        } else {
            &STATUSES[2..4]
        };
        for position in Position::GUARDED {
            cross(&stage, placed, position, statuses, &mut count).await;
        }
    }
    count
}

async fn cross(
    stage: &Stage,
    placed: Placed,
    position: Position,
    statuses: &[StatusCode],
    count: &mut Count,
) {
    let client = position.client(&placed.keyring(&stage.home()));
    let base = stage.home();
    cross_with(stage, &base, &client, placed, position, statuses, count).await;
}

/// The same with a client that finds the bound origin at `base`.
async fn cross_with(
    stage: &Stage,
    base: &str,
    client: &Client,
    placed: Placed,
    position: Position,
    statuses: &[StatusCode],
    count: &mut Count,
) {
    for target in target::ALL {
        for pattern in PATTERNS {
            for &status in statuses {
                let way = Way {
                    placed,
                    position,
                    target,
                    pattern,
                    status,
                };
                way.go(stage, base, client, count).await;
            }
        }
    }
}

/// One combination.
struct Way {
    placed: Placed,
    position: Position,
    target: &'static Target,
    pattern: &'static [Step],
    status: StatusCode,
}

impl Way {
    async fn go(&self, stage: &Stage, base: &str, client: &Client, count: &mut Count) {
        let locations = self.locations(stage);
        stage.direct(self.status, &locations);
        let request = Request::post(format!("{base}/0"));
        let request = self.placed.prepare(request).body(self.position.body());
        // A redirect to an invalid URL is an error or a response; only the sent requests count.
        let _ = client.send(request.unwrap()).await;

        count.combinations += 1;
        let hops = stage.take();
        assert_eq!(hops[0].number, 0, "the first request arrives");
        if hops.len() > 1 {
            *count.reached.entry(self.target.name).or_default() += 1;
        }
        for hop in &hops {
            self.look_at(hop, &hops, count);
        }
    }

    /// The `Location` of each hop.
    fn locations(&self, stage: &Stage) -> Vec<String> {
        let numbered = self.pattern.iter().zip(1..);
        numbered
            .map(|(step, number)| match step {
                Step::Away => self.target.location(stage, number),
                Step::Home => format!("{}/{number}", stage.home()),
                Step::Here => format!("/{number}"),
            })
            .collect()
    }

    fn look_at(&self, hop: &Hop, hops: &[Hop], count: &mut Count) {
        let found = Placed::canary().find_in(&hop.received);
        if !hop.is_home {
            count.elsewhere += 1;
            if let Some(leak) = found {
                count
                    .leaks
                    .push(self.told(&format!("{leak} at hop {}", hop.number)));
            }
            return;
        }
        count.at_home += 1;
        count.with_credential += usize::from(found.is_some());
        let was_away = hops
            .iter()
            .any(|other| other.number < hop.number && !other.is_home);
        if found.is_some() && was_away && !hop.is_safe {
            let what = format!("steered by another origin at hop {}", hop.number);
            count.leaks.push(self.told(&what));
        }
        if found.is_none() && self.placed.must_arrive(self.position, hop, was_away) {
            count
                .missing
                .push(self.told(&format!("nothing at hop {}", hop.number)));
        }
    }

    fn told(&self, what: &str) -> String {
        let Self {
            placed,
            position,
            target,
            pattern,
            status,
        } = self;
        format!(
            "{what}: {placed:?}, {position:?}, {status}, {} {pattern:?}",
            target.name
        )
    }
}

impl Count {
    fn add(&mut self, other: Self) {
        self.combinations += other.combinations;
        self.at_home += other.at_home;
        self.elsewhere += other.elsewhere;
        self.with_credential += other.with_credential;
        self.leaks.extend(other.leaks);
        self.missing.extend(other.missing);
        for (name, times) in other.reached {
            *self.reached.entry(name).or_default() += times;
        }
    }

    #[expect(clippy::print_stdout, reason = "the count is the result of the run")]
    fn print(&self) {
        let mut text = String::new();
        let Self {
            combinations,
            at_home,
            elsewhere,
            with_credential,
            leaks,
            missing,
            ..
        } = self;
        let _ = writeln!(text, "leak matrix: {combinations} combinations");
        let _ = writeln!(
            text,
            "  requests at the bound origin      {at_home:>6}, {with_credential} with the credential, {} without though due",
            missing.len()
        );
        let _ = writeln!(
            text,
            "  requests at every other origin    {elsewhere:>6}, {} with a byte of it",
            leaks.len()
        );
        println!("{text}");
    }
}
