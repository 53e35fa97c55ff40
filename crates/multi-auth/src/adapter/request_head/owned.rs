//! A target that outlives its request.

use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, Method, Uri};
use url::Url;

use super::RequestHead;
use super::target::Target;
use crate::{Account, QueryKeys};

/// The target of a request, of any type.
#[derive(Clone)]
pub(crate) enum OwnedTarget {
    Uri(Uri),
    Url(Url),
    At(Uri, Url),
}

impl OwnedTarget {
    pub(crate) fn of(head: &RequestHead<'_>) -> Self {
        match head.target {
            Target::Uri(uri) => Self::Uri(uri.clone()),
            Target::Url(url) => Self::Url(url.clone()),
            Target::At(uri, origin) => Self::At(uri.clone(), origin.clone()),
        }
    }

    pub(crate) fn as_target(&self) -> Target<'_> {
        match self {
            Self::Uri(uri) => Target::Uri(uri),
            Self::Url(url) => Target::Url(url),
            Self::At(uri, origin) => Target::At(uri, origin),
        }
    }

    pub(crate) fn as_url(&self) -> Option<&Url> {
        match self {
            Self::Url(url) => Some(url),
            Self::Uri(_) | Self::At(..) => None,
        }
    }

    pub(crate) fn as_uri(&self) -> Option<&Uri> {
        match self {
            Self::Uri(uri) | Self::At(uri, _) => Some(uri),
            Self::Url(_) => None,
        }
    }

    /// What `ask` says about a request for this target that has no header fields.
    pub(crate) fn with_head<T>(
        &self,
        account: Option<&Account>,
        ask: impl FnOnce(&RequestHead<'_>) -> T,
    ) -> T {
        let (headers, extensions) = (HeaderMap::new(), Extensions::new());
        let head = RequestHead::new(&Method::GET, self.as_target(), &headers, &extensions);
        ask(&head.with_account(account))
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.as_target().query()
    }

    fn path_and_query(&self) -> String {
        let (target, path) = (self.as_target(), self.as_target().path());
        match target.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        }
    }

    /// The whole target as text, without `keys`; `None` if a key is elsewhere than in a parameter.
    pub(crate) fn without(&self, keys: &QueryKeys, is_first_origin: bool) -> Option<String> {
        let text = match self {
            Self::Uri(uri) | Self::At(uri, _) => uri.to_string(),
            Self::Url(url) => url.to_string(),
        };
        remove(keys, &text, is_first_origin)
    }

    /// Removes `keys` from path and query. What cannot be asked without a key becomes `/`.
    pub(crate) fn remove_keys(&mut self, keys: &QueryKeys, is_first_origin: bool) {
        let before = self.path_and_query();
        let after = remove(keys, &before, is_first_origin);
        if after.as_ref() != Some(&before) {
            self.set_path_and_query(after.as_deref().unwrap_or("/"));
        }
    }

    /// Puts `query` in the place of the query, if there is one to put.
    pub(crate) fn replace_query(&mut self, query: Option<String>) {
        if let Some(query) = query {
            let mark = if query.is_empty() { "" } else { "?" };
            let target = format!("{}{mark}{query}", self.as_target().path());
            self.set_path_and_query(&target);
        }
    }

    fn set_path_and_query(&mut self, target: &str) {
        match self {
            Self::Uri(uri) | Self::At(uri, _) => {
                let target = PathAndQuery::try_from(target);
                let mut parts = std::mem::take(uri).into_parts();
                parts.path_and_query = Some(target.unwrap_or(PathAndQuery::from_static("/")));
                // Its scheme and authority were valid before.
                *uri = Uri::from_parts(parts).unwrap_or_default();
            }
            Self::Url(url) => {
                let (path, query) = match target.split_once('?') {
                    Some((path, query)) => (path, Some(query)),
                    None => (target, None),
                };
                url.set_path(path);
                url.set_query(query);
            }
        }
    }
}

fn remove(keys: &QueryKeys, reference: &str, is_first_origin: bool) -> Option<String> {
    if is_first_origin {
        keys.remove_from(reference)
    } else {
        keys.remove_from_foreign(reference)
    }
}
