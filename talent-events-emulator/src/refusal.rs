//! How a call is refused.

use talent_events::{InvalidEvent, InvalidField};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// The domain of a refusal's `google.rpc.ErrorInfo`: the emulator's own, so that nobody takes it for Google's.
pub const ERROR_DOMAIN: &str = "talent-events-emulator";

/// The reason of a refusal's `google.rpc.ErrorInfo`, when fields of the request break rules.
pub const ERROR_REASON: &str = "INVALID_CLIENT_EVENT";

/// Most bytes of field violations. A status travels in headers, in base64, and most clients take 8 KiB of them.
const MAX_VIOLATION_BYTES: usize = 3_500;

/// Longest message, in characters, but for the count of what is left out.
const MAX_MESSAGE_CHARS: usize = 300;

/// `INVALID_ARGUMENT` for an event that breaks rules.
pub(crate) fn status(invalid: &InvalidEvent) -> Status {
    of_fields(&invalid.fields().collect::<Vec<_>>())
}

/// `INVALID_ARGUMENT`, with a violation for each field at fault, as far as headers carry them: the last one then says
/// how many more there are.
pub(crate) fn of_fields(fields: &[&InvalidField]) -> Status {
    refuse("not a valid event", fields)
}

/// The same for what is no event: a parameter of a query, say.
pub(crate) fn of_request(fields: &[&InvalidField]) -> Status {
    refuse("not a valid request", fields)
}

fn refuse(lead: &str, fields: &[&InvalidField]) -> Status {
    let mut details = ErrorDetails::with_error_info(ERROR_REASON, ERROR_DOMAIN, []);
    let mut room = MAX_VIOLATION_BYTES;
    for (listed, field) in fields.iter().enumerate() {
        let words = field.description();
        let bytes = field.field().len() + words.len();
        if listed > 0 && bytes > room {
            let more = fields.len() - listed;
            details.add_bad_request_violation("client_event", format!("{more} more fields are at fault"));
            break;
        }
        room = room.saturating_sub(bytes);
        details.add_bad_request_violation(field.field(), words);
    }
    Status::with_error_details(Code::InvalidArgument, words(lead, fields, MAX_MESSAGE_CHARS), details)
}

/// `lead: …; and …; and 2 more`: each field whole, as far as `max` characters go. Only the first is cut where it alone
/// is longer, between two words.
pub(crate) fn words(lead: &str, fields: &[&InvalidField], max: usize) -> String {
    const BETWEEN: &str = "; and ";
    let mut message = format!("{lead}: ");
    let mut room = max.saturating_sub(message.len());
    for (told, field) in fields.iter().enumerate() {
        let field = field.to_string();
        let chars = BETWEEN.len() + field.chars().count();
        match told {
            0 => message += &cut(field, room),
            _ if chars > room => {
                message += &format!("{BETWEEN}{} more", fields.len() - told);
                break;
            }
            _ => message += &format!("{BETWEEN}{field}"),
        }
        room = room.saturating_sub(chars);
    }
    message
}

fn cut(mut words: String, max: usize) -> String {
    if let Some((end, _)) = words.char_indices().nth(max) {
        words.truncate(end);
        words.truncate(words.rfind(' ').unwrap_or(end));
        words.push('…');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_whole_and_the_rest_is_counted() {
        let fields: Vec<_> = (0..9).map(|n| InvalidField::new(format!("jobs[{n}]"), "\"x\"", "a job's name")).collect();
        let fields: Vec<_> = fields.iter().collect();
        let message = words("not a valid event", &fields, 300);
        let told = message.matches("`: expected a job's name, found \"x\"").count();
        assert!(told > 2 && message.ends_with(&format!("found \"x\"; and {} more", 9 - told)), "{message}");
        assert_eq!(words("wrong", &fields[..2], 300).matches("; and ").count(), 1);

        let long = InvalidField::new("notes", "one word ".repeat(99), "less");
        let message = words("wrong", &[&long, &long], 300);
        assert!(message.ends_with(" word…; and 1 more") && message.chars().count() < 330, "{message}");
    }
}
