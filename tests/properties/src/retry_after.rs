//! `Retry-After` in the first line of the input, `Date` in the second.

use std::time::Duration;

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use multi_auth::TokenSource;

use crate::token_request::{answered_with, block_on};

/// Seconds are read as seconds, up to an hour; any other text gives a delay or none.
pub fn retry_after(input: &[u8]) {
    let mut lines = input.split(|&byte| byte == b'\n');
    let mut answer = Response::new(Vec::new());
    *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    for name in [RETRY_AFTER, DATE] {
        if let Ok(value) = HeaderValue::try_from(lines.next().unwrap_or_default()) {
            answer.headers_mut().insert(name, value);
        }
    }
    let said = answer.headers().get(RETRY_AFTER).cloned();
    let error = block_on(answered_with(answer).build().token()).unwrap_err();

    let seconds = said
        .as_ref()
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if let Some(seconds) = seconds {
        let seconds = u64::min(seconds, 60 * 60);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)));
    }
    assert!(error.retry_after() <= Some(Duration::from_secs(60 * 60)));
}
