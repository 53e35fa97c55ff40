//! Errors with their place in the text of a vendor.

use crate::toml_table::position;
use crate::{Advice, ConfigError, ConfigLocation};

pub(super) fn malformed(file: &str, text: &str, error: &toml::de::Error) -> ConfigError {
    let at = error.span().map_or(0, |span| span.start);
    let problem = format!("is not valid TOML ({})", error.message());
    let advice = Advice::of(problem, "correct this line (https://toml.io)");
    ConfigError::invalid(location(file, text, "", at), advice)
}

pub(super) fn location(file: &str, text: &str, field: &str, at: usize) -> ConfigLocation {
    ConfigLocation {
        source: file.to_owned(),
        position: position(text, at),
        field: field.to_owned(),
    }
}
