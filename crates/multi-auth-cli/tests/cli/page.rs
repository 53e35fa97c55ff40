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

/// Asserts that `shown` has each line of `expected`, in this order. Spaces do not count.
pub(crate) fn assert_in_order(shown: &str, expected: &str) {
    let plain_shown = plain(shown);
    let mut rest = plain_shown.as_str();
    for line in expected.lines().map(plain) {
        let Some(at) = rest.find(&line) else {
            panic!("{line}\n{shown}");
        };
        rest = &rest[at + line.len()..];
    }
}

/// `text` without the spaces that a table is made with.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
