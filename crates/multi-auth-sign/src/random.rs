//! Random bits of the system.

use aws_lc_rs::rand;

use crate::SignError;

/// 128 random bits. Among 2^64 of them, two are equal with a probability of one half.
pub(crate) fn bits() -> Result<[u8; 16], SignError> {
    let mut bits = [0; 16];
    fill(&mut bits)?;
    Ok(bits)
}

/// Fills `bytes` with random bits.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), SignError> {
    rand::fill(bytes).map_err(|_| SignError::Failed)
}
