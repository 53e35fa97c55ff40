//! The events of a simulation, one after the other.

use super::Time;
use super::instance::{Flight, Instance, Outcome, Token};
use super::metrics::Metrics;
use super::queue::{Event, Queue};
use super::random::Random;
use super::rules;
use super::scenario::{Fault, Scenario, Variant};
use super::shared::Shared;
use super::store::FIRST_POLL;
use super::vendor::Vendor;

pub(super) struct Run<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) instances: Vec<Instance>,
    pub(super) shared: Shared,
    pub(super) vendor: Vendor,
    pub(super) queue: Queue,
    pub(super) random: Random,
    pub(super) metrics: Metrics,
    pub(super) now: Time,
}

/// Simulates `scenario`, and returns what was counted.
#[must_use]
pub fn simulate(scenario: &Scenario, variant: Variant, seed: u64) -> Metrics {
    let mut run = Run::new(scenario, variant, seed);
    while let Some((time, event)) = run.queue.pop() {
        if time > scenario.length {
            break;
        }
        run.now = time;
        run.handle(event);
    }
    run.metrics
}

impl<'s> Run<'s> {
    fn new(scenario: &'s Scenario, variant: Variant, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let instances = (0..scenario.instances)
            .map(|number| Instance::new(number % scenario.accounts, random.clock_error()))
            .collect();
        let mut run = Self {
            scenario,
            instances,
            shared: Shared::new(variant, scenario),
            vendor: Vendor::default(),
            queue: Queue::default(),
            random,
            metrics: Metrics::new(scenario.length),
            now: Time::ZERO,
        };
        run.roll_out();
        for fault in &scenario.faults {
            if let Fault::Restart(time) = fault {
                run.queue.push(*time, Event::Restart);
            }
        }
        run
    }

    /// Plans the first request of each instance. Those of an account start at the same time.
    fn roll_out(&mut self) {
        let accounts = self.scenario.accounts;
        let starts: Vec<_> = (0..accounts)
            .map(|_| self.scenario.rollout.mul_f64(self.random.draw()))
            .collect();
        for instance in 0..self.scenario.instances {
            self.now = starts[(instance % accounts) as usize];
            self.plan_request(instance);
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Request { instance, number } => {
                if self.instance(instance).request == number {
                    self.request(instance);
                }
            }
            Event::Poll { instance, number } => {
                if self.instance(instance).number == number {
                    self.obtain(instance);
                }
            }
            Event::Response {
                instance,
                number,
                response,
            } => {
                if self.instance(instance).number == number {
                    self.responded(instance, response);
                }
            }
            Event::Restart => self.restart(),
        }
    }

    pub(super) fn instance(&mut self, instance: u32) -> &mut Instance {
        &mut self.instances[instance as usize]
    }

    fn request(&mut self, number: u32) {
        let now = self.now;
        let instance = self.instance(number);
        let outcome = instance.request(now);
        let waits = matches!(outcome, Outcome::Waits | Outcome::WaitsAndRefreshes);
        instance.waiting += u64::from(waits);
        match outcome {
            Outcome::ServedAndRefreshes | Outcome::WaitsAndRefreshes => {
                instance.number += 1;
                instance.flight = Some(Flight {
                    since: now,
                    wait: FIRST_POLL,
                    is_holder: false,
                });
                self.obtain(number);
            }
            Outcome::Fails => self.metrics.fail(now, 1),
            Outcome::Served | Outcome::Waits => {}
        }
        self.plan_request(number);
    }

    /// Plans the next request that matters.
    fn plan_request(&mut self, number: u32) {
        let now = self.now;
        let wait = self.random.until_next(self.scenario.requests_per_second);
        let instance = self.instance(number);
        instance.request += 1;
        let event = Event::Request {
            instance: number,
            number: instance.request,
        };
        let time = instance.matters_from(now) + wait;
        self.queue.push(time, event);
    }

    fn restart(&mut self) {
        if let Shared::Store(entries) = &mut self.shared {
            for entry in entries {
                entry.holder_dies(self.now);
            }
        }
        for instance in 0..self.scenario.instances {
            self.instance(instance).restart();
            self.plan_request(instance);
        }
    }

    /// The instance gets a token that is valid for `remaining`. `revision`: that of the store.
    pub(super) fn succeed(&mut self, number: u32, remaining: Time, revision: Option<u64>) {
        let jitter = self.random.draw();
        let now = self.now;
        let margin = rules::margin(remaining);
        let window = rules::window(remaining, jitter).max(margin);
        let instance = self.instance(number);
        instance.token = Some(Token {
            due: now + remaining.saturating_sub(window),
            end: now + remaining.saturating_sub(margin),
        });
        instance.seen = instance.seen.max(revision.unwrap_or(0));
        instance.failures = 0;
        instance.not_before = Time::ZERO;
        instance.is_attempted = false;
        instance.has_waited = false;
        self.land(number);
    }

    /// The token request of the instance fails. `retry_after`: when another may succeed.
    pub(super) fn fail(&mut self, number: u32, retry_after: Option<Time>) {
        let failures = self.instance(number).failures + 1;
        let delay = retry_after.unwrap_or_else(|| rules::back_off(failures, &mut self.random));
        let not_before = self.now + delay;
        let instance = self.instance(number);
        instance.failures = failures;
        instance.not_before = not_before;
        let waiting = instance.waiting;
        self.metrics.fail(self.now, waiting);
        self.land(number);
    }

    fn land(&mut self, number: u32) {
        let instance = self.instance(number);
        instance.flight = None;
        instance.waiting = 0;
        self.plan_request(number);
    }
}
