//! The forms of a line, as serde reads them.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use talent_events::{ClientEvent, RequestId, TenantName, Timestamp};

/// Distinguishes the forms by keys that only one of them has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Keys<'l> {
    pub(super) event: Option<IgnoredAny>,
    pub(super) known_request_id: Option<IgnoredAny>,
    #[serde(borrow, default, deserialize_with = "some")]
    pub(super) entry: Option<&'l RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RecordedForm {
    pub(super) tenant: TenantName,
    pub(super) event: ClientEvent,
    #[serde(default)]
    pub(super) discarded: bool,
    pub(super) received_at: Option<Timestamp>,
    pub(super) synthetic_request_id: Option<bool>,
    #[serde(rename = "number")]
    _number: Option<u64>,
    #[serde(rename = "notesTruncated")]
    _notes_truncated: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KnownForm {
    pub(super) known_request_id: RequestId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LetterForm<'l> {
    #[serde(rename = "line")]
    _line: Option<u64>,
    #[serde(rename = "error")]
    _error: Option<String>,
    #[serde(borrow)]
    pub(super) entry: &'l RawValue,
}

/// `null` counts as a value.
fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}
