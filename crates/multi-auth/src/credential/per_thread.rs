//! One attachment for many threads: each that uses it much has a copy of its own.
//!
//! To clone a header value is to count a reference, and two threads that count the same one wait for each
//! other: together they were 0.44 times as fast as one. A copy for each costs memory, so it is made only
//! for what several threads use again and again.

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;

use super::{Attachment, Attachments};

/// An attachment, and copies of it where they are worth their memory.
pub(crate) struct PerThread {
    first: Attachments,
    /// The thread that `first` belongs to, or `NOBODY`.
    owner: AtomicU32,
    /// How often other threads used `first`, up to `MANY`.
    foreign: AtomicU32,
    copies: OnceLock<Box<[Attachments]>>,
}

const NOBODY: u32 = 0;

/// How often other threads share the first before they get copies.
const MANY: u32 = 64;

/// How many copies there are at most, whatever the number of processors.
const MOST: usize = 16;

impl PerThread {
    pub(crate) fn new(first: Attachment) -> Self {
        Self {
            first: Arc::new([first]),
            owner: AtomicU32::new(NOBODY),
            foreign: AtomicU32::new(0),
            copies: OnceLock::new(),
        }
    }

    /// The attachment, by this thread's copy where it has one.
    #[inline]
    pub(crate) fn get(&self) -> Attachments {
        let me = thread_number();
        let mine = if self.owner.load(Ordering::Relaxed) == me {
            &self.first
        } else {
            self.of_another_thread(me)
        };
        Arc::clone(mine)
    }

    /// The attachment itself, to look at.
    pub(crate) fn first(&self) -> &[Attachment] {
        &self.first
    }

    #[inline(never)]
    fn of_another_thread(&self, me: u32) -> &Attachments {
        if let Some(copies) = self.copies.get() {
            return &copies[me as usize % copies.len()];
        }
        let claimed = self
            .owner
            .compare_exchange(NOBODY, me, Ordering::Relaxed, Ordering::Relaxed);
        if claimed.is_ok() || self.foreign.fetch_add(1, Ordering::Relaxed) < MANY {
            return &self.first;
        }
        let processors = available_parallelism().map_or(1, usize::from);
        let copy = |_| self.first.iter().map(Attachment::copy).collect();
        let copies = self
            .copies
            .get_or_init(|| (0..processors.min(MOST)).map(copy).collect());
        &copies[me as usize % copies.len()]
    }
}

impl fmt::Debug for PerThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first
            .iter()
            .try_for_each(|attachment| f.write_str(&attachment.shown()))
    }
}

/// A number for the current thread, from 1 on.
#[inline]
fn thread_number() -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(NOBODY);
    thread_local! {
        static NUMBER: Cell<u32> = const { Cell::new(NOBODY) };
    }
    #[cold]
    #[inline(never)]
    fn first_time(number: &Cell<u32>) -> u32 {
        number.set(LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1));
        number.get()
    }
    NUMBER.with(|number| match number.get() {
        NOBODY => first_time(number),
        known => known,
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn value(attachments: &[Attachment]) -> &HeaderValue {
        match &attachments[0] {
            Attachment::Authorization(value) | Attachment::Header(_, value) => value,
            Attachment::Query(pair, _) | Attachment::Cookie(pair) => &pair.0,
            Attachment::Refused(_) => panic!("it has no value"),
        }
    }

    #[test]
    fn a_thread_that_uses_it_much_gets_a_copy_and_it_is_the_same() {
        let mut secret = HeaderValue::from_static("k-1");
        secret.set_sensitive(true);
        let name = HeaderName::from_static("x-key");
        let per_thread = PerThread::new(Attachment::Header(name, secret));
        assert!(*per_thread.get() == *per_thread.first());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..=MANY {
                    assert!(per_thread.copies.get().is_none());
                    assert!(*per_thread.get() == *per_thread.first());
                }
                let own = per_thread.get();
                assert!(per_thread.copies.get().is_some() && *own == *per_thread.first());
                assert!(value(&own).is_sensitive());
                assert_ne!(
                    value(&own).as_bytes().as_ptr(),
                    value(per_thread.first()).as_bytes().as_ptr()
                );
            });
        });
    }
}
