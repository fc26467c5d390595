//! The traits of the roles: a field's type implements the one of its role.
//!
//! Types that an app already has implement them. A type of its own implements the trait too, or is mapped in the
//! attribute: `#[talent(job(with = path))]`.

use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use uuid::Uuid;

use super::client_event::check_tenant;
use super::name::is_bare_id;
use super::{EventId, InvalidField, JobName, RequestId, TenantName, Timestamp};

/// A job: a [`JobName`], or text with a full resource name or a bare id, to which the tenant is added.
#[derive(Clone, Debug)]
pub struct JobRef<'a>(pub(super) Given<'a, JobName>);

/// A request id, checked already or not.
#[derive(Clone, Debug)]
pub struct RequestIdRef<'a>(pub(super) Given<'a, RequestId>);

/// An event id: checked already or not, or a UUID.
#[derive(Clone, Debug)]
pub struct EventIdRef<'a>(pub(super) GivenId<'a>);

#[derive(Clone, Debug)]
pub(super) enum Given<'a, T> {
    Checked(&'a T),
    Text(&'a str),
}

#[derive(Clone, Debug)]
pub(super) enum GivenId<'a> {
    Text(Given<'a, EventId>),
    Uuid(&'a Uuid),
}

/// Names a job. Implemented by [`JobName`] and by text with a job's full name or bare id.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot name a job",
    label = "expected a `JobName` or text",
    note = "a job is a `JobName`, or a `String` or `&str` with its full name or its bare id; several jobs are `jobs`",
    note = "in a call, pass one of these; in an attribute, map another type by a function: `#[talent(job(with = path))]`"
)]
pub trait AsJob {
    /// The job's name.
    fn as_job(&self) -> JobRef<'_>;
}

/// Names several jobs. Implemented by a `Vec`, slice, array, `VecDeque` or `BTreeSet` of [`AsJob`], and by a `Cow` of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot name several jobs",
    label = "expected a collection of job names",
    note = "several jobs are a `Vec`, slice or array of `JobName`, `String` or `&str`, and at least one: with an `Option`, send the event only if there are some",
    note = "in a call, pass one of these; in an attribute, map another type by a function: `#[talent(jobs(with = path))]`"
)]
pub trait AsJobs {
    /// Gives each job in order to `add`, and stops at its first error.
    fn for_each_job(&self, add: &mut dyn FnMut(JobRef<'_>) -> Result<(), InvalidField>) -> Result<(), InvalidField>;
}

/// The request id of a search. Implemented by [`RequestId`], text, and an `Option` of one (`None` is an error at run time).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a request id",
    label = "expected a `RequestId` or text",
    note = "a request id is a `RequestId`, `String` or `&str`, or an `Option` of one",
    note = "in a call, pass one of these; in an attribute, map another type by a function: `#[talent(request_id(with = path))]`"
)]
pub trait AsRequestId {
    /// The request id, if there is one.
    fn as_request_id(&self) -> Option<RequestIdRef<'_>>;
}

/// An event's own id. Implemented by [`EventId`], [`Uuid`] and text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an event id",
    label = "expected an `EventId`, a `Uuid` or text",
    note = "an event id is an `EventId`, `Uuid`, `String` or `&str`, and not an `Option`: without the role, each sending makes a new id",
    note = "in an attribute, make one from other fields: `#[talent(event_id = \"{{application}}-finish\")]` on the struct"
)]
pub trait AsEventId {
    /// The event id.
    fn as_event_id(&self) -> EventIdRef<'_>;
}

/// A point in time. Implemented by `SystemTime`, [`Timestamp`] and its wire form.
///
/// Behind the feature of their crate's name: `chrono::DateTime` of any zone (a leap second becomes the last nanosecond
/// before it ends), `jiff::Timestamp` and `jiff::ZonedDateTime`, `time::OffsetDateTime` and `time::UtcDateTime`. A date and
/// time without a zone is not a point in time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a time of creation",
    label = "expected a point in time",
    note = "a time of creation is a `SystemTime`, a `talent_events::Timestamp`, or a point in time of chrono, jiff or time, with the feature of `talent-events` of that name",
    note = "in an attribute, map another type, or an `Option`, by a function: `#[talent(create_time(with = path))]`"
)]
pub trait AsCreateTime {
    /// The time, or why the service cannot represent it.
    fn as_create_time(&self) -> Result<Timestamp, InvalidField>;
}

/// An event's notes. Implemented by text, and an `Option` of it (`None`: no notes).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the notes",
    label = "expected text",
    note = "notes are a `String` or `&str`, or an `Option` of one",
    note = "in an attribute, show a field that implements `Display` by a template on the struct: `#[talent(notes = \"{{field}}\")]`"
)]
pub trait AsNotes {
    /// The notes, if there are any.
    fn as_notes(&self) -> Option<&str>;
}

impl JobRef<'_> {
    /// The full name of the job, which is to be this tenant's.
    pub(crate) fn resolve(&self, tenant: &TenantName) -> Result<JobName, InvalidField> {
        let job = match self.0 {
            Given::Checked(job) => job.clone(),
            Given::Text(id) if is_bare_id(id) => tenant.job(id)?,
            Given::Text(name) => JobName::new(name)?,
        };
        check_tenant(job.as_str(), tenant)?;
        Ok(job)
    }
}

impl RequestIdRef<'_> {
    /// The id by itself, checked.
    pub(crate) fn resolve(&self) -> Result<RequestId, InvalidField> {
        match self.0 {
            Given::Checked(id) => Ok(id.clone()),
            Given::Text(id) => RequestId::new(id),
        }
    }
}

impl EventIdRef<'_> {
    /// The id by itself, checked.
    pub(crate) fn resolve(&self) -> Result<EventId, InvalidField> {
        match self.0 {
            GivenId::Text(Given::Checked(id)) => Ok(id.clone()),
            GivenId::Text(Given::Text(id)) => EventId::new(id),
            GivenId::Uuid(id) => Ok(EventId::from(*id)),
        }
    }
}

impl<'a> From<&'a JobName> for JobRef<'a> {
    fn from(name: &'a JobName) -> Self {
        Self(Given::Checked(name))
    }
}

impl<'a> From<&'a str> for JobRef<'a> {
    fn from(text: &'a str) -> Self {
        Self(Given::Text(text))
    }
}

impl<'a> From<&'a RequestId> for RequestIdRef<'a> {
    fn from(id: &'a RequestId) -> Self {
        Self(Given::Checked(id))
    }
}

impl<'a> From<&'a str> for RequestIdRef<'a> {
    fn from(text: &'a str) -> Self {
        Self(Given::Text(text))
    }
}

impl<'a> From<&'a EventId> for EventIdRef<'a> {
    fn from(id: &'a EventId) -> Self {
        Self(GivenId::Text(Given::Checked(id)))
    }
}

impl<'a> From<&'a str> for EventIdRef<'a> {
    fn from(text: &'a str) -> Self {
        Self(GivenId::Text(Given::Text(text)))
    }
}

impl AsJob for JobName {
    fn as_job(&self) -> JobRef<'_> {
        self.into()
    }
}

impl AsRequestId for RequestId {
    fn as_request_id(&self) -> Option<RequestIdRef<'_>> {
        Some(self.into())
    }
}

impl AsEventId for EventId {
    fn as_event_id(&self) -> EventIdRef<'_> {
        self.into()
    }
}

impl AsEventId for Uuid {
    fn as_event_id(&self) -> EventIdRef<'_> {
        EventIdRef(GivenId::Uuid(self))
    }
}

impl AsCreateTime for Timestamp {
    fn as_create_time(&self) -> Result<Timestamp, InvalidField> {
        Ok(*self)
    }
}

impl AsCreateTime for SystemTime {
    fn as_create_time(&self) -> Result<Timestamp, InvalidField> {
        Timestamp::try_from(*self)
    }
}

/// Text plays every role that text can.
macro_rules! text_roles {
    ($($text:ty),+) => {$(
        impl AsJob for $text {
            fn as_job(&self) -> JobRef<'_> {
                (&**self).into()
            }
        }

        impl AsRequestId for $text {
            fn as_request_id(&self) -> Option<RequestIdRef<'_>> {
                Some((&**self).into())
            }
        }

        impl AsEventId for $text {
            fn as_event_id(&self) -> EventIdRef<'_> {
                (&**self).into()
            }
        }

        impl AsNotes for $text {
            fn as_notes(&self) -> Option<&str> {
                Some(self)
            }
        }
    )+};
}
text_roles!(String, Cow<'_, str>);

impl AsJob for str {
    fn as_job(&self) -> JobRef<'_> {
        self.into()
    }
}

impl AsRequestId for str {
    fn as_request_id(&self) -> Option<RequestIdRef<'_>> {
        Some(self.into())
    }
}

impl AsEventId for str {
    fn as_event_id(&self) -> EventIdRef<'_> {
        self.into()
    }
}

impl AsNotes for str {
    fn as_notes(&self) -> Option<&str> {
        Some(self)
    }
}

/// Pointers play the role of what they point at.
macro_rules! pointer_roles {
    ($($pointer:ty),+) => {$(
        impl<T: AsJob + ?Sized> AsJob for $pointer {
            fn as_job(&self) -> JobRef<'_> {
                (**self).as_job()
            }
        }

        impl<T: AsJobs + ?Sized> AsJobs for $pointer {
            fn for_each_job(
                &self,
                add: &mut dyn FnMut(JobRef<'_>) -> Result<(), InvalidField>,
            ) -> Result<(), InvalidField> {
                (**self).for_each_job(add)
            }
        }

        impl<T: AsRequestId + ?Sized> AsRequestId for $pointer {
            fn as_request_id(&self) -> Option<RequestIdRef<'_>> {
                (**self).as_request_id()
            }
        }

        impl<T: AsEventId + ?Sized> AsEventId for $pointer {
            fn as_event_id(&self) -> EventIdRef<'_> {
                (**self).as_event_id()
            }
        }

        impl<T: AsCreateTime + ?Sized> AsCreateTime for $pointer {
            fn as_create_time(&self) -> Result<Timestamp, InvalidField> {
                (**self).as_create_time()
            }
        }

        impl<T: AsNotes + ?Sized> AsNotes for $pointer {
            fn as_notes(&self) -> Option<&str> {
                (**self).as_notes()
            }
        }
    )+};
}
pointer_roles!(&T, Box<T>, Rc<T>, Arc<T>);

impl<T: AsRequestId> AsRequestId for Option<T> {
    fn as_request_id(&self) -> Option<RequestIdRef<'_>> {
        self.as_ref()?.as_request_id()
    }
}

impl<T: AsNotes> AsNotes for Option<T> {
    fn as_notes(&self) -> Option<&str> {
        self.as_ref()?.as_notes()
    }
}

#[diagnostic::do_not_recommend]
impl<T: AsJobs + ToOwned + ?Sized> AsJobs for Cow<'_, T> {
    fn for_each_job(&self, add: &mut dyn FnMut(JobRef<'_>) -> Result<(), InvalidField>) -> Result<(), InvalidField> {
        (**self).for_each_job(add)
    }
}

macro_rules! collection_roles {
    ($([$($generics:tt)+] $collection:ty),+ $(,)?) => {$(
        impl<$($generics)+> AsJobs for $collection {
            fn for_each_job(
                &self,
                add: &mut dyn FnMut(JobRef<'_>) -> Result<(), InvalidField>,
            ) -> Result<(), InvalidField> {
                self.iter().try_for_each(|job| add(job.as_job()))
            }
        }
    )+};
}
collection_roles!(
    [T: AsJob] [T],
    [T: AsJob, const N: usize] [T; N],
    [T: AsJob] Vec<T>,
    [T: AsJob] VecDeque<T>,
    [T: AsJob] BTreeSet<T>,
);
