//! One attachment for many threads: each thread that uses it often gets its own copy.
//!
//! A clone of a header value increments a reference count. Two threads that increment the same one
//! were together 0.44 times as fast as one thread. A copy costs memory, so a thread makes one only
//! for an attachment that several threads use often.

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use super::{Attachment, Attachments};

/// An attachment, with copies for the threads that use it often.
pub(crate) struct PerThread {
    first: Attachments,
    /// The thread that uses `first`, or `NONE`; `ALL` once each thread has its own copy.
    owner: AtomicU32,
    /// How often other threads used `first`, up to `MANY`.
    other_uses: AtomicU32,
    copies: OnceLock<Copies>,
}

/// The copies, one for each thread that asked. The number of processors says nothing: a pinned
/// thread sees one.
type Copies = Box<[Slot; MAX_COPIES]>;

#[derive(Default)]
struct Slot {
    /// The number of the thread that owns it, or `NONE`.
    thread: AtomicU32,
    copy: OnceLock<Attachments>,
}

const NONE: u32 = 0;
const ALL: u32 = u32::MAX;

/// How often other threads use the first before they get copies.
const COPY_AFTER: u32 = 64;

/// The greatest number of copies. Further threads share them.
const MAX_COPIES: usize = 16;

impl PerThread {
    pub(crate) fn new(first: Attachment) -> Self {
        Self {
            first: Arc::new([first]),
            owner: AtomicU32::new(NONE),
            other_uses: AtomicU32::new(0),
            copies: OnceLock::new(),
        }
    }

    /// The attachment: this thread's copy if it has one.
    #[inline]
    pub(crate) fn get(&self) -> Attachments {
        let thread = thread_number();
        let own = if self.owner.load(Ordering::Relaxed) == thread {
            &self.first
        } else {
            self.get_shared(thread)
        };
        Arc::clone(own)
    }

    /// The attachment itself, without a clone.
    pub(crate) fn first(&self) -> &[Attachment] {
        &self.first
    }

    #[inline(never)]
    fn get_shared(&self, thread: u32) -> &Attachments {
        if let Some(copies) = self.copies.get() {
            return self.copy_for(thread, copies);
        }
        let claimed =
            self.owner
                .compare_exchange(NONE, thread, Ordering::Relaxed, Ordering::Relaxed);
        if claimed.is_ok() || self.other_uses.fetch_add(1, Ordering::Relaxed) < COPY_AFTER {
            return &self.first;
        }
        // The owner of the first gets a copy too: its counter may share a cache line with other
        // data.
        self.owner.store(ALL, Ordering::Relaxed);
        self.copy_for(thread, self.copies.get_or_init(Box::default))
    }

    fn copy_for<'c>(&'c self, thread: u32, copies: &'c Copies) -> &'c Attachments {
        slot_of(thread, copies).copy.get_or_init(|| self.copy())
    }

    fn copy(&self) -> Attachments {
        self.first.iter().map(Attachment::copy).collect()
    }
}

/// The slot of `thread`. A thread without one takes a free slot, or shares one if none is free.
fn slot_of(thread: u32, copies: &Copies) -> &Slot {
    let usual = thread as usize % MAX_COPIES;
    let (before, after) = copies.split_at(usual);
    let mut slots = after.iter().chain(before);
    let own = slots.find(|slot| slot.is_of(thread));
    own.unwrap_or(&copies[usual])
}

impl Slot {
    /// Whether it belongs to `thread`; a free one is taken.
    #[inline]
    fn is_of(&self, thread: u32) -> bool {
        let owner = self.thread.load(Ordering::Relaxed);
        owner == thread
            || (owner == NONE
                && self
                    .thread
                    .compare_exchange(NONE, thread, Ordering::Relaxed, Ordering::Relaxed)
                    .is_ok())
    }
}

/// A clone has no owner: other threads may use it.
impl Clone for PerThread {
    fn clone(&self) -> Self {
        Self {
            first: self.copy(),
            owner: AtomicU32::new(NONE),
            other_uses: AtomicU32::new(0),
            copies: OnceLock::new(),
        }
    }
}

impl fmt::Debug for PerThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first
            .iter()
            .try_for_each(|attachment| f.write_str(&attachment.shown()))
    }
}

/// The number of the current thread, from 1 on.
#[inline]
fn thread_number() -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(NONE);
    thread_local! {
        static NUMBER: Cell<u32> = const { Cell::new(NONE) };
    }
    #[cold]
    #[inline(never)]
    fn first_time(number: &Cell<u32>) -> u32 {
        // `NONE` and `ALL` are never the number of a thread.
        let last = LAST.fetch_add(1, Ordering::Relaxed);
        number.set(last % (ALL - 1) + 1);
        number.get()
    }
    NUMBER.with(|number| match number.get() {
        NONE => first_time(number),
        known => known,
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn value(attachments: &[Attachment]) -> &HeaderValue {
        match &attachments[0] {
            Attachment::Authorization(value) => value,
            Attachment::Header(header) => &header.1,
            Attachment::Query(pair, _) | Attachment::Cookie(pair) => &pair.0,
            Attachment::Refused(_) => panic!("it has no value"),
        }
    }

    #[test]
    fn a_thread_that_uses_an_attachment_often_gets_an_equal_copy() {
        let mut secret = HeaderValue::from_static("k-1");
        secret.set_sensitive(true);
        let name = HeaderName::from_static("x-key");
        let per_thread = PerThread::new(Attachment::header(name, secret));
        assert!(*per_thread.get() == *per_thread.first());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..=COPY_AFTER {
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

    #[test]
    fn each_thread_has_its_own_copy_up_to_the_maximum() {
        let per_thread = PerThread::new(Attachment::header(
            HeaderName::from_static("x-key"),
            HeaderValue::from_static("k-1"),
        ));
        let used = || {
            (0..=2 * COPY_AFTER)
                .map(|_| per_thread.get())
                .last()
                .unwrap()
        };
        let mut own = vec![used()];
        for _ in 1..MAX_COPIES {
            own.extend(std::thread::scope(|scope| scope.spawn(used).join()));
        }
        // The first thread moves to a copy once others have theirs.
        own[0] = used();
        let addresses: std::collections::HashSet<_> = own.iter().map(Arc::as_ptr).collect();
        assert_eq!(addresses.len(), MAX_COPIES);
        assert!(own.iter().all(|own| !Arc::ptr_eq(own, &per_thread.first)));
    }
}
