//! The variables of this process's environment.

use std::ffi::OsString;

/// The value of the variable `name`. `None` too if no variable can have that name.
pub(super) fn value(name: &str) -> Option<OsString> {
    let is_name = !name.is_empty() && !name.contains(['=', '\0']);
    is_name.then(|| std::env::var_os(name)).flatten()
}
