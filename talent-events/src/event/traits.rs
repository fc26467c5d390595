//! What an event can do.

use std::rc::Rc;
use std::sync::Arc;

use super::{EventDescriptor, EventType, EventWriter, InvalidEvent, Kind};

/// An event of the app. `#[derive(TalentEvent)]` implements it.
///
/// The trait is dyn-compatible. An implementation by hand sets every part on the writer and returns its errors:
///
/// ```
/// use talent_events::event::{EventDescriptor, EventWriter, RequestIdSource};
/// use talent_events::{InvalidEvent, JobEventType, JobName, RequestId, TalentEvent};
///
/// struct Saved {
///     job: JobName,
///     search: RequestId,
/// }
///
/// impl TalentEvent for Saved {
///     fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
///         w.event_type(JobEventType::Bookmark)?;
///         w.job(&self.job)?;
///         w.request_id(&self.search)
///     }
///
///     fn descriptor(&self) -> &'static EventDescriptor {
///         static DESCRIPTOR: EventDescriptor = {
///             let mut d = EventDescriptor::new("Saved");
///             d.event_type = Some(JobEventType::Bookmark);
///             d.jobs = "job";
///             d.request_id = RequestIdSource::Given("search");
///             d
///         };
///         &DESCRIPTOR
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a talent event",
    label = "not a talent event",
    note = "write `#[derive(TalentEvent)]` on it, and `#[talent(event = …)]` with what happened",
    note = "if it has the derive already, a type parameter lacks the trait that its role needs, e.g. `AsJob` or `Display`"
)]
pub trait TalentEvent {
    /// Sets every part of the event on the writer, in any order.
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent>;

    /// Describes how the event is mapped.
    fn descriptor(&self) -> &'static EventDescriptor;
}

/// An event with a request id and jobs of its own. `#[derive(TalentEvent)]` implements it.
///
/// Such an event can be tracked to every destination. Other events wait for a session or funnel to fill in the rest. An
/// event that says `request_id = none` is self-contained too.
// `IS_EVENT` is for the derive: a field of an event may hold a type that is no event.
#[diagnostic::on_unimplemented(
    message = "`{Self}` waits for its session, so it cannot be tracked by itself",
    label = "its request id or job comes from a session or funnel",
    note = "send it by `session.track(&event)` or `funnel.record(&event)`, which fill in what is missing, over any destination",
    note = "or give it what it needs: `#[talent(request_id)]` and `#[talent(job)]` on fields of its own",
    note = "a hand-written event that has all it needs says so by `impl SelfContained`, and as an object it is a `dyn SelfContained`"
)]
pub trait SelfContained<const IS_EVENT: bool = true>: TalentEvent {}

/// An event whose type is known at compile time. `#[derive(TalentEvent)]` implements it for structs with a fixed type.
#[diagnostic::on_unimplemented(
    message = "the event type of `{Self}` is only known at run time",
    label = "no single event type at compile time",
    note = "enums and computed types (`event = self.kind()`) are recorded by `funnel.into_any().record_any(&event)`, whose stage is checked at run time",
    note = "or make each event a struct of its own, and the compiler checks the stage"
)]
pub trait TypedEvent: TalentEvent {
    /// The event type, one of [`types`](super::types).
    type Type: EventType;
}

/// Whether every value of an event type is sent. `#[derive(TalentEvent)]` implements it.
///
/// It decides whether tracking returns the receipt or an `Option` of it. The derive chooses [`Maybe`] for an enum with a
/// `skip` or `transparent` variant, [`InFunnel`] for an event with `job = from_funnel`, and otherwise [`Always`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a talent event",
    label = "not a talent event",
    note = "write `#[derive(TalentEvent)]` on it, and `#[talent(event = …)]` with what happened",
    note = "beside a `TalentEvent` written by hand, write `impl SendPolicy for {Self} {{ type Answer = Always; }}`"
)]
pub trait SendPolicy: TalentEvent {
    /// [`Always`], [`Maybe`] or [`InFunnel`].
    type Answer: Answer;

    /// The entries of [`catalog!`](crate::catalog!). They are not in [`TalentEvent`], which is dyn-compatible: a
    /// pointer's implementation of it cannot depend on the pointee without a value.
    #[doc(hidden)]
    const KINDS: &'static [Kind] = &[Kind::Unknown(std::any::type_name::<Self>)];
}

/// How a receipt is returned. Only [`Always`], [`Maybe`] and [`InFunnel`] implement it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether an event is always sent",
    label = "neither `Always` nor `Maybe`",
    note = "write `type Answer = Always;`, or `type Answer = Maybe;` for an event that may be skipped"
)]
pub trait Answer: sealed::Sealed + Send + Sync + 'static {
    /// The result for a receipt of this type.
    type Of<R: Send>: Send;

    /// `None` if an event that is always sent was skipped: an error in an implementation by hand.
    #[doc(hidden)]
    fn answer<R: Send>(receipt: Option<R>) -> Option<Self::Of<R>>;
}

/// Every event is sent: tracking returns the receipt.
#[derive(Debug)]
pub enum Always {}

/// Some events are skipped: tracking returns an `Option` of the receipt.
#[derive(Debug)]
pub enum Maybe {}

/// Every event is sent, by a funnel, which fills in the job (`job = from_funnel`).
#[derive(Debug)]
pub enum InFunnel {}

/// The [`Answer`] of an event that a session can track: every event except those whose job comes from a funnel.
///
/// If only some variants of an enum take their job from a funnel, this is known at run time only.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "its job comes from a funnel, and a session has none",
    label = "this event says `job = from_funnel`",
    note = "record it in a funnel: `session.application(job)?.record(&event)`",
    note = "or give it a job of its own: `#[talent(job)]` on a field"
)]
pub trait OutsideFunnel: Answer {}

#[diagnostic::do_not_recommend]
impl OutsideFunnel for Always {}

#[diagnostic::do_not_recommend]
impl OutsideFunnel for Maybe {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Always {}
    impl Sealed for super::Maybe {}
    impl Sealed for super::InFunnel {}
}

impl Answer for Always {
    type Of<R: Send> = R;

    fn answer<R: Send>(receipt: Option<R>) -> Option<R> {
        receipt
    }
}

#[diagnostic::do_not_recommend]
impl Answer for InFunnel {
    type Of<R: Send> = R;

    fn answer<R: Send>(receipt: Option<R>) -> Option<R> {
        receipt
    }
}

impl Answer for Maybe {
    type Of<R: Send> = Option<R>;

    fn answer<R: Send>(receipt: Option<R>) -> Option<Option<R>> {
        Some(receipt)
    }
}

macro_rules! through_pointers {
    ($($pointer:ty),+) => {$(
        impl<E: TalentEvent + ?Sized> TalentEvent for $pointer {
            fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
                (**self).write(w)
            }

            fn descriptor(&self) -> &'static EventDescriptor {
                (**self).descriptor()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<E: SelfContained + ?Sized> SelfContained for $pointer {}

        #[diagnostic::do_not_recommend]
        impl<E: TypedEvent + ?Sized> TypedEvent for $pointer {
            type Type = E::Type;
        }

        #[diagnostic::do_not_recommend]
        impl<E: SendPolicy + ?Sized> SendPolicy for $pointer {
            type Answer = E::Answer;

            const KINDS: &'static [Kind] = E::KINDS;
        }
    )+};
}
through_pointers!(&E, Box<E>, Rc<E>, Arc<E>);

macro_rules! objects_may_skip {
    ($($object:ty),+ $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl SendPolicy for $object {
            type Answer = Maybe;
        }
    )+};
}
objects_may_skip!(
    dyn TalentEvent + '_,
    dyn TalentEvent + Send + '_,
    dyn TalentEvent + Send + Sync + '_,
    dyn SelfContained + '_,
    dyn SelfContained + Send + '_,
    dyn SelfContained + Send + Sync + '_,
);
