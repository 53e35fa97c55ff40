//! The parsed file. It is wiped unless it becomes a document: texts with escapes are copies of the
//! file's secrets.

use std::borrow::Cow;
use std::mem;
use std::ops::{Deref, DerefMut};

use secrecy::zeroize::Zeroize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The parsed file.
pub(super) struct Tree<'t>(pub(super) Spanned<DeTable<'t>>);

impl<'t> Tree<'t> {
    /// The table itself. The caller must turn it into types that wipe their secrets.
    pub(super) fn take(mut self) -> Spanned<DeTable<'t>> {
        let span = self.0.span();
        let table = mem::replace(self.0.get_mut(), DeTable::new());
        Spanned::new(span, table)
    }
}

impl<'t> Deref for Tree<'t> {
    type Target = DeTable<'t>;

    fn deref(&self) -> &DeTable<'t> {
        self.0.get_ref()
    }
}

impl<'t> DerefMut for Tree<'t> {
    fn deref_mut(&mut self) -> &mut DeTable<'t> {
        self.0.get_mut()
    }
}

impl Drop for Tree<'_> {
    fn drop(&mut self) {
        wipe_table(self.0.get_mut());
    }
}

fn wipe_table(table: &mut DeTable<'_>) {
    table
        .iter_mut()
        .for_each(|(_, value)| wipe(value.get_mut()));
}

/// Wipes the texts of `value` that are copies.
pub(super) fn wipe(value: &mut DeValue<'_>) {
    match value {
        DeValue::String(Cow::Owned(text)) => text.zeroize(),
        DeValue::Array(values) => values.iter_mut().for_each(|value| wipe(value.get_mut())),
        DeValue::Table(table) => wipe_table(table),
        _ => {}
    }
}
