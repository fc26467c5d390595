//! A recorded event, in the form that is kept and in the form that is read.

use std::hash::{Hash, Hasher};

use serde::Serialize;
use talent_events::{ClientEvent, EncodedEvent, TenantName, Timestamp};

/// An event that the emulator has answered with `OK` or has imported.
///
/// Its serialized form is used by the control API and by exports: fields in camelCase, the event in proto3 JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Recorded {
    /// Its position in the order of arrival, from 1, since the start or the last [`clear`](crate::Emulator::clear).
    pub number: usize,
    /// The parent of the call.
    pub tenant: TenantName,
    /// The time of arrival, by the emulator's clock.
    pub received_at: Timestamp,
    /// The event.
    pub event: ClientEvent,
    /// The event does not count, because its request id is missing or unknown. Only a [strict](crate::Builder::strict)
    /// emulator discards events.
    pub discarded: bool,
    /// The client says that it made the request id up.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub synthetic_request_id: bool,
}

/// An event as it is kept: encoded, because the readable form takes several times the memory.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) event: EncodedEvent,
    pub(super) received_at: Timestamp,
    pub(super) marks: Marks,
}

/// See the fields of the same names in [`Recorded`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) discarded: bool,
    pub(crate) synthetic_request_id: bool,
}

impl Record {
    pub(super) fn read(&self, number: usize) -> Recorded {
        Recorded {
            number,
            tenant: self.event.tenant().clone(),
            received_at: self.received_at,
            event: self.event.to_client_event(),
            discarded: self.marks.discarded,
            synthetic_request_id: self.marks.synthetic_request_id,
        }
    }
}

/// An event that compares by tenant and event id. A project has an id and a number, so its segment is not compared.
#[derive(Debug)]
pub(super) struct ById(pub(super) EncodedEvent);

impl PartialEq for ById {
    fn eq(&self, other: &Self) -> bool {
        self.0.tenant().tenant() == other.0.tenant().tenant() && self.0.event_id() == other.0.event_id()
    }
}

impl Eq for ById {}

impl Hash for ById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.tenant().tenant(), self.0.event_id()).hash(state);
    }
}
