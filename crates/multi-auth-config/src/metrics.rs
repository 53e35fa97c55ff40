//! Metrics of keys, with the feature `metrics`. Without it, the functions are empty.
//!
//! The label is the vendor's name in the file, so there are as many series as vendors.

use crate::Vendor;

#[cfg(not(feature = "metrics"))]
#[expect(clippy::unused_self, reason = "the functions are empty")]
impl Vendor {
    pub(crate) fn report_expiry(&self, _: bool) {}

    pub(crate) fn report_source(&self, _: bool) {}
}

#[cfg(feature = "metrics")]
impl Vendor {
    /// The expiry of the key in use; infinite if the file has none, or if it is that of another
    /// key.
    pub(crate) fn report_expiry(&self, is_dated: bool) {
        use std::time::SystemTime;

        const NAME: &str = "multi_auth_key_expiry_timestamp_seconds";
        let seconds = |end: SystemTime| {
            let since = end.duration_since(SystemTime::UNIX_EPOCH);
            since.unwrap_or_default().as_secs_f64()
        };
        let end = self.credential.expires_at.filter(|_| is_dated);
        let end = end.map_or(f64::INFINITY, seconds);
        metrics::describe_gauge!(
            NAME,
            metrics::Unit::Seconds,
            "Unix time at which the key expires"
        );
        metrics::gauge!(NAME, "vendor" => self.name().to_owned()).set(end);
    }

    /// 1 if the source of the key fails or returns an invalid key, else 0.
    pub(crate) fn report_source(&self, is_failing: bool) {
        const NAME: &str = "multi_auth_key_source_failing";
        metrics::describe_gauge!(
            NAME,
            metrics::Unit::Count,
            "1 while the source of the key fails or returns an invalid key"
        );
        let value = if is_failing { 1.0 } else { 0.0 };
        metrics::gauge!(NAME, "vendor" => self.name().to_owned()).set(value);
    }
}
