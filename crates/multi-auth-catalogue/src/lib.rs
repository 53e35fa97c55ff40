//! How the APIs of many vendors are authenticated, as data.
//!
//! Each vendor has a TOML file. [`multi-auth-config`] reads it where a configuration says `preset =
//! "freshdesk"`; its feature `catalogue` (on by default) brings this crate. The format is described
//! in `docs/catalogue.md` of the repository.
//!
//! ```
//! let text = multi_auth_catalogue::find("freshdesk").unwrap();
//! assert!(text.contains("title = \"Freshdesk\""));
//! assert!(multi_auth_catalogue::all().len() >= 150);
//! ```
//!
//! The texts are part of the program: nothing is read or parsed until it is asked for.
//!
//! [`multi-auth-config`]: https://docs.rs/multi-auth-config

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

/// Names and texts, sorted by name.
const VENDORS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/vendors.rs"));

/// The name and the text of every vendor's file, sorted by name.
#[must_use]
pub const fn all() -> &'static [(&'static str, &'static str)] {
    VENDORS
}

/// The text of the vendor `name`, such as `freshdesk`.
#[must_use]
pub fn find(name: &str) -> Option<&'static str> {
    let at = VENDORS.binary_search_by_key(&name, |(name, _)| name).ok()?;
    VENDORS.get(at).map(|(_, text)| *text)
}
