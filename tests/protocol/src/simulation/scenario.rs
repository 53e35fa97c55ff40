//! What is simulated.

use super::Time;

/// How instances get their tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Each instance requests its own tokens.
    NoStore,
    /// A lock of two seconds that is not extended. The others poll each second, and request a token
    /// after five.
    NaiveLock,
    /// The store of this project: leases that are extended, and pauses that are shared.
    Store,
}

/// A deployment, and what happens to it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// How many instances there are.
    pub instances: u32,
    /// How many accounts they use. Each instance uses one.
    pub accounts: u32,
    /// How long a token is valid.
    pub lifetime: Time,
    /// How long the simulation lasts.
    pub length: Time,
    /// Within which time after the start the accounts are used for the first time.
    pub rollout: Time,
    /// How many requests an instance sends in a second.
    pub requests_per_second: f64,
    /// How many token requests the vendor accepts in a second.
    pub vendor_limit: u32,
    /// Whether instances add up to half to the vendor's `Retry-After`.
    pub spreads_retries: bool,
    /// Whether an instance without the store, but with a valid token, waits for a random part of
    /// the token's remaining lifetime, less 90 seconds, before it requests one.
    pub waits_for_store: bool,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

/// What goes wrong, from when until when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// All instances are killed and start again.
    Restart(Time),
    /// The vendor answers 503.
    VendorOutage(Time, Time),
    /// The store does not answer.
    StoreOutage(Time, Time),
}

pub(super) const fn minutes(minutes: u64) -> Time {
    Time::from_secs(60 * minutes)
}

impl Scenario {
    /// 10,000 instances with one account, whose tokens are valid for an hour, for 12 hours.
    #[must_use]
    pub fn one_account() -> Self {
        Self {
            instances: 10_000,
            accounts: 1,
            lifetime: minutes(60),
            length: minutes(12 * 60),
            rollout: Time::ZERO,
            requests_per_second: 0.1,
            vendor_limit: 10,
            spreads_retries: true,
            waits_for_store: true,
            faults: Vec::new(),
        }
    }

    /// The same with 100 accounts, whose tokens are valid for 20 minutes. They are used for the
    /// first time within the first 15 minutes.
    #[must_use]
    pub fn hundred_accounts() -> Self {
        Self {
            accounts: 100,
            lifetime: minutes(20),
            rollout: minutes(15),
            ..Self::one_account()
        }
    }

    /// All accounts are used at once.
    #[must_use]
    pub fn all_at_once(self) -> Self {
        Self {
            rollout: Time::ZERO,
            ..self
        }
    }

    /// Instances obey the vendor's `Retry-After` to the second.
    #[must_use]
    pub fn without_spread(self) -> Self {
        Self {
            spreads_retries: false,
            ..self
        }
    }

    /// Instances request tokens at once while the store does not answer.
    #[must_use]
    pub fn without_waiting(self) -> Self {
        Self {
            waits_for_store: false,
            ..self
        }
    }

    /// Within 8 hours, all instances restart, the vendor has an outage, and the store has one.
    /// The outages begin when the token of [`one_account`](Self::one_account) becomes due, which is
    /// the worst time.
    #[must_use]
    pub fn with_faults(self) -> Self {
        Self {
            length: minutes(8 * 60),
            faults: vec![
                Fault::Restart(minutes(2 * 60)),
                Fault::VendorOutage(minutes(3 * 60 + 45), minutes(3 * 60 + 55)),
                Fault::StoreOutage(minutes(6 * 60 + 10), minutes(6 * 60 + 20)),
            ],
            ..self
        }
    }

    pub(super) fn is_vendor_down(&self, now: Time) -> bool {
        self.faults.iter().any(
            |fault| matches!(fault, Fault::VendorOutage(from, to) if (*from..*to).contains(&now)),
        )
    }

    pub(super) fn is_store_down(&self, now: Time) -> bool {
        self.faults.iter().any(
            |fault| matches!(fault, Fault::StoreOutage(from, to) if (*from..*to).contains(&now)),
        )
    }
}
