//! Vendors as data: their files, and what users fill into them.

use multi_auth_config::{Catalogue, Config};
use serde_json::Value;
use url::Url;

/// A vendor with a label and a segment in its URL, and a text beside it.
fn file(url: &str) -> String {
    format!(
        "format = 1\ntitle = \"V\"\ndocs = \"https://docs.example\"\nread = 2026-11-29\n\
         [variables.label]\nlabel = \"L\"\nexample = \"one\"\n\
         [variables.segment]\nlabel = \"S\"\nkind = \"segment\"\nexample = \"one\"\n\
         [variables.text]\nlabel = \"T\"\nkind = \"text\"\nexample = \"one\"\n\
         [inputs.key]\nlabel = \"K\"\n\
         [entry]\nurl = {url}\nscheme = \"authorization\"\n\
         prefix = \"{{label}} {{segment}} {{text}} \"\n",
        url = Value::from(url)
    )
}

/// Any text is a vendor's file or an error of one line; a URL with variables is bound to a domain
/// that no value can change; and a value stays in its place.
pub fn vendor_files(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Err(error) = Catalogue::empty().with_vendor("v", &text) {
        let shown = error.to_string();
        assert!(!shown.contains(['\r', '\n']), "{shown}");
    }
    url(&text);
    value(&text);
}

/// The URL to which the vendor of `catalogue` is bound with these values.
fn bound(catalogue: &Catalogue, label: &str, segment: &str, text: &str) -> Option<Url> {
    let values = [label, segment, text].map(Value::from);
    let [label, segment, text] = values;
    let entry = format!(
        "[vendors.v]\npreset = \"v\"\nkey = {{ env = \"K\" }}\n\
         variables = {{ label = {label}, segment = {segment}, text = {text} }}"
    );
    let config = Config::parse_with(&entry, "", [], catalogue).ok()?;
    let space = config.vendors()[0].protection_spaces()[0].to_string();
    Some(Url::parse(&space).expect("a protection space is a URL"))
}

/// `url` as the URL of a vendor. Two users with different values reach the same domain.
fn url(url: &str) {
    let Ok(catalogue) = Catalogue::empty().with_vendor("v", &file(url)) else {
        return;
    };
    let reached = ["one", "two"].map(|value| bound(&catalogue, value, value, value));
    let [Some(one), Some(two)] = reached else {
        panic!("{url}: accepted with one value and not with another");
    };
    let is_loopback =
        ["[::1]", "127.0.0.1", "localhost"].contains(&one.host_str().unwrap_or_default());
    assert!(one.scheme() == "https" || is_loopback, "{url}: {one}");
    assert_eq!(one.port(), two.port(), "{url}");
    assert_eq!(domain(&one), domain(&two), "{url}");
}

/// The last two labels of a host.
fn domain(url: &Url) -> Vec<&str> {
    let host = url.host_str().unwrap_or_default();
    host.rsplit('.').take(2).collect()
}

/// `value` as the value of each variable.
fn value(value: &str) {
    let catalogue =
        Catalogue::empty().with_vendor("v", &file("https://{label}.v.example/a/{segment}/b"));
    let catalogue = catalogue.expect("the file is valid");
    for (label, segment, text) in [(value, "s", "t"), ("l", value, "t"), ("l", "s", value)] {
        let Some(url) = bound(&catalogue, label, segment, text) else {
            continue;
        };
        let host = url.host_str().unwrap_or_default();
        let name = host
            .strip_suffix(".v.example")
            .expect("the domain is constant");
        assert!(
            !name.contains('.') && name.eq_ignore_ascii_case(label),
            "{url}"
        );
        let segments: Vec<_> = url.path_segments().into_iter().flatten().collect();
        assert_eq!(segments, ["a", segment, "b"], "{url}");
        assert!(url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
    }
}
