//! Settings of proofs.

use std::fmt;
use std::sync::Arc;

use multi_auth::{Clock, SystemClock};

use super::Dpop;
use super::proof::{MakeId, Prover};
use crate::{SignError, SigningKey};

/// Settings of a [`Dpop`], from [`Dpop::builder`]. They make its proofs predictable in a test.
///
/// ```
/// use std::sync::Arc;
///
/// use multi_auth::SystemClock;
/// use multi_auth_sign::{Dpop, SignError, SigningKey};
///
/// fn predictable(key: SigningKey) -> Result<Dpop, SignError> {
///     Dpop::builder(key).clock(Arc::new(SystemClock)).id_from(|| "-BwC3ESc6acc2lTc".to_owned()).build()
/// }
/// # fn main() {}
/// ```
pub struct DpopBuilder {
    key: SigningKey,
    clock: Arc<dyn Clock>,
    id: Option<Arc<MakeId>>,
}

impl DpopBuilder {
    pub(super) fn new(key: SigningKey) -> Self {
        Self {
            key,
            clock: Arc::new(SystemClock),
            id: None,
        }
    }

    /// Sets the clock. Default: that of the machine.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Takes the ID of each proof (`jti`) from `make`. A server refuses an ID that it has seen
    /// (RFC 9449, 11.1). Default: 128 random bits.
    #[must_use]
    pub fn id_from(self, make: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self {
            id: Some(Arc::new(make)),
            ..self
        }
    }

    /// Builds the key of a client.
    ///
    /// # Errors
    ///
    /// As [`Dpop::new`].
    pub fn build(self) -> Result<Dpop, SignError> {
        Ok(Dpop {
            prover: Arc::new(Prover::new(self.key, self.clock, self.id)?),
            nonces: Arc::default(),
            endpoint_nonces: Arc::default(),
        })
    }
}

impl fmt::Debug for DpopBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopBuilder")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
