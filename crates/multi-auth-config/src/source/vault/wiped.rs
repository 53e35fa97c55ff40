//! An answer that holds secrets, wiped when dropped.

use std::ops::{Deref, DerefMut};

use secrecy::zeroize::Zeroize;
use serde_json::Value;

/// JSON whose texts are wiped when it is dropped, for they are the secret and those beside it.
pub(super) struct Wiped(Value);

impl From<Value> for Wiped {
    fn from(answer: Value) -> Self {
        Self(answer)
    }
}

impl Deref for Wiped {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl DerefMut for Wiped {
    fn deref_mut(&mut self) -> &mut Value {
        &mut self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Goes as deep as the parser let the answer be: 128 levels.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_text_is_wiped_however_deep_it_stands() {
        let mut answer = json!({ "data": { "data": { "a": "k-1", "b": [1, null, "k-2"] } } });
        wipe(&mut answer);
        let wiped = json!({ "data": { "data": { "a": "", "b": [1, null, ""] } } });
        assert_eq!(answer, wiped);
    }
}
