//! Where the text of a template goes.

use aws_lc_rs::{digest, hmac};

/// Takes the text of a template, part by part.
pub(super) trait Sink {
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// The length of the text.
impl Sink for usize {
    fn put(&mut self, bytes: &[u8]) {
        *self += bytes.len();
    }
}

impl Sink for digest::Context {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl Sink for hmac::Context {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

/// Passes on the first bytes.
pub(super) struct First<'s, S> {
    pub(super) sink: &'s mut S,
    pub(super) left: usize,
    pub(super) has_any: bool,
}

impl<S: Sink> Sink for First<'_, S> {
    fn put(&mut self, bytes: &[u8]) {
        let bytes = &bytes[..bytes.len().min(self.left)];
        self.left -= bytes.len();
        self.has_any |= !bytes.is_empty();
        if !bytes.is_empty() {
            self.sink.put(bytes);
        }
    }
}
