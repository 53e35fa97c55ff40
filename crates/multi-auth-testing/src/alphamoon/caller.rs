//! The authenticated caller of a request. Every handler extracts it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequestParts, Query};
use http::Uri;
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::alphamoon::Workspace;
use crate::alphamoon::authorization;
use crate::alphamoon::problem::Problem;
use crate::{AlphamoonKey, RecordedRequest};

/// A request with a valid key.
pub(super) struct Caller {
    key: AlphamoonKey,
    uri: Uri,
    request: Arc<RecordedRequest>,
}

/// The requested part of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

impl Page {
    pub(super) fn of<T>(&self, items: impl IntoIterator<Item = T>) -> Vec<T> {
        let limit = self.limit.unwrap_or(usize::MAX);
        items.into_iter().skip(self.offset).take(limit).collect()
    }
}

impl FromRequestParts<Arc<Workspace>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        workspace: &Arc<Workspace>,
    ) -> Result<Self, Problem> {
        let Extension(request) =
            Extension::<Arc<RecordedRequest>>::from_request_parts(parts, workspace)
                .await
                .map_err(|_| Problem::unauthorized("The request was not recorded."))?;
        let key = workspace.key(&authorization::key(&request)?);
        let key = key.ok_or_else(|| Problem::unauthorized("The API key is unknown."))?;
        if key.is_expired() {
            return Err(Problem::unauthorized("The API key has expired."));
        }
        Ok(Self {
            key,
            uri: parts.uri.clone(),
            request,
        })
    }
}

impl Caller {
    /// Requires an organization key with `scope`.
    pub(super) fn require(&self, scope: &str) -> Result<(), Problem> {
        if self.key.process.is_some() {
            return Err(Problem::forbidden("The API key is one of a process."));
        }
        self.require_scope(scope)
    }

    /// Requires an organization key, or a key of `process`, with `scope`.
    pub(super) fn require_in(&self, process: &str, scope: &str) -> Result<(), Problem> {
        if self
            .key
            .process
            .as_deref()
            .is_some_and(|own| own != process)
        {
            return Err(Problem::forbidden("The API key is one of another process."));
        }
        self.require_scope(scope)
    }

    fn require_scope(&self, scope: &str) -> Result<(), Problem> {
        if self.key.has_scope(scope) {
            return Ok(());
        }
        Err(Problem::forbidden(format!(
            "The API key lacks the scope {scope}."
        )))
    }

    pub(super) fn page(&self) -> Result<Page, Problem> {
        let page =
            Query::try_from_uri(&self.uri).map_err(|error| Problem::invalid("query", &error))?;
        Ok(page.0)
    }

    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.request.body).map_err(|error| Problem::invalid("body", &error))
    }
}
