//! JSON input: reading it strictly, and saying in JSON's own terms what is wrong with it.

pub(crate) mod client_event;
mod duplicate_keys;
mod error;
pub(crate) mod search;
mod value;

pub(crate) use error::{explain, explain_with_path, explain_with_position};
pub(crate) use value::{expected_object, kind, snake_case};
