//! The rules of the token cache: when a token is due for a refresh, and the back-off after
//! failures.

use super::Time;
use super::random::Random;
use super::scenario::minutes;

/// How long before its expiry a token is refreshed. `jitter`: 0.0 to 1.0, the random part.
pub(super) fn window(lifetime: Time, jitter: f64) -> Time {
    let table = match lifetime {
        lifetime if lifetime <= minutes(20) => minutes(5),
        lifetime if lifetime <= minutes(90) => minutes(15),
        _ => minutes(60),
    };
    table.min(lifetime / 2).mul_f64(1.0 - 0.5 * jitter)
}

/// How long before its expiry a token is no longer used.
pub(super) fn margin(lifetime: Time) -> Time {
    Time::from_secs(10).min(lifetime / 10)
}

/// The delays of one instance after failures in a row.
pub(super) fn back_off(failures: u32, random: &mut Random) -> Time {
    random.shortened(doubled(failures.saturating_sub(1), Time::from_secs(60)))
}

/// The pause of all instances after earlier failures of an account.
pub(super) fn pause(failures: u32, random: &mut Random) -> Time {
    random.shortened(doubled(failures, Time::from_secs(30)))
}

/// A second, doubled `times` times.
fn doubled(times: u32, longest: Time) -> Time {
    Time::from_secs(1 << times.min(31)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_drawn_between_half_and_all_of_the_table() {
        for (lifetime, longest) in [(20, 5), (60, 15), (30, 15), (8, 4), (360, 60)] {
            let longest = minutes(longest);
            assert_eq!(window(minutes(lifetime), 0.0), longest);
            assert_eq!(window(minutes(lifetime), 1.0), longest / 2);
        }
    }

    #[test]
    fn delays_double_from_a_second_to_the_longest() {
        let mut random = Random::new(1);
        for (failures, longest) in [(1, 1), (2, 2), (6, 32), (7, 60), (1_000, 60)] {
            let longest = Time::from_secs(longest);
            let delay = back_off(failures, &mut random);
            assert!((longest / 2..=longest).contains(&delay), "{delay:?}");
        }
        assert!(pause(1_000, &mut random) <= Time::from_secs(30));
    }
}
