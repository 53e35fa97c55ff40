//! The page of the documentation that lists all vendors.

use std::fmt::Write;

use super::Description;

const HEAD: &str = "\
# All vendors of the catalogue

`multi-auth vendors --markdown` writes this page. The URLs have the examples of the variables in
them. [Vendors as data](catalogue.md) describes the format.

| preset | vendor | sends | to | documentation, read on |
|---|---|---|---|---|
";

pub(super) fn page(vendors: &[Description]) -> String {
    let mut page = HEAD.to_owned();
    for vendor in vendors {
        let Description {
            name,
            title,
            docs,
            read_on,
            ..
        } = vendor;
        let code = |texts: &[String]| {
            let texts = texts.iter().map(|text| format!("`{text}`"));
            texts.collect::<Vec<_>>().join(", ")
        };
        let (sends, urls) = (code(&vendor.sends), code(&vendor.urls));
        let source = match (docs, read_on) {
            (Some(docs), Some(read_on)) => format!("[{read_on}](<{docs}>)"),
            _ => String::new(),
        };
        // Writing into a string cannot fail.
        let _ = writeln!(page, "| `{name}` | {title} | {sends} | {urls} | {source} |");
    }
    page.trim_end().to_owned()
}
