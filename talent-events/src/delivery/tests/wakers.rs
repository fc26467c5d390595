//! A waker is foreign code, which may call into the queue: it is never dropped under a lock, nor kept longer than needed.

use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::support::{event, limits, take, tenant};
use crate::JobEventType;
use crate::delivery::backlog::Backlog;
use crate::delivery::hook::Hook;
use crate::delivery::ticket::{Slot, ticket};
use crate::delivery::wait::{closed, flushed};

/// Looks at the locks when it is dropped.
struct Probe {
    queue: Arc<Backlog>,
    slot: Arc<Slot>,
    /// Whether they were free, of each that is gone.
    gone: Arc<Mutex<Vec<bool>>>,
}

impl Wake for Probe {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.gone.lock().unwrap().push(!self.queue.is_locked() && !self.slot.is_locked());
    }
}

struct Probes {
    queue: Arc<Backlog>,
    slot: Weak<Slot>,
    gone: Arc<Mutex<Vec<bool>>>,
}

impl Probes {
    fn new(queue: &Arc<Backlog>, slot: &Arc<Slot>) -> Self {
        Self { queue: Arc::clone(queue), slot: Arc::downgrade(slot), gone: Arc::default() }
    }

    /// One more waker, for whom the queue alone keeps it.
    fn with<R>(&self, poll: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let (queue, slot) = (Arc::clone(&self.queue), self.slot.upgrade().expect("it is in use"));
        let waker = Waker::from(Arc::new(Probe { queue, slot, gone: Arc::clone(&self.gone) }));
        poll(&mut Context::from_waker(&waker))
    }

    #[track_caller]
    fn gone(&self, count: usize) {
        assert_eq!(*self.gone.lock().unwrap(), vec![true; count]);
    }
}

#[test]
fn it_is_dropped_without_a_lock() {
    let now = Instant::now();
    let queue = Arc::new(Backlog::new(tenant(), limits(1), Hook::default()));
    let (ticket, slot) = ticket();
    let probes = Probes::new(&queue, &slot);
    queue.push_event(event(0, JobEventType::View), Some(Arc::clone(&slot)), None, now).expect("room");
    let key = take(&queue, now);

    // The worker's.
    for _ in 0..4 {
        assert!(probes.with(|cx| queue.park(cx.waker(), None, true)));
    }
    probes.gone(3);
    queue.intake.notify();
    probes.gone(4);

    // Of who waits for the end.
    {
        let (mut flush, mut close) = (std::pin::pin!(flushed(&queue)), std::pin::pin!(closed(&queue)));
        for _ in 0..2 {
            assert!(probes.with(|cx| flush.as_mut().poll(cx)).is_pending());
            assert!(probes.with(|cx| close.as_mut().poll(cx)).is_pending());
        }
        probes.gone(6);
    }
    probes.gone(8);

    // Of who waits for room.
    let mut push = Box::pin(queue.push_event_when_room(event(1, JobEventType::View)));
    for _ in 0..2 {
        assert!(probes.with(|cx| push.as_mut().poll(cx)).is_pending());
    }
    probes.gone(9);
    drop(push);
    probes.gone(10);

    // Of who waits for a ticket, which leaves nothing of it behind with the queue.
    let mut ticket = Box::pin(ticket);
    for _ in 0..2 {
        assert!(probes.with(|cx| ticket.as_mut().poll(cx)).is_pending());
    }
    probes.gone(11);
    drop(ticket);
    probes.gone(12);

    // Of a flush that is over when it is looked at again.
    let mut flush = Box::pin(flushed(&queue));
    assert!(probes.with(|cx| flush.as_mut().poll(cx)).is_pending());
    queue.settle(key, Ok(()), now + Duration::from_secs(1));
    probes.gone(13);
    assert!(probes.with(|cx| flush.as_mut().poll(cx)).is_ready());
    probes.gone(14);
}
