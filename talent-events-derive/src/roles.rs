//! The table of roles: what an event is made of, and how each part reaches the writer.
//!
//! To add a role, add its row, the writer's call and the runtime's trait that the row names.

use crate::keys::Key;

/// A part of an event that is given once: by a field, an attribute or a flattened context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Job,
    RequestId,
    EventId,
    CreateTime,
    Notes,
}

pub(crate) struct Row {
    pub(crate) role: Role,
    pub(crate) key: Key,
    /// As the subject of a sentence.
    pub(crate) noun: &'static str,
    /// The verb for it.
    pub(crate) is: &'static str,
    /// The trait of the runtime that a field's type needs, and its method.
    pub(crate) as_trait: &'static str,
    pub(crate) as_method: &'static str,
    /// The writer's call: with what the method answers, and with `format_args!` of a template.
    pub(crate) set: &'static str,
    pub(crate) set_formatted: &'static str,
    /// Whether the trait takes an `Option`, so that a `with` function gets what is inside.
    pub(crate) takes_option: bool,
}

/// In the order of the writer's calls. A role has several rows if several keys give it.
pub(crate) const ROLES: [Row; 6] = [
    Row {
        role: Role::Job,
        key: Key::Job,
        noun: "the job",
        is: "is",
        as_trait: "AsJob",
        as_method: "as_job",
        set: "set_job",
        set_formatted: "",
        takes_option: false,
    },
    Row {
        role: Role::Job,
        key: Key::Jobs,
        noun: "the job",
        is: "is",
        as_trait: "AsJobs",
        as_method: "for_each_job",
        set: "each_job",
        set_formatted: "",
        takes_option: false,
    },
    Row {
        role: Role::RequestId,
        key: Key::RequestId,
        noun: "the request id",
        is: "is",
        as_trait: "AsRequestId",
        as_method: "as_request_id",
        set: "set_request_id",
        set_formatted: "set_synthetic_request_id",
        takes_option: true,
    },
    Row {
        role: Role::EventId,
        key: Key::EventId,
        noun: "the event id",
        is: "is",
        as_trait: "AsEventId",
        as_method: "as_event_id",
        set: "set_event_id",
        set_formatted: "set_event_id_formatted",
        takes_option: false,
    },
    Row {
        role: Role::CreateTime,
        key: Key::CreateTime,
        noun: "the time",
        is: "is",
        as_trait: "AsCreateTime",
        as_method: "as_create_time",
        set: "set_create_time",
        set_formatted: "",
        takes_option: false,
    },
    Row {
        role: Role::Notes,
        key: Key::Notes,
        noun: "the notes",
        is: "are",
        as_trait: "AsNotes",
        as_method: "as_notes",
        set: "set_notes",
        set_formatted: "set_notes_formatted",
        takes_option: true,
    },
];

impl Role {
    /// All roles, in the order of the writer's calls.
    pub(crate) const ALL: [Self; 5] = [Self::Job, Self::RequestId, Self::EventId, Self::CreateTime, Self::Notes];

    /// The rows of its keys.
    pub(crate) fn rows(self) -> impl Iterator<Item = &'static Row> {
        ROLES.iter().filter(move |row| row.role == self)
    }
}
