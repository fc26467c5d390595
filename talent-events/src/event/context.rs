//! What several events have in common: a struct whose fields play their roles in every event that flattens it.

use std::rc::Rc;
use std::sync::Arc;

use super::{EventWriter, InvalidEvent, RequestIdSource};

/// Fields that several events share. `#[derive(TalentContext)]` implements it.
///
/// An event holds the struct in a `#[talent(flatten)]` field and takes its roles. A role that the event already has, by
/// a field of its own or by another context, does not compile.
///
#[cfg_attr(feature = "derive", doc = "```")]
#[cfg_attr(not(feature = "derive"), doc = "```ignore")]
/// use talent_events::{JobName, RequestId, TalentContext, TalentEvent};
///
/// #[derive(TalentContext)]
/// struct Visit {
///     #[talent(request_id)]
///     search: RequestId,
///     #[talent(private)]
///     user: String,
/// }
///
/// #[derive(TalentEvent)]
/// #[talent(event = View)]
/// struct Opened {
///     #[talent(job)]
///     job: JobName,
///     #[talent(flatten)]
///     visit: Visit,
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no roles to give to an event",
    label = "not a context",
    note = "write `#[derive(TalentContext)]` on it, and mark the fields that play a role, e.g. `#[talent(request_id)]`",
    note = "a field that is the job or the request id itself is marked `#[talent(job)]` or `#[talent(request_id)]`, not `flatten`"
)]
pub trait TalentContext {
    /// Which roles the context gives, and their sources.
    const CONTEXT: ContextDescriptor;

    /// Sets its parts on the writer of the event that flattens it.
    fn write_context(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent>;
}

/// A context that takes nothing from a session or funnel. `#[derive(TalentContext)]` implements it.
// `IS_CONTEXT` is for the derive.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` waits for its session, so an event that flattens it cannot be tracked by itself",
    label = "its context's request id or job comes from a session or funnel",
    note = "send it by `session.track(&event)` or `funnel.record(&event)`, which fill in what is missing",
    note = "or give `{Self}` what it needs: `#[talent(request_id)]` and `#[talent(job)]` on fields of its own"
)]
pub trait SelfContainedContext<const IS_CONTEXT: bool = true>: TalentContext {}

/// Which roles a context gives to an event, and where it has them from, as in the
/// [`EventDescriptor`](super::EventDescriptor) of the events that flatten it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContextDescriptor {
    /// Where the jobs come from; `None` where it gives none.
    pub jobs: Option<&'static str>,
    /// Whether the jobs may be several.
    pub several_jobs: bool,
    /// Where the request id comes from; `None` where it gives none.
    pub request_id: Option<RequestIdSource>,
    /// Whether it gives the event id.
    pub event_id: bool,
    /// Whether it gives the time of creation.
    pub create_time: bool,
    /// Where the notes come from; `None` where it gives none.
    pub notes: Option<&'static str>,
    /// Whether the job is the funnel's.
    pub(crate) job_from_funnel: bool,
    /// Its derive met an error, and no second one is to follow from what it does not say.
    pub(crate) broken: bool,
}

impl ContextDescriptor {
    /// A context that gives nothing; set the fields that it gives.
    pub const fn new() -> Self {
        Self {
            jobs: None,
            several_jobs: false,
            request_id: None,
            event_id: false,
            create_time: false,
            notes: None,
            job_from_funnel: false,
            broken: false,
        }
    }
}

impl Default for ContextDescriptor {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! through_pointers {
    ($($pointer:ty),+) => {$(
        #[diagnostic::do_not_recommend]
        impl<C: TalentContext + ?Sized> TalentContext for $pointer {
            const CONTEXT: ContextDescriptor = C::CONTEXT;

            fn write_context(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
                (**self).write_context(w)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<C: SelfContainedContext + ?Sized> SelfContainedContext for $pointer {}
    )+};
}
through_pointers!(&C, Box<C>, Rc<C>, Arc<C>);
