//! Statuses for requests that break rules.

use talent_events::{InvalidEvent, InvalidField};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::text::list;

/// The domain of a refusal's `google.rpc.ErrorInfo`. It is the emulator's own, to tell a refusal from one of Google's.
pub const ERROR_DOMAIN: &str = "talent-events-emulator";

/// The reason of a refusal's `google.rpc.ErrorInfo` if fields of the request break rules.
pub const ERROR_REASON: &str = "INVALID_CLIENT_EVENT";

/// Maximum size of the field violations. A status travels in headers, in base64, and most clients accept 8 KiB of them.
const MAX_VIOLATION_BYTES: usize = 3_500;

/// Maximum length of a message, in characters, without the count of omitted fields.
const MAX_MESSAGE_CHARS: usize = 300;

/// `INVALID_ARGUMENT` for an event that breaks rules.
pub(crate) fn invalid_event(invalid: &InvalidEvent) -> Status {
    status("not a valid event", &invalid.fields().collect::<Vec<_>>())
}

/// `INVALID_ARGUMENT` for invalid fields of an event.
pub(crate) fn invalid_fields(fields: &[InvalidField]) -> Status {
    status("not a valid event", &fields.iter().collect::<Vec<_>>())
}

/// `INVALID_ARGUMENT` for invalid parts of another request, e.g. parameters of a query.
pub(crate) fn invalid_request(fields: &[InvalidField]) -> Status {
    status("not a valid request", &fields.iter().collect::<Vec<_>>())
}

/// Adds a violation for each field, as far as headers carry them. The last violation counts the omitted fields.
fn status(lead: &str, fields: &[&InvalidField]) -> Status {
    let mut details = ErrorDetails::with_error_info(ERROR_REASON, ERROR_DOMAIN, []);
    let mut room = MAX_VIOLATION_BYTES;
    for (listed, field) in fields.iter().enumerate() {
        let description = field.description();
        let bytes = field.field().len() + description.len();
        if listed > 0 && bytes > room {
            let more = fields.len() - listed;
            details.add_bad_request_violation("client_event", format!("{more} more fields are invalid"));
            break;
        }
        room = room.saturating_sub(bytes);
        details.add_bad_request_violation(field.field(), description);
    }
    Status::with_error_details(Code::InvalidArgument, list(lead, fields, MAX_MESSAGE_CHARS), details)
}
