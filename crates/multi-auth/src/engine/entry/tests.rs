use std::sync::Mutex;

use super::*;
use crate::SystemClock;

/// Two clocks that a test sets apart from each other.
#[derive(Debug)]
struct Clocks(Mutex<Moment>);

impl Clocks {
    fn new() -> Self {
        Self(Mutex::new(Moment::now(&SystemClock)))
    }

    fn pass(&self, time: Duration) {
        self.suspend(time);
        self.0.lock().unwrap().monotonic += time;
    }

    /// Lets time pass on the wall alone.
    fn suspend(&self, time: Duration) {
        self.0.lock().unwrap().wall += time;
    }

    fn set_back(&self, time: Duration) {
        self.0.lock().unwrap().wall -= time;
    }
}

impl Clock for Clocks {
    fn monotonic(&self) -> Instant {
        self.0.lock().unwrap().monotonic
    }

    fn wall(&self) -> SystemTime {
        self.0.lock().unwrap().wall
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[expect(clippy::needless_pass_by_value, reason = "tests make it on the spot")]
fn entry(token: Token, sent: Moment) -> Entry {
    let window = Window {
        jitter: 0.0,
        ..Window::default()
    };
    Entry::new(
        &token,
        Generation::next(),
        &Settings {
            window,
            ..Settings::default()
        },
        sent,
    )
    .unwrap()
}

/// case 53
#[test]
fn a_token_is_used_to_the_last_moment_before_its_margin() {
    let clocks = Clocks::new();
    let hour = entry(
        Token::new("t").with_lifetime(3600 * SECOND),
        Moment::now(&clocks),
    );
    assert_eq!(hour.age(&clocks), Age::Fresh);
    clocks.pass(2700 * SECOND);
    assert_eq!(hour.age(&clocks), Age::Fresh);
    clocks.pass(Duration::from_nanos(1));
    assert_eq!(hour.age(&clocks), Age::InWindow);
    clocks.pass(Duration::from_nanos(889_999_999_999));
    assert_eq!(
        (hour.age(&clocks), hour.remaining(&clocks)),
        (Age::InWindow, Some(Duration::ZERO))
    );
    clocks.pass(Duration::from_nanos(1));
    assert_eq!(hour.age(&clocks), Age::Ended);
}

/// case 81
#[test]
fn a_life_counts_from_when_the_exchange_was_sent() {
    let clocks = Clocks::new();
    let sent = Moment::now(&clocks);
    clocks.pass(20 * SECOND);
    let token = entry(Token::new("t").with_lifetime(100 * SECOND), sent);
    assert_eq!(token.remaining(&clocks), Some(70 * SECOND));
}

/// case 80
#[test]
fn a_clock_that_is_set_back_keeps_no_token_alive() {
    let clocks = Clocks::new();
    let sent = Moment::now(&clocks);
    let token = entry(Token::new("t").with_expiry(sent.wall + 600 * SECOND), sent);
    clocks.set_back(3600 * SECOND);
    clocks.pass(601 * SECOND);
    assert_eq!(token.age(&clocks), Age::Ended);
}

#[test]
fn a_machine_that_slept_finds_its_token_dead() {
    let clocks = Clocks::new();
    let token = entry(
        Token::new("t").with_lifetime(600 * SECOND),
        Moment::now(&clocks),
    );
    clocks.suspend(601 * SECOND);
    assert_eq!(token.age(&clocks), Age::Ended);
}

/// case 61
#[test]
fn each_token_has_the_window_of_its_own_life() {
    let clocks = Clocks::new();
    for (life, fresh_for) in [(600, 300), (2400, 1500), (21_600, 18_000)] {
        let token = entry(
            Token::new("t").with_lifetime(life * SECOND),
            Moment::now(&clocks),
        );
        let life = token.life.unwrap();
        assert_eq!(Moment::now(&clocks).until(life.window), fresh_for * SECOND);
    }
}

#[test]
fn a_short_life_is_used_for_most_of_it() {
    let clocks = Clocks::new();
    let token = entry(
        Token::new("t").with_lifetime(2 * SECOND),
        Moment::now(&clocks),
    );
    assert_eq!(token.remaining(&clocks), Some(Duration::from_millis(1800)));
}

#[test]
fn an_end_in_the_past_is_now() {
    let clocks = Clocks::new();
    let sent = Moment::now(&clocks);
    let token = entry(Token::new("t").with_expiry(sent.wall - 60 * SECOND), sent);
    clocks.pass(Duration::from_nanos(1));
    assert_eq!(token.age(&clocks), Age::Ended);
}

/// case 26, case 66
#[test]
fn a_life_that_is_unknown_or_longer_than_any_clock_reaches_has_no_end() {
    let clocks = Clocks::new();
    let sent = Moment::now(&clocks);
    let unknown = entry(Token::new("t"), sent);
    let endless = entry(Token::new("t").with_lifetime(Duration::MAX), sent);
    clocks.pass(1_000_000 * SECOND);
    assert_eq!(
        (unknown.age(&clocks), endless.age(&clocks)),
        (Age::Fresh, Age::Fresh)
    );
}

#[test]
fn a_greatest_age_ends_a_token_of_unknown_life_and_a_longer_one() {
    let clocks = Clocks::new();
    let settings = Settings {
        max_age: Some(600 * SECOND),
        ..Settings::default()
    };
    for token in [
        Token::new("t"),
        Token::new("t").with_lifetime(86_400 * SECOND),
    ] {
        let now = Moment::now(&clocks);
        let token = Entry::new(&token, Generation::next(), &settings, now).unwrap();
        assert_eq!(token.remaining(&clocks), Some(590 * SECOND));
    }
}
