//! The keys under test, and beside them which two may serve.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use http::{HeaderMap, StatusCode};
use multi_auth::{Authenticator, ResponseHead, Rotating, Rotation, Verdict};
use multi_auth_properties::{Sent, TestClock, send};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::vendor::{Key, Vendor};

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Rotate(Key),
    /// A key in the place of all that are held.
    Replace(Key),
    /// A key becomes good, or bad, so many before the last one.
    Toggle(usize),
    Down(bool),
    Wait(u64),
    /// A request that is sent once more where that is the verdict.
    Request,
    /// A request whose answer comes later.
    Send,
    /// The answer to a request, so many before the last one.
    Answer(usize, StatusCode),
}

pub(crate) struct Model {
    vendor: Arc<Vendor>,
    rotating: Rotating,
    older: usize,
    newer: Option<usize>,
    /// Whether a key has changed or a refusal has come late since the rotation: it may take several
    /// requests then until the good key is found.
    is_disturbed: bool,
    /// The requests whose answers are yet to come.
    sent: Vec<Sent>,
}

impl Model {
    pub(crate) fn new() -> Self {
        let vendor = Arc::<Vendor>::default();
        let older = vendor.learn(Key {
            is_good: true,
            ..Key::default()
        });
        Self {
            rotating: Rotating::new(vendor.scheme(older))
                .with_clock(Arc::<TestClock>::clone(&vendor.clock)),
            vendor,
            older,
            newer: None,
            is_disturbed: false,
            sent: Vec::new(),
        }
    }

    pub(crate) async fn take(&mut self, step: Step) -> TestCaseResult {
        match step {
            Step::Rotate(key) => self.rotate(key),
            Step::Replace(key) => self.replace(key),
            Step::Toggle(back) => self.toggle(back),
            Step::Down(is_down) => self.vendor.is_down.store(is_down, SeqCst),
            Step::Wait(seconds) => self.vendor.clock.wait(seconds),
            Step::Request => self.request().await?,
            Step::Send => self.sent.extend(self.send().await),
            Step::Answer(back, status) => self.answer(back, status).await?,
        }
        // What runs behind has its turn.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    fn rotate(&mut self, key: Key) {
        self.settle();
        let number = self.vendor.learn(key);
        self.rotating.rotate(self.vendor.scheme(number)).unwrap();
        self.newer = Some(number);
        self.is_disturbed = false;
    }

    fn replace(&mut self, key: Key) {
        self.older = self.vendor.learn(key);
        self.rotating
            .replace(self.vendor.scheme(self.older))
            .unwrap();
        self.newer = None;
        self.is_disturbed = false;
    }

    /// Where the newer key has passed, the older one is gone.
    fn settle(&mut self) {
        if self.rotating.rotation() == Rotation::Settled {
            self.older = self.newer.take().unwrap_or(self.older);
        }
    }

    fn toggle(&mut self, back: usize) {
        self.vendor.toggle(back);
        self.is_disturbed = true;
    }

    /// If there is a valid key and nothing disturbs the request, its second attempt finds the key
    /// at the latest. The exception: the keys obtain tokens and the vendor is down.
    async fn request(&mut self) -> TestCaseResult {
        self.settle();
        let held: Vec<usize> = self.newer.into_iter().chain([self.older]).collect();
        let answer = self.attempt(&held).await?;
        let any_is_good = held.iter().any(|&number| self.vendor.accepts(number));
        let any_obtains_tokens = held
            .iter()
            .any(|&number| self.vendor.obtains_tokens(number));
        let is_cut_off = any_obtains_tokens && self.vendor.is_down.load(SeqCst);
        if any_is_good && !self.is_disturbed && !is_cut_off {
            prop_assert_eq!(answer, Some(StatusCode::OK), "{:?}", held);
        }
        Ok(())
    }

    /// The vendor's last answer to a request that carries one of the keys `held`, if it could be
    /// sent at all.
    async fn attempt(&self, held: &[usize]) -> Result<Option<StatusCode>, TestCaseError> {
        let mut answer = None;
        for _ in 0..2 {
            let Some(sent) = self.send().await else {
                return Ok(None);
            };
            prop_assert!(held.contains(&sent.number), "{sent:?} of {held:?}");
            let status = self.vendor.status(sent.number);
            answer = Some(status);
            if !self.judge(&sent, status).is_replay() {
                break;
            }
        }
        Ok(answer)
    }

    /// An answer is laid at the door of the key that it was given to, and of no other: what serves
    /// by then serves on.
    async fn answer(&mut self, back: usize, status: StatusCode) -> TestCaseResult {
        let Some(answered) = self.sent.iter().rev().nth(back).cloned() else {
            return Ok(());
        };
        let before = self.send().await;
        self.is_disturbed |= status == StatusCode::UNAUTHORIZED;
        let verdict = self.judge(&answered, status);
        let says_nothing = !matches!(status, StatusCode::OK | StatusCode::UNAUTHORIZED);
        prop_assert!(!says_nothing || verdict == Verdict::Accept);
        let (Some(before), Some(after)) = (before, self.send().await) else {
            return Ok(());
        };
        let is_another = before.id != answered.id && before.number != answered.number;
        if is_another || says_nothing {
            prop_assert_eq!(before.number, after.number, "{:?} {:?}", answered, status);
        }
        Ok(())
    }

    /// Sends a request with the key in use, if there is one.
    async fn send(&self) -> Option<Sent> {
        send(&self.rotating, "k-").await.ok()
    }

    /// As a client does, which judges nothing that cannot be refreshed.
    fn judge(&self, sent: &Sent, status: StatusCode) -> Verdict {
        if !sent.id.is_refreshable() {
            return Verdict::Accept;
        }
        let headers = HeaderMap::new();
        let response = ResponseHead::new(status, &headers);
        self.rotating.judge(&sent.id, &response)
    }
}
