//! Random numbers, so that many instances do not act at the same time.

/// A random number in `0.0..1.0`. Not for secrets.
pub(super) fn draw() -> f64 {
    fastrand::f64()
}

#[cfg(test)]
mod tests {
    #[test]
    fn random_numbers_cover_the_range() {
        let mut tenths = [0; 10];
        for _ in 0..10_000 {
            let draw = super::draw();
            assert!((0.0..1.0).contains(&draw));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 9"
            )]
            let tenth = (draw * 10.0) as usize;
            tenths[tenth] += 1;
        }
        assert!(
            tenths.iter().all(|&count| (700..1_300).contains(&count)),
            "{tenths:?}"
        );
    }
}
