//! How an instance obtains a token: from the store, or from the vendor.

use super::Time;
use super::queue::Event;
use super::run::Run;
use super::shared::Shared;
use super::store::{self, Acquired, LONGEST_POLL};
use super::vendor::Response;
use super::{lock, store::Entry};

/// How long before the end of its token no instance waits for the store any more.
const RESERVE: Time = Time::from_secs(90);

impl Run<'_> {
    /// Looks for a token of another instance, and requests one if it may.
    pub(super) fn obtain(&mut self, number: u32) {
        match self.shared {
            Shared::Nothing => self.send(number),
            Shared::Locks(_) if self.is_store_down() => self.send(number),
            Shared::Store(_) if self.is_store_down() => self.go_alone(number),
            Shared::Locks(_) => self.try_lock(number),
            Shared::Store(_) => self.acquire(number),
        }
    }

    fn is_store_down(&self) -> bool {
        self.scenario.is_store_down(self.now)
    }

    /// Requests a token without the store, or waits for the store.
    fn go_alone(&mut self, number: u32) {
        let (now, may_wait) = (self.now, self.scenario.waits_for_store);
        let draw = self.random.draw();
        let instance = self.instance(number);
        let left = instance
            .token
            .map_or(Time::ZERO, |token| token.end.saturating_sub(now));
        let spread = left.saturating_sub(RESERVE);
        if may_wait && !instance.has_waited && !spread.is_zero() {
            instance.has_waited = true;
            return self.fail(number, Some(spread.mul_f64(draw)));
        }
        self.send(number);
    }

    /// Sends a token request to the vendor.
    fn send(&mut self, number: u32) {
        let (response, time) = self
            .vendor
            .respond(self.now, self.scenario, &mut self.random);
        self.metrics.request(self.now, response);
        let event = Event::Response {
            instance: number,
            number: self.instance(number).number,
            response,
        };
        self.queue.push(self.now + time, event);
    }

    fn poll_after(&mut self, number: u32, wait: Time) {
        let event = Event::Poll {
            instance: number,
            number: self.instance(number).number,
        };
        self.queue.push(self.now + wait, event);
    }

    fn entry(&mut self, number: u32) -> Option<&mut Entry> {
        let account = self.instance(number).account as usize;
        match &mut self.shared {
            Shared::Store(entries) => entries.get_mut(account),
            _ => None,
        }
    }

    fn acquire(&mut self, number: u32) {
        self.metrics.ask_store(self.now);
        let (now, seen) = (self.now, self.instance(number).seen);
        let Some(entry) = self.entry(number) else {
            return;
        };
        match entry.acquire(seen, now) {
            Acquired::Newer => {
                let (remaining, revision) = (entry.expiry.saturating_sub(now), entry.revision);
                self.succeed(number, remaining, Some(revision));
            }
            Acquired::Taken => self.send_as_holder(number),
            Acquired::Paused(pause) => self.fail(number, Some(pause)),
            Acquired::Held => self.wait_for_lease(number),
        }
    }

    fn send_as_holder(&mut self, number: u32) {
        if let Some(flight) = &mut self.instance(number).flight {
            flight.is_holder = true;
        }
        self.send(number);
    }

    fn wait_for_lease(&mut self, number: u32) {
        let now = self.now;
        let Some(flight) = &mut self.instance(number).flight else {
            return;
        };
        if flight.since + store::WAIT <= now {
            return self.send(number);
        }
        let longest = flight.wait;
        flight.wait = LONGEST_POLL.min(flight.wait * 2);
        let wait = self.random.shortened(longest);
        self.poll_after(number, wait);
    }

    fn try_lock(&mut self, number: u32) {
        self.metrics.ask_store(self.now);
        let now = self.now;
        let instance = self.instance(number);
        let (account, seen) = (instance.account as usize, instance.seen);
        let clock_error = instance.clock_error;
        let since = instance.flight.map_or(now, |flight| flight.since);
        let Shared::Locks(locks) = &mut self.shared else {
            return;
        };
        let lock = &mut locks[account];
        let (revision, newer) = (lock.revision, lock.remaining(now, clock_error));
        match newer.filter(|_| revision > seen) {
            Some(remaining) => self.succeed(number, remaining, Some(revision)),
            None if lock.take(now) => self.send_as_holder(number),
            None if since + lock::WAIT <= now => self.send(number),
            None => self.poll_after(number, lock::POLL),
        }
    }

    /// The vendor's response arrives.
    pub(super) fn responded(&mut self, number: u32, response: Response) {
        let instance = self.instance(number);
        let is_holder = instance.flight.is_some_and(|flight| flight.is_holder);
        let Response::Token(requested) = response else {
            return self.not_issued(number, response, is_holder);
        };
        let expiry = requested + self.scenario.lifetime;
        let revision = self.publish(number, expiry, is_holder);
        self.succeed(number, expiry.saturating_sub(self.now), revision);
    }

    /// Shares the token. Returns its revision if the store has it.
    fn publish(&mut self, number: u32, expiry: Time, is_holder: bool) -> Option<u64> {
        let instance = self.instance(number);
        let (account, clock_error) = (instance.account as usize, instance.clock_error);
        let is_down = self.is_store_down();
        match &mut self.shared {
            Shared::Nothing => None,
            Shared::Locks(_) if is_down => None,
            Shared::Locks(locks) => {
                locks[account].release();
                Some(locks[account].store(expiry, clock_error))
            }
            Shared::Store(entries) if is_holder && !is_down => {
                Some(entries[account].publish(expiry))
            }
            // The lease ends by itself.
            Shared::Store(entries) => {
                if is_holder {
                    entries[account].holder_dies(self.now);
                }
                None
            }
        }
    }

    fn spread(&mut self, retry_after: Time) -> Time {
        if self.scenario.spreads_retries {
            retry_after.mul_f64(1.0 + 0.5 * self.random.draw())
        } else {
            retry_after
        }
    }

    fn not_issued(&mut self, number: u32, response: Response, is_holder: bool) {
        let retry_after = match response {
            Response::TooMany(retry_after) => Some(self.spread(retry_after)),
            _ => None,
        };
        let account = self.instance(number).account as usize;
        match &mut self.shared {
            Shared::Locks(locks) => locks[account].release(),
            Shared::Store(entries) if is_holder => {
                entries[account].pause(retry_after, self.now, &mut self.random);
            }
            _ => {}
        }
        self.fail(number, retry_after);
    }
}
