//! What a registry and its documentation site read of each published crate, and the links between
//! the pages of this repository.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The directory of each published crate.
fn crates() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("crates")).unwrap();
    let crates: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    assert!(crates.len() > 5, "the crates have moved");
    crates
}

/// The names in the table `[features]` of a manifest.
fn features(manifest: &str) -> Vec<&str> {
    let table = manifest.split("[features]\n").nth(1).unwrap_or_default();
    let lines = table.lines().take_while(|line| !line.starts_with('['));
    let names = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let names = names.filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    names.filter(|name| *name != "default").collect()
}

/// Whether a table of `page` has a row that begins with `feature`, alone or with others.
fn has_row(page: &str, feature: &str) -> bool {
    let rows = page.lines().map(|line| line.trim_start_matches("//! "));
    let mut cells = rows.filter_map(|row| row.strip_prefix("| ")?.split(" |").next());
    cells.any(|cell| cell.contains(&format!("`{feature}`")))
}

#[test]
fn every_published_crate_has_what_a_registry_shows() {
    for path in crates() {
        let manifest = read(&path.join("Cargo.toml"));
        let name = path.file_name().unwrap().to_str().unwrap();
        let documentation = format!("documentation = \"https://docs.rs/{name}\"");
        for line in [
            "description = ",
            "license.workspace = true",
            "repository.workspace = true",
            "readme = \"README.md\"",
            "keywords = ",
            "categories = ",
            &documentation,
        ] {
            assert!(manifest.contains(line), "{name}: no `{line}`");
        }
        for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let expected = read(&root().join(file));
            assert_eq!(read(&path.join(file)), expected, "{name}: {file}");
        }
        let title = format!("# {name}\n");
        assert!(read(&path.join("README.md")).starts_with(&title), "{name}");
    }
}

#[test]
fn every_feature_is_documented_in_the_crate_and_in_its_readme() {
    let mut count = 0;
    for path in crates() {
        let manifest = read(&path.join("Cargo.toml"));
        for feature in features(&manifest) {
            count += 1;
            for page in ["src/lib.rs", "README.md"] {
                let documented = has_row(&read(&path.join(page)), feature);
                assert!(documented, "{}: {feature}", path.join(page).display());
            }
        }
    }
    assert!(
        count >= 10,
        "{count} features: are manifests written otherwise now?"
    );
}

/// Every Markdown page of the repository.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let folders = [root(), root().join("docs")].into_iter().chain(crates());
    for folder in folders {
        let entries = fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        pages.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    pages
}

/// The targets of `[text](target)` in `page` that lead to a file, with their fragment.
fn targets(page: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let targets = page.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split(')').next());
    let local = targets.filter(|target| !target.contains("://") && !target.contains(' '));
    local.map(|target| match target.split_once('#') {
        Some((file, fragment)) => (file, Some(fragment)),
        None => (target, None),
    })
}

/// The fragments by which the headings of `page` are linked to.
fn fragments(page: &str) -> Vec<String> {
    let headings = page.lines().filter_map(|line| {
        let title = line.trim_start_matches('#').strip_prefix(' ')?;
        line.starts_with('#').then_some(title)
    });
    let kept = |c: &char| c.is_alphanumeric() || *c == ' ' || *c == '-' || *c == '_';
    let slug = |title: &str| title.chars().filter(kept).collect::<String>();
    headings
        .map(|title| slug(title).to_lowercase().replace(' ', "-"))
        .collect()
}

#[test]
fn every_link_between_pages_leads_to_a_file_and_a_heading() {
    let mut count = 0;
    for path in pages() {
        let page = read(&path);
        for (file, fragment) in targets(&page) {
            count += 1;
            let target = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            assert!(target.exists(), "{}: no {file}", path.display());
            if let Some(fragment) =
                fragment.filter(|_| target.extension().is_some_and(|end| end == "md"))
            {
                let known = fragments(&read(&target))
                    .iter()
                    .any(|known| known == fragment);
                assert!(
                    known,
                    "{}: no heading #{fragment} in {file}",
                    path.display()
                );
            }
        }
    }
    assert!(count > 40, "{count} links: are they written otherwise now?");
}

#[test]
fn every_page_is_in_the_index() {
    let index = read(&root().join("docs/README.md"));
    for path in pages() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let listed =
            !path.parent().unwrap().ends_with("docs") || index.contains(&format!("]({name})"));
        assert!(
            listed || name == "README.md",
            "docs/README.md does not list {name}"
        );
    }
}
