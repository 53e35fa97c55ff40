//! What reading an entry and a vendor's file share: tables of TOML, and places in a text.

use std::iter::successors;

use toml::de::DeTable;

/// The table `name` in `table`.
pub(crate) fn table<'e, 't>(table: &'e DeTable<'t>, name: &str) -> Option<&'e DeTable<'t>> {
    table.get(name)?.get_ref().as_table()
}

/// `entry` and the tables `also` in it, each with what stands before its fields: `prefix`, then
/// `also.` for each step.
pub(crate) fn parts<'e, 't>(
    prefix: &str,
    entry: &'e DeTable<'t>,
) -> impl Iterator<Item = (String, &'e DeTable<'t>)> {
    successors(Some((prefix.to_owned(), entry)), |(prefix, part)| {
        Some((format!("{prefix}also."), table(part, "also")?))
    })
}

/// Line and column, from 1 on, of the byte `at` of `text`.
pub(crate) fn position(text: &str, at: usize) -> Option<(usize, usize)> {
    let before = text.get(..at)?;
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Some((line, before.get(start..)?.chars().count() + 1))
}
