//! The messages of serde_json, rewritten for people who know JSON and not Rust.

use std::borrow::Cow;

use serde_json::error::Category;

/// The message without the position: `invalid JSON: expected a value`, or `expected an array, found an object`.
pub(crate) fn explain(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => data(&without_position(error)),
        _ => invalid_json(error),
    }
}

/// [`explain`], with the position in a text of several lines.
pub(crate) fn explain_with_position(error: &serde_json::Error) -> String {
    explain(error) + &position(error)
}

/// [`explain_with_position`], with the path of the value at fault.
pub(crate) fn explain_with_path(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let message = explain_with_position(error.inner());
    match error.path().to_string() {
        path if path == "." => message,
        path => format!("`{path}`: {message}"),
    }
}

/// `invalid JSON: …`, for a text that is no JSON at all.
pub(crate) fn invalid_json(error: &serde_json::Error) -> String {
    format!("invalid JSON: {}", syntax(&without_position(error)))
}

/// `, at line 2 column 8`, or nothing for an error without a position.
pub(crate) fn position(error: &serde_json::Error) -> String {
    match error.line() {
        0 => String::new(),
        line => format!(", at line {line} column {}", error.column()),
    }
}

fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&position).map(str::to_owned).unwrap_or(message)
}

fn syntax(message: &str) -> Cow<'_, str> {
    match message {
        "expected ident" => "expected `true`, `false` or `null`, found another word".into(),
        "key must be a string" => "expected a field's name in quotes".into(),
        "trailing characters" => "expected the end, found more text after the value".into(),
        "trailing comma" => "expected another value after the comma".into(),
        "recursion limit exceeded" => "too many levels of objects and arrays".into(),
        _ if message.starts_with("EOF while") => "expected more, found the end of the text".into(),
        "expected value" => "expected a value".into(),
        _ => message.into(),
    }
}

/// serde speaks of Rust's types: `invalid type: map, expected a sequence`.
fn data(message: &str) -> String {
    if message.starts_with("invalid length ") {
        return "expected an object, found an array".into();
    }
    let pair = ["invalid type: ", "invalid value: "].into_iter().find_map(|start| message.strip_prefix(start));
    match pair.and_then(|pair| pair.rsplit_once(", expected ")) {
        Some((found, expected)) => format!("expected {}, found {}", json_name(expected), json_name(found)),
        None => message.to_owned(),
    }
}

fn json_name(name: &str) -> Cow<'_, str> {
    match name {
        "map" | "a map" => "an object".into(),
        "sequence" | "a sequence" => "an array".into(),
        "a boolean" => "true or false".into(),
        "u64" | "a nonzero u64" => "a whole number".into(),
        _ if name.starts_with("struct ") => "an object".into(),
        _ => match name.split_once(' ') {
            Some(("integer", number)) => format!("the number {number}").into(),
            Some(("floating", point)) => format!("the number {}", point.trim_start_matches("point ")).into(),
            Some(("boolean", value) | ("string", value)) => value.into(),
            _ => name.into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn of<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
        explain(&serde_json::from_str::<T>(text).unwrap_err())
    }

    #[test]
    fn errors_are_in_terms_of_json() {
        for (text, expected) in [
            ("", "expected more, found the end of the text"),
            ("{\"a\": [1,", "expected more, found the end of the text"),
            ("nope", "expected `true`, `false` or `null`, found another word"),
            ("\u{1b}", "expected a value"),
            ("[1 2]", "expected `,` or `]`"),
            ("{1: 2}", "expected a field's name in quotes"),
            ("{\"a\": 1,}", "expected another value after the comma"),
            ("{} {}", "expected the end, found more text after the value"),
            ("1e999", "number out of range"),
        ] {
            assert_eq!(of::<Value>(text), format!("invalid JSON: {expected}"), "{text}");
        }
        for (found, expected) in [
            (of::<Vec<u8>>("{}"), "expected an array, found an object"),
            (of::<bool>("1"), "expected true or false, found the number `1`"),
            (of::<u64>("\"a, expected b\""), "expected a whole number, found \"a, expected b\""),
            (of::<crate::Settings>("[7]"), "expected true or false, found the number `7`"),
            (of::<crate::Settings>("7"), "expected an object, found the number `7`"),
        ] {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_position_is_kept() {
        let error = serde_json::from_str::<Value>("{\n  \"a\": }").unwrap_err();
        assert_eq!(explain_with_position(&error), "invalid JSON: expected a value, at line 2 column 8");
    }
}
