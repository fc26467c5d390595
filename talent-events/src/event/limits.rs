//! The limits that an event has to keep, each with its source.
//!
//! Google's v4 reference names neither the 500 nor the 1,000; both come from the API description that this project
//! started from, and are held to as fixed constants. What is *ours* is there for sanity: no real value comes near it,
//! and memory stays bounded whatever comes in.

/// Most jobs in one event. Source: the API description.
pub const MAX_JOBS: usize = 500;

/// Most characters (not bytes) in an event's notes. Source: the API description.
pub const MAX_NOTES_CHARS: usize = 1_000;

/// Most bytes in a request id. Source: ours.
pub const MAX_REQUEST_ID_BYTES: usize = 4_096;

/// Most bytes in an event id. Source: ours.
pub const MAX_EVENT_ID_BYTES: usize = 4_096;

/// Most bytes in one segment of a resource name: a project, tenant or job id. Source: ours.
pub const MAX_SEGMENT_BYTES: usize = 255;

/// Most characters (not bytes) in a domain, session id or user id of a search's metadata. Source: Google. For a device's
/// id, which Google gives no limit, the source is ours.
pub const MAX_METADATA_CHARS: usize = 255;

/// The earliest `create_time`, in seconds since 1970: 0001-01-01T00:00:00Z. Source: protobuf's `Timestamp`.
pub const MIN_TIMESTAMP_SECONDS: i64 = -62_135_596_800;

/// The latest `create_time`, in seconds since 1970: 9999-12-31T23:59:59Z. Source: protobuf's `Timestamp`.
pub const MAX_TIMESTAMP_SECONDS: i64 = 253_402_300_799;
