//! What the derive's code calls. Not for anybody else, and free to change.

use std::fmt;
use std::marker::PhantomData;

pub use std::fmt::{Debug, Display};
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{self, Ok};
pub use std::{format_args, unreachable};

/// An expression as it was written, which may not be one yet.
#[doc(hidden)]
#[macro_export]
macro_rules! __talent_expression {
    ($value:expr) => {
        $value
    };
}
pub use __talent_expression as expression;

use crate::event::{EventDescriptor, JobEventType, RequestIdSource};

/// The descriptor of an event.
pub const fn descriptor(
    name: &'static str,
    event_type: Option<JobEventType>,
    jobs: &'static str,
    request_id: RequestIdSource,
    notes: Option<&'static str>,
    doc: &'static str,
) -> EventDescriptor {
    EventDescriptor { name, event_type, jobs, request_id, notes, doc, skipped: false }
}

/// The descriptor of a variant that is not sent.
pub const fn skipped(name: &'static str, doc: &'static str) -> EventDescriptor {
    EventDescriptor { doc, skipped: true, ..EventDescriptor::new(name) }
}

/// `jobs` without `many_jobs`, on a type that speaks of one job.
#[track_caller]
pub const fn check_many_jobs(event_type: JobEventType) {
    if !event_type.speaks_of_many_jobs() {
        panic!(
            "this event type speaks of one job: write `job`, and send one event per job; or add `many_jobs` if several are meant"
        );
    }
}

/// Stands in a template's scope for a field marked `private`: nothing can be displayed of it.
#[doc(hidden)]
pub struct PrivateField<Why>(PhantomData<Why>);

/// In place of a field marked `private`.
pub const PRIVATE: PrivateField<Private> = PrivateField(PhantomData);

#[doc(hidden)]
pub struct Private;

/// Implemented by nobody.
#[diagnostic::on_unimplemented(
    message = "a field marked `private` cannot be named in a template",
    label = "this field is private",
    note = "take it out of the template, or take `private` off the field"
)]
pub trait NotPrivate {}

impl<Why: NotPrivate> fmt::Display for PrivateField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl<Why: NotPrivate> fmt::Debug for PrivateField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// Stands in a template's scope for a field that only other variants have.
#[doc(hidden)]
pub struct OtherField<Why>(PhantomData<Why>);

/// In place of a field that only other variants have.
pub const OTHER_VARIANT: OtherField<OtherVariant> = OtherField(PhantomData);

#[doc(hidden)]
pub struct OtherVariant;

/// Implemented by nobody.
#[diagnostic::on_unimplemented(
    message = "a template names the fields of its own variant",
    label = "this field belongs to another variant",
    note = "take it out of the template, or give this variant a field of that name"
)]
pub trait OfThisVariant {}

impl<Why: OfThisVariant> fmt::Display for OtherField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl<Why: OfThisVariant> fmt::Debug for OtherField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
