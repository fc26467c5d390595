//! Reading JSON, and what is wrong with a text, for people who know JSON and nothing of how it is read here.

mod twice;

use std::borrow::Cow;

use serde_json::Value;
use serde_json::error::Category;

pub(crate) use twice::read;

/// Without the place: `found what is not JSON: a value is expected`, or what is wrong with the value.
pub(crate) fn words(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => data(&bare(error)),
        _ => format!("found {}", not_json(error)),
    }
}

/// [`words`], and the place in a text of several lines.
pub(crate) fn words_and_place(error: &serde_json::Error) -> String {
    words(error) + &place(error)
}

/// What was found where no value could be read at all.
pub(crate) fn not_json(error: &serde_json::Error) -> String {
    format!("what is not JSON: {}", syntax(&bare(error)))
}

/// `, at line 2 column 8`, where there is one.
pub(crate) fn place(error: &serde_json::Error) -> String {
    match error.line() {
        0 => String::new(),
        line => format!(", at line {line} column {}", error.column()),
    }
}

/// serde_json says the place too, where it knows one.
fn bare(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    words.strip_suffix(&place).map(str::to_owned).unwrap_or(words)
}

/// `a JSON object is expected, found an array`.
pub(crate) fn no_object(found: &Value) -> String {
    format!("a JSON object is expected, found {}", kind(found))
}

pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A whole number in any of the forms of proto3 JSON: `3`, `3.0`, `"3"`.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_i64().or_else(|| {
            let (number, whole) = (number.as_f64()?, number.as_f64()? as i64);
            (whole as f64 == number).then_some(whole)
        }),
        _ => None,
    }
}

/// The name of a field in the `.proto`: `eventId` is `event_id`.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

fn syntax(words: &str) -> Cow<'_, str> {
    match words {
        "expected ident" => "a word that is not true, false or null".into(),
        "key must be a string" => "the name of a field is expected, in quotes".into(),
        "trailing characters" => "there is more behind the end of the value".into(),
        "trailing comma" => "there is nothing behind a comma".into(),
        "recursion limit exceeded" => "objects and arrays in each other, too many levels of them".into(),
        _ if words.starts_with("EOF while") => "it ends before the value does".into(),
        _ => match words.strip_prefix("expected ") {
            Some("value") => "a value is expected".into(),
            Some(expected) => format!("{expected} is expected").into(),
            None => words.into(),
        },
    }
}

/// serde speaks of Rust's types: `invalid type: map, expected a sequence`.
fn data(words: &str) -> String {
    if words.starts_with("invalid length ") {
        return "found an array; allowed: an object".into();
    }
    let pair = ["invalid type: ", "invalid value: "].into_iter().find_map(|start| words.strip_prefix(start));
    match pair.and_then(|pair| pair.rsplit_once(", expected ")) {
        Some((found, allowed)) => format!("found {}; allowed: {}", name(found), name(allowed)),
        None => words.to_owned(),
    }
}

fn name(words: &str) -> Cow<'_, str> {
    match words {
        "map" | "a map" => "an object".into(),
        "sequence" | "a sequence" => "an array".into(),
        "a boolean" => "true or false".into(),
        "u64" | "a nonzero u64" => "a whole number".into(),
        _ if words.starts_with("struct ") => "an object".into(),
        _ => match words.split_once(' ') {
            Some(("integer", number)) => format!("the number {number}").into(),
            Some(("floating", point)) => format!("the number {}", point.trim_start_matches("point ")).into(),
            Some(("boolean", value) | ("string", value)) => value.into(),
            _ => words.into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
        words(&serde_json::from_str::<T>(text).unwrap_err())
    }

    #[test]
    fn no_text_is_told_in_the_reader_s_own_terms() {
        for (text, expected) in [
            ("", "it ends before the value does"),
            ("{\"a\": [1,", "it ends before the value does"),
            ("nope", "a word that is not true, false or null"),
            ("\u{1b}", "a value is expected"),
            ("[1 2]", "`,` or `]` is expected"),
            ("{1: 2}", "the name of a field is expected, in quotes"),
            ("{\"a\": 1,}", "there is nothing behind a comma"),
            ("{} {}", "there is more behind the end of the value"),
            ("1e999", "number out of range"),
        ] {
            assert_eq!(of::<Value>(text), format!("found what is not JSON: {expected}"), "{text}");
        }
        for (found, expected) in [
            (of::<Vec<u8>>("{}"), "found an object; allowed: an array"),
            (of::<bool>("1"), "found the number `1`; allowed: true or false"),
            (of::<u64>("\"a, expected b\""), "found \"a, expected b\"; allowed: a whole number"),
            (of::<crate::Settings>("[7]"), "found the number `7`; allowed: true or false"),
            (of::<crate::Settings>("7"), "found the number `7`; allowed: an object"),
        ] {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_place_is_kept() {
        let error = serde_json::from_str::<Value>("{\n  \"a\": }").unwrap_err();
        assert_eq!(words_and_place(&error), "found what is not JSON: a value is expected, at line 2 column 8");
    }
}
