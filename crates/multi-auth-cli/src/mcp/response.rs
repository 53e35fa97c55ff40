//! What an agent reads of a response.

use std::fmt::Write;

use rmcp::model::{CallToolResult, ContentBlock};

use super::client::{LONGEST, Received};

/// The status, the header fields and the body. `base` is the vendor's URL at the proxy: the agent
/// knows only paths below that.
pub(super) fn result(received: &Received, base: &str) -> CallToolResult {
    let status = received.head.status;
    let mut text = format!("{status}\n");
    for (name, value) in &received.head.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).replace(base, "");
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{name}: {value}");
    }
    text.push('\n');
    text.push_str(&shown(&received.body, received.is_cut));
    if received.is_cut {
        let _ = write!(
            text,
            "\n[the body is incomplete: it has more than {LONGEST} bytes, took too long, or broke off]"
        );
    }
    let content = vec![ContentBlock::text(text)];
    if status.as_u16() < 400 {
        CallToolResult::success(content)
    } else {
        CallToolResult::error(content)
    }
}

/// The result of a call that got no response.
pub(super) fn failure(problem: impl Into<String>) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(problem)])
}

/// The body as text. A part of a character at the end of a body that goes on is left out.
fn shown(body: &[u8], is_cut: bool) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(error) if is_cut && error.error_len().is_none() => {
            String::from_utf8_lossy(&body[..error.valid_up_to()]).into_owned()
        }
        Err(_) => format!("[{} bytes that are no text]", body.len()),
    }
}
