//! What an event can do.

use std::rc::Rc;
use std::sync::Arc;

use super::{EventDescriptor, EventType, EventWriter, InvalidEvent, Kind};

/// Something that happened in the app and that the service is told of.
///
/// Derived, as a rule: `#[derive(TalentEvent)]`. The trait is object-safe. An implementation by hand says every part
/// to the writer and hands its errors on:
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
    note = "where it derives that already, a type parameter of it lacks what its role needs, e.g. `AsJob` or `Display`"
)]
pub trait TalentEvent {
    /// Says every part of the event to the writer, in any order.
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent>;

    /// How this event is mapped.
    fn descriptor(&self) -> &'static EventDescriptor;
}

/// An event that has all it needs by itself: its own request id (or it says that there is none) and its own jobs.
///
/// Such an event can be tracked to any destination. The others wait for their session or funnel to fill in the rest.
///
/// `IS_EVENT` is the derive's, for what an event holds that may be none, and everywhere else left out.
#[diagnostic::on_unimplemented(
    message = "`{Self}` waits for its session, so it cannot be tracked by itself",
    label = "its request id or job comes from a session or funnel",
    note = "send it by `session.track(&event)` or `funnel.record(&event)`, which fill in what is missing, over any destination",
    note = "or give it what it needs: `#[talent(request_id)]` and `#[talent(job)]` on fields of its own",
    note = "a hand-written event that has all it needs says so by `impl SelfContained`, and as an object it is a `dyn SelfContained`"
)]
pub trait SelfContained<const IS_EVENT: bool = true>: TalentEvent {}

/// An event whose type is known at compile time.
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

/// Whether an event always has something to send, and so what tracking it answers: the receipt, or an `Option` of it.
///
/// Written by the derive: [`Always`], or [`Maybe`] for an enum with a `skip` or a `transparent` variant (what is inside
/// may be skipped), or [`InFunnel`] where the job is the funnel's.
#[diagnostic::on_unimplemented(
    message = "what tracking `{Self}` answers is not known",
    label = "does not implement `Answers`",
    note = "`#[derive(TalentEvent)]` writes it; beside a `TalentEvent` written by hand, write `impl Answers for {Self} {{ type Answer = Always; }}`"
)]
pub trait Answers: TalentEvent {
    /// [`Always`], [`Maybe`] or [`InFunnel`].
    type Answer: Answer;

    /// What [`catalog!`](crate::catalog!) lists. Here and not in [`TalentEvent`]: that is object-safe, so what a pointer
    /// implements of it can not depend on what it points to without a value.
    #[doc(hidden)]
    const KINDS: &'static [Kind] = &[Kind::Unknown(std::any::type_name::<Self>)];
}

/// How a receipt is answered. Implemented by [`Always`], [`Maybe`] and [`InFunnel`] alone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether an event is always sent",
    label = "neither `Always` nor `Maybe`",
    note = "write `type Answer = Always;`, or `type Answer = Maybe;` for an event that may be skipped"
)]
pub trait Answer: sealed::Sealed + Send + Sync + 'static {
    /// The answer for a receipt of this type.
    type Of<R: Send>: Send;

    /// `None` where the event is sent always and yet was skipped: an error in an implementation by hand.
    #[doc(hidden)]
    fn answer<R: Send>(receipt: Option<R>) -> Option<Self::Of<R>>;
}

/// Each event is sent: tracking answers the receipt.
#[derive(Debug)]
pub enum Always {}

/// Some events are skipped: tracking answers an `Option` of the receipt.
#[derive(Debug)]
pub enum Maybe {}

/// Each event is sent, and by a funnel, which fills in the job (`job = from_funnel`).
#[derive(Debug)]
pub enum InFunnel {}

/// The [`Answer`] of an event that a session can track: of all but those whose job comes from a funnel.
///
/// Of an enum or a flattened context of which only a part takes its job from a funnel, this is known at run time only.
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
        impl<E: Answers + ?Sized> Answers for $pointer {
            type Answer = E::Answer;

            const KINDS: &'static [Kind] = E::KINDS;
        }
    )+};
}
through_pointers!(&E, Box<E>, Rc<E>, Arc<E>);

macro_rules! objects_may_skip {
    ($($object:ty),+ $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl Answers for $object {
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
