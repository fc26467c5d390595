//! Duplicate keys: JSON does not say which one holds, and serde_json takes the last.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::value::snake_case;
use crate::text::escape;

/// Maximum number of duplicates to report.
const MAX: usize = 100;

/// Reads a JSON text. Also returns the path of each duplicate key, in names of the `.proto`, e.g. `job_event.type`.
pub(crate) fn read(text: &[u8]) -> serde_json::Result<(Value, Vec<String>)> {
    let mut duplicates = Vec::new();
    let mut from = serde_json::Deserializer::from_slice(text);
    let value = Reader { path: Path { outer: None, name: "" }, duplicates: &mut duplicates }.deserialize(&mut from)?;
    from.end()?;
    Ok((value, duplicates))
}

/// The path of a value: names of fields, without indices of arrays.
#[derive(Clone, Copy)]
struct Path<'p> {
    outer: Option<&'p Path<'p>>,
    name: &'p str,
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(outer) = self.outer.filter(|outer| outer.outer.is_some()) {
            write!(f, "{outer}.")?;
        }
        f.write_str(&snake_case(&escape(self.name)))
    }
}

struct Reader<'r> {
    path: Path<'r>,
    duplicates: &'r mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = from.next_element_seed(Reader { path: self.path, duplicates: &mut *self.duplicates })? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            let path = Path { outer: Some(&self.path), name: &name };
            if fields.contains_key(&name) && self.duplicates.len() < MAX {
                self.duplicates.push(path.to_string());
            }
            let value = from.next_value_seed(Reader { path, duplicates: &mut *self.duplicates })?;
            fields.insert(name, value);
        }
        Ok(fields.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_are_named() {
        for (text, expected) in [
            ("{}", &[][..]),
            ("[1, -2, 1.5, true, null, \"a\\n\"]", &[]),
            (r#"{"a": {"b": 1}, "c": {"b": 1}}"#, &[]),
            (r#"{"eventId": 1, "eventId": 2}"#, &["event_id"]),
            (
                r#"{"jobEvent": {"type": 1, "jobs": [{"x": 1, "x": 1}], "type": 1}}"#,
                &["job_event.jobs.x", "job_event.type"],
            ),
            (r#"{"\u001b": 1, "\u001b": 2}"#, &["\\u{1b}"]),
        ] {
            let (value, duplicates) = read(text.as_bytes()).unwrap();
            assert_eq!(
                (value, &*duplicates),
                (serde_json::from_str(text).unwrap(), &*expected.iter().map(ToString::to_string).collect::<Vec<_>>()),
                "{text}"
            );
        }
        let many = format!("{{{}\"a\":1}}", "\"a\":1,".repeat(1_000));
        assert_eq!(read(many.as_bytes()).unwrap().1.len(), MAX);
        for text in ["", "{} {}", &"[".repeat(1_000)] {
            let error = serde_json::from_str::<Value>(text).unwrap_err();
            assert_eq!(read(text.as_bytes()).unwrap_err().to_string(), error.to_string());
        }
    }
}
