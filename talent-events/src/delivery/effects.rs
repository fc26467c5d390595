//! What a change of the backlog causes outside, run after the lock: hooks, tickets, wakers, logs. All of that runs foreign
//! code, which may call into the backlog or take its time.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;
use tracing::level_filters::LevelFilter;

use crate::{EncodedEvent, TrackError};

use super::backlog::Backlog;
use super::entry::Tried;
use super::sync::{Mutex, lock, wake};
use super::ticket::Slot;
use super::{Pause, Undelivered};

/// No call takes longer than the longest deadline that a client can have.
const MAX_CALL: Duration = Duration::from_secs(60 * 60);

/// Nearly always empty, and then it allocates nothing.
#[derive(Default)]
pub(super) struct Effects {
    pub(super) wake_worker: bool,
    pub(super) wakers: Vec<Waker>,
    /// How many events were settled.
    pub(super) ended: usize,
    /// Those of them that have a ticket or a hook.
    pub(super) settled: Vec<Ended>,
    pub(super) flow: Option<FlowChange>,
    /// Events that go back to their store for a while.
    pub(super) returned: Vec<(Tried, Duration)>,
    pub(super) failed: Option<Failed>,
    losses: Vec<Loss>,
}

/// A settled event whose hook or ticket is to be called.
pub(super) struct Ended {
    pub(super) event: EncodedEvent,
    pub(super) ticket: Option<Arc<Slot>>,
    pub(super) epoch: u32,
    pub(super) outcome: Result<(), Undelivered>,
}

/// A failed attempt of an event whose relay is watched.
pub(super) struct Failed {
    pub(super) slot: Arc<Slot>,
    pub(super) error: Arc<TrackError>,
    pub(super) attempts: u32,
    pub(super) took: Duration,
}

/// Delivery as a whole stops or goes on.
pub(super) enum FlowChange {
    Throttled(Pause),
    Paused(Duration),
    Resumed,
}

/// An event that is not delivered, for the log.
struct Loss {
    event: EncodedEvent,
    why: Undelivered,
    is_first: bool,
}

impl Effects {
    /// Logs an event that is not delivered, if anybody listens or it is the first in a row.
    pub(super) fn lost(&mut self, event: &EncodedEvent, why: &Undelivered, is_first: bool) {
        // A drop or a shutdown says itself how many events it leaves.
        let is_left = matches!(why, Undelivered::Abandoned | Undelivered::HandedBack);
        if !is_left && (is_first || LevelFilter::current() >= LevelFilter::DEBUG) {
            self.losses.push(Loss { event: event.clone(), why: why.clone(), is_first });
        }
    }

    pub(super) fn run(self, backlog: &Backlog) {
        let Self { wake_worker, wakers, ended: _, settled, flow, returned, failed, losses } = self;
        // First: whatever the foreign code below does, the drop of this guard accounts for it.
        let settling = (!settled.is_empty()).then(|| Settling { backlog, settled, hook_panics: 0 });
        if wake_worker {
            backlog.intake.notify();
        }
        wakers.into_iter().for_each(wake);
        settling.into_iter().for_each(Settling::run);
        for (Tried { ticket, history, .. }, after) in returned {
            ticket.iter().filter_map(|slot| slot.stored()).for_each(|slot| slot.give_back(&history, after));
        }
        if let Some(Failed { slot, error, attempts, took }) = failed
            && slot.stored().is_some_and(|slot| slot.failed(&error, attempts, took).is_break())
        {
            backlog.close(Instant::now() + MAX_CALL);
        }
        losses.into_iter().for_each(|loss| backlog.losses.log(loss));
        flow.into_iter().for_each(FlowChange::log);
    }
}

/// Events whose hooks and tickets are called; when it drops, they are accounted for as called.
struct Settling<'b> {
    backlog: &'b Backlog,
    settled: Vec<Ended>,
    hook_panics: u64,
}

impl Settling<'_> {
    fn run(mut self) {
        let hook = &self.backlog.hook;
        for Ended { event, ticket, outcome, .. } in &mut self.settled {
            if let Err(why) = outcome
                && !hook.call(event, why)
            {
                self.hook_panics += 1;
            }
            ticket.take().into_iter().for_each(|ticket| ticket.settle(outcome.clone()));
        }
    }
}

impl Drop for Settling<'_> {
    fn drop(&mut self) {
        self.backlog.change(|state, _| {
            state.ledger.effects_end(self.settled.len(), self.hook_panics);
            self.settled.iter().for_each(|ended| state.ledger.left(ended.epoch));
        });
    }
}

impl FlowChange {
    fn log(self) {
        match self {
            Self::Throttled(reason) => {
                tracing::warn!(target: "talent_events::delivery", reason = reason.as_str(), "delivery is throttled");
            }
            Self::Paused(wait) => {
                tracing::warn!(target: "talent_events::delivery", ?wait, "delivery is paused at the service's request");
            }
            Self::Resumed => tracing::info!(target: "talent_events::delivery", "delivery resumed"),
        }
    }
}

/// The log of lost events. The first in a row is worth a warning, once in a while; more of them would say the same ten
/// thousand times.
#[derive(Debug, Default)]
pub(super) struct Losses {
    warned: Mutex<Option<Instant>>,
}

impl Losses {
    fn log(&self, Loss { event, why, is_first }: Loss) {
        let (event_id, event_type) = (event.event_id(), event.event_type().google_name());
        let (tenant, error) = (event.tenant().as_str(), &why);
        if is_first && self.may_warn() {
            tracing::warn!(
                target: "talent_events::delivery", event_id, event_type, tenant, %error, "event not delivered"
            );
        } else {
            tracing::debug!(
                target: "talent_events::delivery", event_id, event_type, tenant, %error, "event not delivered"
            );
        }
    }

    fn may_warn(&self) -> bool {
        const A_WHILE: Duration = Duration::from_secs(10);
        let (mut warned, now) = (lock(&self.warned), Instant::now());
        let may = warned.is_none_or(|warned| now.saturating_duration_since(warned) >= A_WHILE);
        if may {
            *warned = Some(now);
        }
        may
    }
}
