//! Invalid fields in messages.

use std::borrow::Cow;

use talent_events::InvalidField;

use super::similar::most_similar;

/// Maximum length of a foreign name in a message, in characters.
const MAX_NAME_CHARS: usize = 80;

/// Separates two fields in a list.
const SEPARATOR: &str = "; and ";

/// Expected of a field that is set twice.
pub(crate) const ONCE: &str = "each field once";

/// Found where a field is set twice.
pub(crate) const DUPLICATE: &str = "a duplicate";

/// Found where a field has a name that does not exist.
pub(crate) const UNKNOWN: &str = "an unknown field";

/// An invalid field: its path, the expected value and the found value.
pub(crate) fn invalid(
    field: impl Into<Cow<'static, str>>,
    expected: impl Into<Cow<'static, str>>,
    found: impl Into<Cow<'static, str>>,
) -> InvalidField {
    InvalidField::new(field, found, expected)
}

/// Adds the most similar known name as help, if any is similar enough.
pub(crate) fn suggest(field: InvalidField, name: &str, known: impl IntoIterator<Item = &'static str>) -> InvalidField {
    match most_similar(name, known) {
        Some(name) => field.with_help(format!("did you mean `{name}`?")),
        None => field,
    }
}

/// `lead: …; and …; and 2 more`.
///
/// Each field is either whole or only counted, so that the message has about `max` characters. The first field is always
/// there. If it alone is longer, it is cut between two words.
pub(crate) fn list(lead: &str, fields: &[&InvalidField], max: usize) -> String {
    let mut message = format!("{lead}: ");
    let mut room = max.saturating_sub(message.len());
    for (listed, field) in fields.iter().enumerate() {
        let field = field.to_string();
        let chars = SEPARATOR.len() + field.chars().count();
        match listed {
            0 => message += &cut(field, room),
            _ if chars > room => {
                message += &format!("{SEPARATOR}{} more", fields.len() - listed);
                break;
            }
            _ => message += &format!("{SEPARATOR}{field}"),
        }
        room = room.saturating_sub(chars);
    }
    message
}

/// A foreign name for a message: escaped and bounded, without quotes.
pub(crate) fn escape(name: &str) -> String {
    name.chars().take(MAX_NAME_CHARS).flat_map(char::escape_debug).collect()
}

fn cut(mut text: String, max: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(max) {
        text.truncate(end);
        text.truncate(text.rfind(' ').unwrap_or(end));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_whole_and_the_rest_is_counted() {
        let fields: Vec<_> = (0..9).map(|n| invalid(format!("jobs[{n}]"), "a job's name", "\"x\"")).collect();
        let fields: Vec<_> = fields.iter().collect();
        let message = list("not a valid event", &fields, 300);
        let listed = message.matches("a job's name").count();
        assert!(listed > 2 && message.ends_with(&format!("; and {} more", 9 - listed)), "{message}");
        assert!(message.contains(&fields[listed - 1].to_string()), "{message}");
        assert_eq!(list("wrong", &fields[..2], 300).matches("; and ").count(), 1);

        let long = invalid("notes", "one word ".repeat(99), "more");
        let message = list("wrong", &[&long, &long], 300);
        assert!(message.ends_with("…; and 1 more") && message.chars().count() < 330, "{message}");
    }
}
