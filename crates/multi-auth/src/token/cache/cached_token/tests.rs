use std::sync::{Arc, Mutex};

use super::super::settings::Pacing;
use super::*;
use crate::SystemClock;

/// Two clocks that a test sets independently.
#[derive(Debug)]
struct Clocks(Mutex<Timestamp>);

impl Clocks {
    fn new() -> Self {
        Self(Mutex::new(Timestamp::now(&SystemClock)))
    }

    fn pass(&self, time: Duration) {
        self.suspend(time);
        self.0.lock().unwrap().monotonic += time;
    }

    /// Advances the wall clock alone.
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

fn paced(pacing: Pacing) -> Settings {
    Settings {
        pacing: Arc::new(pacing),
        ..Settings::default()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "tests make it on the spot")]
fn entry(token: Token, sent: Timestamp) -> CachedToken {
    let window = Window {
        jitter: 0.0,
        ..Window::default()
    };
    CachedToken::new(
        &token,
        Generation::next(),
        &paced(Pacing {
            window,
            ..Pacing::default()
        }),
        sent,
    )
    .unwrap()
}

#[test]
fn a_token_is_used_until_its_margin_begins() {
    let clocks = Clocks::new();
    let hour = entry(
        Token::new("t").with_lifetime(3600 * SECOND),
        Timestamp::now(&clocks),
    );
    assert_eq!(hour.freshness(&clocks), Freshness::Fresh);
    clocks.pass(2700 * SECOND);
    assert_eq!(hour.freshness(&clocks), Freshness::Fresh);
    clocks.pass(Duration::from_nanos(1));
    assert_eq!(hour.freshness(&clocks), Freshness::RefreshDue);
    clocks.pass(Duration::from_nanos(889_999_999_999));
    assert_eq!(
        (hour.freshness(&clocks), hour.remaining(&clocks)),
        (Freshness::RefreshDue, Some(Duration::ZERO))
    );
    clocks.pass(Duration::from_nanos(1));
    assert_eq!(hour.freshness(&clocks), Freshness::Expired);
}

#[test]
fn a_lifetime_counts_from_when_the_token_request_was_sent() {
    let clocks = Clocks::new();
    let sent = Timestamp::now(&clocks);
    clocks.pass(20 * SECOND);
    let token = entry(Token::new("t").with_lifetime(100 * SECOND), sent);
    assert_eq!(token.remaining(&clocks), Some(70 * SECOND));
}

#[test]
fn a_token_expires_even_if_the_wall_clock_is_set_back() {
    let clocks = Clocks::new();
    let sent = Timestamp::now(&clocks);
    let token = entry(Token::new("t").with_expiry(sent.wall + 600 * SECOND), sent);
    clocks.set_back(3600 * SECOND);
    clocks.pass(601 * SECOND);
    assert_eq!(token.freshness(&clocks), Freshness::Expired);
}

#[test]
fn a_token_expires_while_the_machine_is_suspended() {
    let clocks = Clocks::new();
    let token = entry(
        Token::new("t").with_lifetime(600 * SECOND),
        Timestamp::now(&clocks),
    );
    clocks.suspend(601 * SECOND);
    assert_eq!(token.freshness(&clocks), Freshness::Expired);
}

#[test]
fn the_refresh_window_depends_on_the_lifetime() {
    let clocks = Clocks::new();
    for (lifetime, fresh_for) in [(600, 300), (2400, 1500), (21_600, 18_000)] {
        let token = entry(
            Token::new("t").with_lifetime(lifetime * SECOND),
            Timestamp::now(&clocks),
        );
        let expiry = token.expiry.unwrap();
        assert_eq!(
            Timestamp::now(&clocks).until(expiry.refresh_due),
            fresh_for * SECOND
        );
    }
}

#[test]
fn a_short_lifetime_is_used_for_nine_tenths() {
    let clocks = Clocks::new();
    let token = entry(
        Token::new("t").with_lifetime(2 * SECOND),
        Timestamp::now(&clocks),
    );
    assert_eq!(token.remaining(&clocks), Some(Duration::from_millis(1800)));
}

#[test]
fn a_token_with_an_expiry_in_the_past_has_expired() {
    let clocks = Clocks::new();
    let sent = Timestamp::now(&clocks);
    let token = entry(Token::new("t").with_expiry(sent.wall - 60 * SECOND), sent);
    clocks.pass(Duration::from_nanos(1));
    assert_eq!(token.freshness(&clocks), Freshness::Expired);
}

#[test]
fn an_unknown_lifetime_or_one_that_overflows_the_clock_never_expires() {
    let clocks = Clocks::new();
    let sent = Timestamp::now(&clocks);
    let unknown = entry(Token::new("t"), sent);
    let endless = entry(Token::new("t").with_lifetime(Duration::MAX), sent);
    clocks.pass(1_000_000 * SECOND);
    assert_eq!(
        (unknown.freshness(&clocks), endless.freshness(&clocks)),
        (Freshness::Fresh, Freshness::Fresh)
    );
}

#[test]
fn the_maximum_age_limits_unknown_and_longer_lifetimes() {
    let clocks = Clocks::new();
    let settings = paced(Pacing {
        max_age: Some(600 * SECOND),
        ..Pacing::default()
    });
    for token in [
        Token::new("t"),
        Token::new("t").with_lifetime(86_400 * SECOND),
    ] {
        let now = Timestamp::now(&clocks);
        let token = CachedToken::new(&token, Generation::next(), &settings, now).unwrap();
        assert_eq!(token.remaining(&clocks), Some(590 * SECOND));
    }
}
