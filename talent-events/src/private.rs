//! What the derive's code calls. Not for anybody else, and free to change.

use std::fmt;
use std::marker::PhantomData;

pub use std::fmt::{Debug, Display};
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{self, Ok};
pub use std::{format_args, unreachable};

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

/// Stands in a template's scope for a field that the template must not name: nothing can be displayed of it.
macro_rules! hidden {
    ($(#[doc = $doc:literal])+ $constant:ident: $field:ident<$why:ident>, $never:ident, $message:literal, $label:literal, $note:literal) => {
        $(#[doc = $doc])+
        pub const $constant: $field<$why> = $field(PhantomData);

        #[doc(hidden)]
        pub struct $field<Why>(PhantomData<Why>);

        #[doc(hidden)]
        pub struct $why;

        /// Implemented by nobody.
        #[diagnostic::on_unimplemented(message = $message, label = $label, note = $note)]
        pub trait $never {}

        impl<Why: $never> fmt::Display for $field<Why> {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Ok(())
            }
        }

        impl<Why: $never> fmt::Debug for $field<Why> {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Ok(())
            }
        }
    };
}

hidden! {
    /// In place of a field marked `private`.
    PRIVATE: PrivateField<Private>, NotPrivate,
    "a field marked `private` cannot be named in a template",
    "this field is private",
    "take it out of the template, or take `private` off the field"
}

hidden! {
    /// In place of a field that only other variants have.
    OTHER_VARIANT: OtherField<OtherVariant>, OfThisVariant,
    "a template names the fields of its own variant",
    "this field belongs to another variant",
    "take it out of the template, or give this variant a field of that name"
}
