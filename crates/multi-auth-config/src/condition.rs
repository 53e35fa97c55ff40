//! Properties of a response by which a vendor refuses a credential.

use http::{HeaderName, StatusCode};
use multi_auth::ResponseHead;

/// A property of a response. Each part that is there must hold.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// Empty: any.
    pub(crate) statuses: Vec<StatusCode>,
    /// The name of a header field, and the text that it contains, in lower case.
    pub(crate) header: Option<(HeaderName, String)>,
    /// The JSON pointer of a value, and its possible texts.
    pub(crate) json: Option<(String, Vec<String>)>,
}

impl Condition {
    fn holds(&self, response: &ResponseHead<'_>) -> bool {
        self.has_status(response) && self.has_header(response) && self.has_json(response)
    }

    fn has_status(&self, response: &ResponseHead<'_>) -> bool {
        self.statuses.is_empty() || self.statuses.contains(&response.status())
    }

    fn has_header(&self, response: &ResponseHead<'_>) -> bool {
        let Some((name, part)) = &self.header else {
            return true;
        };
        let values = response.headers().get_all(name).iter();
        let mut texts = values.filter_map(|value| value.to_str().ok());
        texts.any(|text| text.to_ascii_lowercase().contains(part))
    }

    fn has_json(&self, response: &ResponseHead<'_>) -> bool {
        let Some((pointer, values)) = &self.json else {
            return true;
        };
        let text = response.json_text(pointer);
        text.is_some_and(|text| values.contains(&text))
    }
}

/// Conditions of which one must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions(pub(crate) Vec<Condition>);

impl Conditions {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one holds for `response`.
    pub(crate) fn hold(&self, response: &ResponseHead<'_>) -> bool {
        self.0.iter().any(|condition| condition.holds(response))
    }

    /// Whether one of them reads the body.
    pub(crate) fn read_json(&self) -> bool {
        self.0.iter().any(|condition| condition.json.is_some())
    }
}
