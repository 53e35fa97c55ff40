//! Labels of credentials in metrics and spans. Their number is bounded, and so is their memory.

use std::sync::OnceLock;

/// The number of labels that this process keeps. All others become `other`.
const MAX_LABELS: usize = 256;

/// The labels, in the order of their first use. None is ever removed.
static NAMES: [OnceLock<Box<str>>; MAX_LABELS] = [const { OnceLock::new() }; MAX_LABELS];

/// The number of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label(u16);

impl Label {
    /// For all labels after the first 256.
    const OTHER: Self = Self(256);
    /// For credentials without a label.
    pub(crate) const UNLABELLED: Self = Self(257);
    /// The greatest number of labels.
    #[cfg(feature = "metrics")]
    pub(crate) const COUNT: usize = 258;

    /// The label with the name `name`.
    pub(crate) fn of(name: &str) -> Self {
        let is_taken = |slot: &OnceLock<Box<str>>| **slot.get_or_init(|| name.into()) == *name;
        let at = NAMES.iter().position(is_taken);
        let number = at.and_then(|at| u16::try_from(at).ok());
        number.map_or(Self::OTHER, Self)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match (self, NAMES.get(usize::from(self.0))) {
            (_, Some(slot)) => slot.get().map_or("", |name| &**name),
            (Self::UNLABELLED, None) => "unlabelled",
            (_, None) => "other",
        }
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl Default for Label {
    fn default() -> Self {
        Self::UNLABELLED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_kept_once_and_all_above_the_limit_are_other() {
        let first = Label::of("warehouse");
        assert_eq!((first, first.name()), (Label::of("warehouse"), "warehouse"));
        let many: Vec<_> = (0..300).map(|at| Label::of(&format!("v-{at}"))).collect();
        assert_eq!(many.last().map(|label| label.name()), Some("other"));
        assert_eq!(Label::of("warehouse"), first);
        assert_eq!(Label::default().name(), "unlabelled");
    }
}
