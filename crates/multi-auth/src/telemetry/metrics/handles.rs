//! The handles of a keyring for the counter of every request.

use metrics::{Counter, counter};

use super::described::describe;
use crate::telemetry::label::Label;
use crate::{CredentialId, ProtectionSpace};

/// The label of a request's credential.
pub(crate) type Tag = Label;

/// The labels of the bindings, by number, while a keyring is built.
#[derive(Debug, Default)]
pub(crate) struct Labels(Vec<Label>);

impl Labels {
    /// Adds the label of the next binding.
    pub(crate) fn add(&mut self, space: &ProtectionSpace) {
        self.0.push(Label::of(&space.label()));
    }
}

/// Counts attached credentials.
#[derive(Debug)]
pub(crate) struct Meters {
    labels: Box<[Label]>,
    /// Indexed by the number of the label.
    attached: Box<[Counter]>,
}

impl Meters {
    /// The handles of the recorder that is installed now.
    pub(crate) fn new(labels: Labels) -> Self {
        describe();
        let labels = labels.0.into_boxed_slice();
        let mut attached = vec![Counter::noop(); Label::COUNT];
        let mut is_registered = [false; Label::COUNT];
        for label in &labels {
            let at = label.index();
            if !std::mem::replace(&mut is_registered[at], true) {
                attached[at] = counter!("multi_auth_attached_total", "vendor" => label.name());
            }
        }
        let last = is_registered
            .iter()
            .rposition(|is_registered| *is_registered);
        attached.truncate(last.map_or(0, |last| last + 1));
        Self {
            labels,
            attached: attached.into_boxed_slice(),
        }
    }

    /// A credential under `id` was put on a request; the answer tells whose it is.
    #[inline]
    pub(crate) fn attached(&self, id: &CredentialId) -> Tag {
        let binding = id.binding().and_then(|number| usize::try_from(number).ok());
        let label = binding.and_then(|number| self.labels.get(number));
        let label = label.copied().unwrap_or_default();
        if let Some(counter) = self.attached.get(label.index()) {
            counter.increment(1);
        }
        label
    }
}
