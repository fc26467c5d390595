//! The seam between what holds events and what delivers them.

use std::task::Context;
use std::time::Duration;

use tokio::time::Instant;

use crate::{EncodedEvent, TrackError};

/// Holds events until they are settled, and keeps the accounts. The engine drains one.
///
/// An event stays in its source while it is on its way, so that nothing is lost where the engine is: what it has taken
/// and not settled is put back by [`recover`](Self::recover).
pub(crate) trait Source: Send + Sync + 'static {
    /// What an event on its way is settled by.
    type Key: Copy + Send;

    /// The next event to send. `admit` is asked when there is one, and says when to ask again if it may not go yet.
    fn take(
        &self,
        cx: &mut Context<'_>,
        now: Instant,
        turn: Turn,
        admit: impl FnOnce() -> Result<(), Instant>,
    ) -> Take<Self::Key>;

    /// What came of an event on its way.
    fn settle(&self, key: Self::Key, end: End, now: Instant);

    /// Expires what became too old while nothing may be sent; answers when to look again, and wakes when there is
    /// something new.
    fn sweep(&self, cx: &mut Context<'_>, now: Instant) -> Sweep;

    /// Takes back all that is on its way: whoever sent it is gone.
    fn recover(&self, now: Instant);

    /// The engine is gone for good.
    fn gone(&self);
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The more important go first, and what failed before what is new.
    Usual,
    /// What has not failed goes first, then what failed longest ago: an event that can not be delivered would else ask
    /// for all others whether they can, again and again.
    Probe,
}

pub(crate) enum Take<K> {
    /// Send this.
    Event {
        key: K,
        event: EncodedEvent,
        attempt: u32,
        /// It failed, and others were delivered since.
        suspect: bool,
        /// The service may have it from an earlier attempt.
        in_doubt: bool,
    },
    /// There is nothing to send before then. The context is woken when there is.
    NotBefore(Option<Instant>),
    /// There will be nothing more, and what is on its way matters to nobody.
    Stop,
}

pub(crate) enum Sweep {
    NotBefore(Option<Instant>),
    Stop,
}

/// What came of an attempt.
pub(crate) enum End {
    Delivered,
    Rejected(TrackError),
    /// It is to be sent again, and it is for the source to say how often.
    Again {
        after: Duration,
        blame: Blame,
        error: TrackError,
    },
}

/// What a failed attempt says of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// That it may be the cause, or may not.
    Open,
    /// That it is the cause: the attempt counts as one of the event's.
    Event,
}
