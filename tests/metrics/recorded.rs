//! What a recorder has heard since it was last looked at, a line for each metric and its labels.

use metrics_util::debugging::{DebugValue, DebuggingRecorder};

/// Each metric that is not zero, as in `attached_total{vendor=warehouse} 1`; of a histogram, how
/// many values it has.
pub(crate) fn lines(recorder: &DebuggingRecorder) -> Vec<String> {
    let all = recorder.snapshotter().snapshot().into_vec();
    let mut lines: Vec<_> = all
        .into_iter()
        .filter_map(|(key, _, _, value)| {
            let value = match value {
                DebugValue::Counter(count) => count.to_string(),
                DebugValue::Gauge(value) => value.to_string(),
                DebugValue::Histogram(values) => values.len().to_string(),
            };
            let labels = key.key().labels();
            let labels: Vec<_> = labels
                .map(|label| format!("{}={}", label.key(), label.value()))
                .collect();
            let name = key.key().name().strip_prefix("multi_auth_").unwrap();
            (value != "0").then(|| format!("{name}{{{}}} {value}", labels.join(",")))
        })
        .collect();
    lines.sort();
    lines
}
