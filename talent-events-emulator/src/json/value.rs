//! JSON values and names in proto3 JSON.

use serde_json::Value;

/// The kind of a value, e.g. `an array`.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// `expected a JSON object, found an array`.
pub(crate) fn expected_object(found: &Value) -> String {
    format!("expected a JSON object, found {}", kind(found))
}

/// A whole number in any form of proto3 JSON: `3`, `3.0`, `"3"`.
pub(crate) fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_i64().or_else(|| {
            let (number, whole) = (number.as_f64()?, number.as_f64()? as i64);
            (whole as f64 == number).then_some(whole)
        }),
        _ => None,
    }
}

/// A field's name in the `.proto`: `eventId` becomes `event_id`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
