//! The two ids of an event: its own, and the one of the search it came from.

use std::borrow::Cow;
use std::sync::Arc;

use uuid::Uuid;

use super::limits::{MAX_EVENT_ID_BYTES, MAX_REQUEST_ID_BYTES};
use super::text::validated_text;
use super::{InvalidField, limits};

/// The id of a search: `ResponseMetadata.request_id` in its response. It is opaque.
///
/// Google discards events without a valid request id. So every event that follows from a search carries its id: a view, an
/// application, a hire weeks later. It holds no control characters, and at most
/// [`MAX_REQUEST_ID_BYTES`](limits::MAX_REQUEST_ID_BYTES) bytes (our limit).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(Arc<str>);

validated_text!(RequestId, "a request id");

impl RequestId {
    pub(super) fn check(text: &str) -> Result<(), InvalidField> {
        check_id(text, "request_id", MAX_REQUEST_ID_BYTES, OF_A_SEARCH, InvalidField::quote)
    }

    /// The same for a made-up id. It may name a user or a session, so the error does not repeat it.
    pub(crate) fn check_made_up(text: &str) -> Result<(), InvalidField> {
        check_id(text, "request_id", MAX_REQUEST_ID_BYTES, OF_A_SEARCH, unseen)
    }

    /// Makes up a request id from an id of the app's own. The error names `field` and does not repeat the id.
    pub(crate) fn made_up(field: &'static str, own: &str, [before, after]: [&str; 2]) -> Result<Self, InvalidField> {
        let max = MAX_REQUEST_ID_BYTES.saturating_sub(before.len() + after.len());
        let expected = format!("an id of 1 to {max} bytes without control characters");
        check_id(own, field, max, expected, unseen)?;
        Ok(Self([before, own, after].concat().into()))
    }
}

const OF_A_SEARCH: &str = "the request id of a search: 1 to 4096 bytes without control characters";

/// An event's own id, unique and made by the client (Google's rule). Sending an event again reuses its id.
///
/// At most [`MAX_EVENT_ID_BYTES`](limits::MAX_EVENT_ID_BYTES) bytes without control characters (our limit).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(Arc<str>);

validated_text!(EventId, "an event id");

impl EventId {
    /// A fresh id: a UUIDv7, which sorts by the time it was made.
    pub fn generate() -> Self {
        Self::from(Uuid::now_v7())
    }

    pub(super) fn check(text: &str) -> Result<(), InvalidField> {
        let expected = "a unique id of 1 to 4096 bytes without control characters";
        check_id(text, "event_id", MAX_EVENT_ID_BYTES, expected, InvalidField::quote)
    }
}

impl From<Uuid> for EventId {
    fn from(id: Uuid) -> Self {
        Self((&*id.hyphenated().encode_lower(&mut Uuid::encode_buffer())).into())
    }
}

fn check_id(
    text: &str,
    field: &'static str,
    max: usize,
    expected: impl Into<Cow<'static, str>>,
    shown: fn(&str) -> String,
) -> Result<(), InvalidField> {
    if text.is_empty() {
        return Err(InvalidField::new(field, "an empty text", expected));
    }
    if text.len() > max {
        return Err(InvalidField::new(field, format!("{} bytes", text.len()), expected));
    }
    if let Some((at, c)) = text.char_indices().find(|(_, c)| c.is_control()) {
        let found = format!("the control character {c:?} at byte {at} of {}", shown(text));
        return Err(InvalidField::new(field, found, expected));
    }
    Ok(())
}

/// For an id that an error must not repeat.
fn unseen(text: &str) -> String {
    format!("{} bytes", text.len())
}

const _: () = assert!(limits::MAX_REQUEST_ID_BYTES == 4096 && limits::MAX_EVENT_ID_BYTES == 4096, "named in the texts");
