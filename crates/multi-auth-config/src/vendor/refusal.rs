//! The responses by which a vendor refuses a credential.

use http::{HeaderName, StatusCode};
use multi_auth::ResponseHead;
use toml::Spanned;

use super::Vendor;
use super::check::{Result, VendorCheck};
use crate::Advice;
use crate::condition::{Condition, Conditions};
use crate::document::{ConditionTable, Scalar};

/// What a vendor refuses, from [`Vendor::refusal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The credential.
    Credential,
    /// The request: the credential lacks a permission.
    Forbidden,
}

impl Vendor {
    /// Returns what `response` refuses, by `refused_if` and `forbidden_if` of the file. `None` if
    /// neither says anything about it.
    ///
    /// A condition on the body needs [`ResponseHead::with_json`].
    #[must_use]
    pub fn refusal(&self, response: &ResponseHead<'_>) -> Option<Refusal> {
        let has = |of: fn(&Self) -> &Conditions| self.parts().any(|part| of(part).hold(response));
        if has(|part| &part.credential.forbidden_if) {
            return Some(Refusal::Forbidden);
        }
        has(|part| &part.credential.refused_if).then_some(Refusal::Credential)
    }
}

const STATUS: Advice = Advice::new(
    "has an invalid status",
    "write statuses from 100 to 599, as in status = [400, 403]; without `header` and `json`, from 400 to 499",
);

const HEADER: Advice = Advice::new(
    "has an invalid header field, or one without a text",
    "write both, as in { header = \"x-error\", contains = \"token expired\" }",
);

const JSON: Advice = Advice::new(
    "has an invalid JSON pointer, or one without values",
    "write both, as in { json = \"/error\", equals = [\"token_expired\"] }",
);

const EMPTY: Advice = Advice::new(
    "has a condition that every response meets",
    "write `status`, `header` or `json` into it",
);

impl VendorCheck<'_> {
    pub(super) fn conditions(
        &self,
        field: &str,
        tables: &[Spanned<ConditionTable>],
    ) -> Result<Conditions> {
        let checked = tables.iter().map(|table| {
            let checked = condition(table.get_ref());
            checked.map_err(|advice| self.invalid(field, table.span(), advice))
        });
        checked.collect::<Result<_>>().map(Conditions)
    }
}

fn condition(table: &ConditionTable) -> std::result::Result<Condition, Advice> {
    let header = header(table.header.as_deref(), table.contains.as_deref())?;
    let json = json(table.json.as_deref(), &table.equals)?;
    let is_alone = header.is_none() && json.is_none();
    if is_alone && table.status.is_empty() {
        return Err(EMPTY);
    }
    let status = |code: &u16| {
        let status = StatusCode::from_u16(*code).ok();
        let is_valid = |status: &StatusCode| status.as_u16() < 600;
        let status = status.filter(is_valid);
        status.filter(|status| !is_alone || status.is_client_error())
    };
    let statuses = table.status.iter().map(status).collect::<Option<_>>();
    Ok(Condition {
        statuses: statuses.ok_or(STATUS)?,
        header,
        json,
    })
}

fn header(
    name: Option<&str>,
    contains: Option<&str>,
) -> std::result::Result<Option<(HeaderName, String)>, Advice> {
    let (name, part) = match (name, contains) {
        (None, None) => return Ok(None),
        (Some(name), Some(part)) if !part.is_empty() => (name, part),
        _ => return Err(HEADER),
    };
    let name = HeaderName::try_from(name).map_err(|_| HEADER)?;
    Ok(Some((name, part.to_ascii_lowercase())))
}

fn json(
    pointer: Option<&str>,
    equals: &[Scalar],
) -> std::result::Result<Option<(String, Vec<String>)>, Advice> {
    match pointer {
        None if equals.is_empty() => Ok(None),
        Some(pointer) if pointer.starts_with('/') && !equals.is_empty() => {
            let values = equals.iter().map(Scalar::text).collect();
            Ok(Some((pointer.to_owned(), values)))
        }
        _ => Err(JSON),
    }
}
