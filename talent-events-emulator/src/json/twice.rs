//! Fields that are there twice: JSON leaves open which of them holds, and serde_json takes the last.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::snake;

/// Most that are told.
const MAX: usize = 100;

/// Longest part of a path, in characters: names are foreign text.
const MAX_NAME_CHARS: usize = 80;

/// A JSON text, and the fields in it that are there twice: their paths, by the names of the `.proto`, e.g.
/// `job_event.type`.
pub(crate) fn read(text: &[u8]) -> serde_json::Result<(Value, Vec<String>)> {
    let mut twice = Vec::new();
    let mut from = serde_json::Deserializer::from_slice(text);
    let value = Reader { path: Path { outer: None, name: "" }, twice: &mut twice }.deserialize(&mut from)?;
    from.end()?;
    Ok((value, twice))
}

/// Where a value stands: inside of a field of an object. Places in a list are not told.
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
        let name: String = self.name.chars().take(MAX_NAME_CHARS).flat_map(char::escape_default).collect();
        f.write_str(&snake(&name))
    }
}

struct Reader<'r> {
    path: Path<'r>,
    twice: &'r mut Vec<String>,
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
        while let Some(value) = from.next_element_seed(Reader { path: self.path, twice: &mut *self.twice })? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            let path = Path { outer: Some(&self.path), name: &name };
            if fields.contains_key(&name) && self.twice.len() < MAX {
                self.twice.push(path.to_string());
            }
            let value = from.next_value_seed(Reader { path, twice: &mut *self.twice })?;
            fields.insert(name, value);
        }
        Ok(fields.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_twice_is_named() {
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
            let (value, twice) = read(text.as_bytes()).unwrap();
            assert_eq!(
                (value, &*twice),
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
