//! The blocks of a page of the documentation.

/// The blocks of `kind` in `page`.
pub(crate) fn blocks<'p>(page: &'p str, kind: &str) -> Vec<&'p str> {
    let fence = format!("```{kind}\n");
    let starts: Vec<_> = page
        .match_indices(&fence)
        .map(|(at, _)| at + fence.len())
        .collect();
    let block = |start| page[start..].split("```").next();
    starts.into_iter().filter_map(block).collect()
}

/// `text` without the spaces that a table is made with.
pub(crate) fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
