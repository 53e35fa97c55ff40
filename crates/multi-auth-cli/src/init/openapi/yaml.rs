//! Reads YAML 1.2 into a tree whose scalars are all texts.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

/// The most that a document may hold, copies of anchored values included: aliases of aliases grow
/// without bound. A value counts 1, and 1 more for each 32 bytes of text.
const MOST: usize = 4_000_000;

/// The deepest nesting.
const MOST_LEVELS: usize = 200;

/// The first document of `text`.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, _) =
            event.map_err(|error| format!("is not valid YAML (line {})", error.marker().line()))?;
        if let Some(root) = builder.take(event)? {
            return Ok(root);
        }
    }
    Err("is empty".to_owned())
}

/// A list or table whose end has not been read.
enum Open {
    List(Vec<Value>),
    Table(Map<String, Value>, Option<String>),
}

#[derive(Default)]
struct Builder {
    /// What is open, each with the number of its anchor.
    open: Vec<(Open, usize)>,
    anchors: HashMap<usize, (Value, usize)>,
    values: usize,
}

impl Builder {
    /// Takes an event. Returns the root once it is complete.
    fn take(&mut self, event: Event<'_>) -> Result<Option<Value>, String> {
        match event {
            Event::Scalar(text, _, anchor, _) => {
                let value = Value::String(text.into_owned());
                self.close(value, anchor)
            }
            Event::Alias(anchor) => {
                let (value, size) = self.anchors.get(&anchor).cloned().unwrap_or_default();
                self.count(size)?;
                self.close(value, 0)
            }
            Event::SequenceStart(anchor, _) => self.start(Open::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => self.start(Open::Table(Map::new(), None), anchor),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some((Open::List(values), anchor)) => self.close(Value::Array(values), anchor),
                Some((Open::Table(members, _), anchor)) => {
                    self.close(Value::Object(members), anchor)
                }
                None => Ok(None),
            },
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(None),
        }
    }

    fn start(&mut self, open: Open, anchor: usize) -> Result<Option<Value>, String> {
        if self.open.len() >= MOST_LEVELS {
            return Err("is nested too deeply".to_owned());
        }
        self.open.push((open, anchor));
        Ok(None)
    }

    /// Puts a complete value into what is open around it.
    fn close(&mut self, value: Value, anchor: usize) -> Result<Option<Value>, String> {
        self.count(own_size(&value))?;
        if anchor != 0 {
            let size = size(&value);
            self.count(size)?;
            self.anchors.insert(anchor, (value.clone(), size));
        }
        match self.open.last_mut() {
            None => return Ok(Some(value)),
            Some((Open::List(values), _)) => values.push(value),
            Some((Open::Table(members, name), _)) => match name.take() {
                Some(name) => {
                    members.insert(name, value);
                }
                None => *name = Some(value.as_str().unwrap_or_default().to_owned()),
            },
        }
        Ok(None)
    }

    fn count(&mut self, values: usize) -> Result<(), String> {
        self.values += values;
        if self.values > MOST {
            return Err("is too large".to_owned());
        }
        Ok(())
    }
}

/// The size of `value` with all that is in it.
fn size(value: &Value) -> usize {
    let inner = match value {
        Value::Array(values) => values.iter().map(size).sum(),
        Value::Object(members) => {
            let size = |(name, value): (&String, &Value)| text_size(name) + size(value);
            members.iter().map(size).sum()
        }
        _ => 0,
    };
    own_size(value) + inner
}

/// The size of `value` alone.
fn own_size(value: &Value) -> usize {
    1 + value.as_str().map_or(0, text_size)
}

fn text_size(text: &str) -> usize {
    text.len() / 32
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_is_read_with_its_anchors() {
        let text =
            "openapi: 3.1.0\nx: &a [1, 'two', {k: v}]\ny: *a\nz:\n  - |\n    b\n  - ~\n\"q\": {}\n";
        let list = json!(["1", "two", { "k": "v" }]);
        let expected =
            json!({ "openapi": "3.1.0", "x": list, "y": list, "z": ["b\n", "~"], "q": {} });
        assert_eq!(parse(text).unwrap(), expected);
    }

    #[test]
    fn what_is_no_yaml_or_grows_without_bound_is_refused() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..12 {
            let inner = vec![format!("*a{}", level - 1); 10].join(",");
            bomb = format!("{bomb}a{level}: &a{level} [{inner}]\n");
        }
        assert_eq!(parse(&bomb).unwrap_err(), "is too large");
        let long = format!(
            "x: &a '{}'\ny: [{}]\n",
            "A".repeat(100_000),
            "*a,".repeat(5_000)
        );
        assert_eq!(parse(&long).unwrap_err(), "is too large");
        let line = |text: String, level: usize| format!("{text}{}a:\n", " ".repeat(level));
        let deep = (0..300).fold(String::new(), line);
        assert_eq!(parse(&deep).unwrap_err(), "is nested too deeply");
        assert!(parse(&"[".repeat(500)).is_err());
        assert!(parse("a: [").is_err() && parse("").is_err() && parse("\t- a: b: c").is_err());
    }
}
