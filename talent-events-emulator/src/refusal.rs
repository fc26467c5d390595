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

/// Longest message, in characters.
const MAX_MESSAGE_CHARS: usize = 300;

/// `INVALID_ARGUMENT` for an event that breaks rules.
pub(crate) fn status(invalid: &InvalidEvent) -> Status {
    of_fields(&invalid.fields().collect::<Vec<_>>())
}

/// `INVALID_ARGUMENT`, with a violation for each field at fault, as far as headers carry them: the last one then says
/// how many more there are.
pub(crate) fn of_fields(fields: &[&InvalidField]) -> Status {
    let mut details = ErrorDetails::with_error_info(ERROR_REASON, ERROR_DOMAIN, []);
    let mut message = String::from("not a valid event: ");
    let mut room = MAX_VIOLATION_BYTES;
    for (listed, field) in fields.iter().enumerate() {
        let words = format!("found {}; allowed: {}", field.found(), field.allowed());
        let bytes = field.field().len() + words.len();
        if listed > 0 && bytes > room {
            let more = fields.len() - listed;
            details.add_bad_request_violation("client_event", format!("{more} more fields are at fault"));
            break;
        }
        room = room.saturating_sub(bytes);
        message += &format!("{}{field}", if listed > 0 { "; and " } else { "" });
        details.add_bad_request_violation(field.field(), words);
    }
    let mut message: String = message.chars().take(MAX_MESSAGE_CHARS).collect();
    if fields.len() > 1 {
        message += &format!(" ({} fields are at fault)", fields.len());
    }
    Status::with_error_details(Code::InvalidArgument, message, details)
}
