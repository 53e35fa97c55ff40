//! Holds `docs/behaviours.md` against the tests: each case names the tests that show it, and no
//! test or case is named that does not exist.
//!
//! `UPDATE_BEHAVIOURS=1` writes the names into the list.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Tests by the number of the case that they show.
type Shown = BTreeMap<u32, Vec<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below `folder`.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Reads the marks of one file: doc comments that name cases, and the function that follows.
fn read_marks(text: &str, shown: &mut Shown) {
    let mut cases = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("///") {
            cases.extend(cases_in(comment));
        } else if let Some((_, name)) = line.split_once("fn ") {
            let name = name.split(['(', '<']).next().unwrap_or_default();
            for case in cases.drain(..) {
                shown.entry(case).or_default().push(name.to_owned());
            }
        }
    }
}

/// The numbers in `case 16, case 20`.
fn cases_in(comment: &str) -> Vec<u32> {
    let words: Vec<_> = comment
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let numbers = words.windows(2).filter(|pair| pair[0] == "case");
    numbers.filter_map(|pair| pair[1].parse().ok()).collect()
}

fn shown() -> Shown {
    let mut files = Vec::new();
    for folder in ["crates", "tests/it", "tests/metrics", "tests/properties"] {
        sources(&root().join(folder), &mut files);
    }
    files.push(root().join("tests/labels.rs"));
    let mut shown = Shown::new();
    for file in files.iter().filter(|file| !file.ends_with("behaviours.rs")) {
        read_marks(&fs::read_to_string(file).unwrap(), &mut shown);
    }
    for tests in shown.values_mut() {
        tests.sort();
        tests.dedup();
    }
    shown
}

/// A line of the list with the tests that show its case; other lines stay as they are.
fn with_tests(line: &str, shown: &mut Shown) -> String {
    let case = line
        .strip_prefix("- **")
        .and_then(|rest| rest.split("**").next());
    let Some(case) = case.and_then(|number| number.parse::<u32>().ok()) else {
        return line.to_owned();
    };
    let (text, state) = line.rsplit_once(" — ").unwrap();
    match shown.remove(&case) {
        Some(tests) => format!("{text} — `{}`", tests.join("`, `")),
        None if state.starts_with('`') => format!("{text} — planned"),
        None => line.to_owned(),
    }
}

#[test]
fn the_list_of_behaviours_names_the_tests_that_show_them() {
    let path = root().join("docs/behaviours.md");
    let listed = fs::read_to_string(&path).unwrap();
    let mut shown = shown();
    assert!(!shown.is_empty(), "no test names a case");
    let mut expected: String = listed
        .lines()
        .map(|line| with_tests(line, &mut shown) + "\n")
        .collect();
    expected.truncate(expected.trim_end().len());
    expected.push('\n');
    assert!(
        shown.is_empty(),
        "tests name cases that are not in the list: {shown:?}"
    );
    if std::env::var_os("UPDATE_BEHAVIOURS").is_some() {
        fs::write(path, expected).unwrap();
        return;
    }
    for (listed, expected) in listed.lines().zip(expected.lines()) {
        assert_eq!(listed, expected, "docs/behaviours.md is not up to date");
    }
}
