//! Requests that a caller may send.

use http::Method;

use crate::Advice;

/// Requests that a caller may send: to one vendor, of all methods and paths or only of some.
///
/// ```
/// use http::Method;
/// use multi_auth_config::proxy::Rule;
///
/// # fn main() -> Result<(), multi_auth_config::Advice> {
/// let rule = Rule::vendor("immuta").with_method(Method::GET).with_path("/dataSource")?;
/// assert!(rule.allows("immuta", &Method::GET, "/dataSource/7"));
/// assert!(!rule.allows("immuta", &Method::GET, "/dataSources"));
/// assert!(!rule.allows("immuta", &Method::DELETE, "/dataSource/7"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Rule {
    vendor: String,
    /// Empty for all methods.
    methods: Vec<Method>,
    /// Without a slash at the end. Empty for all paths.
    paths: Vec<String>,
}

const NOT_A_PATH: Advice = Advice::new(
    "is not the beginning of a path",
    "write it with a slash and without `?`, `#`, `%`, `//`, `.` and `..`, as in \"/users\"",
);

impl Rule {
    /// Allows all requests to `vendor`, by its name in the configuration.
    #[must_use]
    pub fn vendor(vendor: impl Into<String>) -> Self {
        Self {
            vendor: vendor.into(),
            methods: Vec::new(),
            paths: Vec::new(),
        }
    }

    /// Allows only this method, and others that are added.
    #[must_use]
    pub fn with_method(mut self, method: Method) -> Self {
        self.methods.push(method);
        self
    }

    /// Allows only `path` below the vendor's URL and what is below it, and others that are added.
    ///
    /// # Errors
    ///
    /// If `path` does not begin with a slash, or if servers read it in different ways.
    pub fn with_path(mut self, path: &str) -> Result<Self, Advice> {
        let rest = path.strip_prefix('/').ok_or(NOT_A_PATH)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"?#%\\;\"<>".contains(&byte);
        let is_segment = |segment: &str| !matches!(segment, "" | "." | "..");
        let mut segments = rest.split('/');
        if !(rest.is_empty() || rest.bytes().all(is_plain) && segments.all(is_segment)) {
            return Err(NOT_A_PATH);
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        self.paths.push(path.to_owned());
        Ok(self)
    }

    /// Whether it allows a request to `path` below the URL of `vendor`.
    #[must_use]
    pub fn allows(&self, vendor: &str, method: &Method, path: &str) -> bool {
        let is_method = self.methods.is_empty() || self.methods.contains(method);
        let is_path = self.paths.is_empty() || self.paths.iter().any(|own| is_below(path, own));
        self.vendor == vendor && is_method && is_path
    }

    /// Whether it allows only some paths.
    #[must_use]
    pub fn has_paths(&self) -> bool {
        !self.paths.is_empty()
    }

    /// The vendor, by its name in the configuration.
    #[must_use]
    pub fn vendor_name(&self) -> &str {
        &self.vendor
    }
}

fn is_below(path: &str, start: &str) -> bool {
    let rest = path.strip_prefix(start);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
