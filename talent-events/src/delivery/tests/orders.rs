//! Every order in which threads can go through the backlog, by loom: `scripts/loom.sh`.

use std::task::{Context, Poll};
use std::time::Duration;

use loom::future::block_on;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use tokio::time::Instant;

use super::support::{event, limits, rejected, take, tenant, timed_out};
use crate::delivery::Overflow;
use crate::delivery::backlog::{Backlog, Limits, Look};
use crate::delivery::hook::Hook;
use crate::delivery::ticket::ticket;
use crate::{JobEventType, TrackError};

fn backlog(events: usize) -> Arc<Backlog> {
    backlog_with(limits(events), Hook::default())
}

fn backlog_with(limits: Limits, hook: Hook) -> Arc<Backlog> {
    Arc::new(Backlog::new(tenant(), limits, hook))
}

/// Takes the next event, as the engine does: it sleeps, and is woken when there is one.
async fn next(backlog: &Backlog) -> Option<usize> {
    // Far enough for every retry: loom has no clock.
    let now = Instant::now() + Duration::from_secs(60);
    std::future::poll_fn(|cx| {
        loop {
            match backlog.look(now) {
                Look::Send => return Poll::Ready(backlog.begin(now).map(|attempt| attempt.key)),
                Look::Stop => return Poll::Ready(None),
                Look::Wait { until, for_any } => {
                    if backlog.park(cx.waker(), until, for_any) {
                        return Poll::Pending;
                    }
                }
            }
        }
    })
    .await
}

fn wait<F>(over: F) -> impl Future<Output = ()>
where
    F: Fn(&mut Context<'_>, &mut Option<usize>) -> bool,
{
    let mut place = None;
    std::future::poll_fn(move |cx| if over(cx, &mut place) { Poll::Ready(()) } else { Poll::Pending })
}

fn balanced(backlog: &Backlog) {
    let stats = backlog.stats();
    assert_eq!(stats.accepted, stats.settled() + stats.waiting);
}

fn push(backlog: &Backlog, number: usize) -> bool {
    backlog.push_event(event(number, JobEventType::View), None, None, Instant::now()).is_ok()
}

#[test]
fn an_event_wakes_the_worker_and_its_end_wakes_the_ticket() {
    loom::model(|| {
        let backlog = backlog(10);
        let worker = thread::spawn({
            let backlog = Arc::clone(&backlog);
            move || {
                let key = block_on(next(&backlog)).expect("an event");
                backlog.settle(key, Ok(()), Instant::now());
            }
        });
        let (ticket, slot) = ticket();
        backlog.push_event(event(0, JobEventType::View), Some(slot), None, Instant::now()).expect("room");
        balanced(&backlog);
        assert!(block_on(ticket).is_ok());
        worker.join().expect("no panic");
        assert_eq!(backlog.stats().delivered, 1);
    });
}

#[test]
fn a_flush_hears_of_the_end_of_what_was_before() {
    loom::model(|| {
        let backlog = backlog(10);
        assert!(push(&backlog, 0));
        let worker = thread::spawn({
            let backlog = Arc::clone(&backlog);
            move || {
                let key = block_on(next(&backlog)).expect("an event");
                backlog.settle(key, Err(timed_out()), Instant::now());
                let key = block_on(next(&backlog)).expect("an event");
                backlog.settle(key, Ok(()), Instant::now());
            }
        });
        let mark = backlog.mark();
        // Later than the mark, and nobody delivers it: the flush ends all the same.
        let later = thread::spawn({
            let backlog = Arc::clone(&backlog);
            move || {
                let _ = backlog.mark();
                balanced(&backlog);
            }
        });
        block_on(wait(|cx, place| backlog.poll_flushed(mark, cx, place)));
        assert_eq!(backlog.stats().delivered, 1);
        later.join().expect("no panic");
        worker.join().expect("no panic");
    });
}

#[test]
fn a_flush_and_a_shutdown_end_after_the_hook() {
    for shuts_down in [false, true] {
        loom::model(move || {
            let told = Arc::new(AtomicUsize::new(0));
            let backlog = backlog_with(limits(10), {
                let told = Arc::clone(&told);
                Hook::new(move |_, _| {
                    told.fetch_add(1, Ordering::SeqCst);
                })
            });
            assert!(push(&backlog, 0));
            let key = take(&backlog, Instant::now());
            let worker = thread::spawn({
                let backlog = Arc::clone(&backlog);
                move || {
                    backlog.settle(key, Err(rejected()), Instant::now());
                }
            });
            if shuts_down {
                block_on(wait(|cx, place| backlog.poll_closed(cx, place)));
            } else {
                let mark = backlog.mark();
                block_on(wait(|cx, place| backlog.poll_flushed(mark, cx, place)));
            }
            assert_eq!(told.load(Ordering::SeqCst), 1);
            worker.join().expect("no panic");
        });
    }
}

#[test]
fn what_comes_beside_a_shutdown_is_taken_and_handed_back_or_refused() {
    loom::model(|| {
        let backlog = backlog(10);
        let caller = thread::spawn({
            let backlog = Arc::clone(&backlog);
            move || {
                let taken = push(&backlog, 0);
                balanced(&backlog);
                taken
            }
        });
        let worker = thread::spawn({
            let backlog = Arc::clone(&backlog);
            move || {
                // Delivers nothing, and must be told to stop.
                while block_on(next(&backlog)).is_some() {}
                backlog.engine_is_gone();
            }
        });
        backlog.close(Instant::now());
        block_on(wait(|cx, place| backlog.poll_closed(cx, place)));
        backlog.stop();
        let taken = caller.join().expect("no panic");
        worker.join().expect("no panic");
        let (remaining, stats) = backlog.take_remaining();
        assert_eq!(remaining.len(), usize::from(taken));
        assert_eq!((stats.accepted, stats.waiting), (u64::from(taken), u64::from(taken)));
    });
}

#[test]
fn a_settled_event_and_a_stop_are_one_or_the_other() {
    loom::model(|| {
        let backlog = backlog(10);
        assert!(push(&backlog, 0));
        let key = take(&backlog, Instant::now());
        let worker = thread::spawn({
            let backlog = Arc::clone(&backlog);
            move || {
                backlog.settle(key, Ok(()), Instant::now());
            }
        });
        backlog.stop();
        worker.join().expect("no panic");
        let (remaining, stats) = backlog.take_remaining();
        assert_eq!((stats.delivered + remaining.len() as u64, stats.accepted), (1, 1));
        assert_eq!(stats.waiting, remaining.len() as u64);
        balanced(&backlog);
    });
}

#[test]
fn callers_never_get_more_room_than_there_is() {
    loom::model(|| {
        let backlog = backlog(1);
        let other = thread::spawn({
            let backlog = Arc::clone(&backlog);
            move || push(&backlog, 0)
        });
        let mine = push(&backlog, 1);
        let theirs = other.join().expect("no panic");
        assert!(mine != theirs);
        let stats = backlog.stats();
        assert_eq!((stats.accepted, stats.refused.full), (1, 1));
    });
}

#[test]
fn the_last_handle_and_the_worker_go_at_the_same_time_and_the_event_is_told_of() {
    loom::model(|| {
        let told = Arc::new(AtomicUsize::new(0));
        let backlog = backlog_with(limits(10), {
            let told = Arc::clone(&told);
            Hook::new(move |_, _| {
                told.fetch_add(1, Ordering::SeqCst);
            })
        });
        assert!(push(&backlog, 0));
        // A shutdown that was given up, whose deadline is over.
        backlog.close(Instant::now());
        let worker = thread::spawn({
            let backlog = Arc::clone(&backlog);
            move || backlog.engine_is_gone()
        });
        backlog.abandon();
        worker.join().expect("no panic");
        let stats = backlog.stats();
        assert_eq!((stats.dropped.abandoned, stats.waiting), (1, 0));
        assert_eq!(told.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn who_waits_for_room_hears_of_it_or_of_the_end() {
    for ends in [false, true] {
        loom::model(move || {
            let backlog = backlog(1);
            assert!(push(&backlog, 0));
            let worker = thread::spawn({
                let backlog = Arc::clone(&backlog);
                move || {
                    if ends {
                        return backlog.stop();
                    }
                    let key = block_on(next(&backlog)).expect("an event");
                    backlog.settle(key, Ok(()), Instant::now());
                }
            });
            let pushed = block_on(backlog.push_event_when_room(event(1, JobEventType::View)));
            worker.join().expect("no panic");
            assert_eq!(pushed.is_err(), ends);
            balanced(&backlog);
        });
    }
}

/// A producer beside the worker, which drains the chunk and goes to sleep: the event is in the accounts at every look, and the
/// worker sees it.
#[test]
fn a_producer_beside_a_worker_that_drains_and_sleeps() {
    loom::model(|| {
        let backlog = backlog(10);
        let worker = thread::spawn({
            let backlog = Arc::clone(&backlog);
            move || {
                for _ in 0..2 {
                    let key = block_on(next(&backlog)).expect("an event");
                    backlog.settle(key, Ok(()), Instant::now());
                }
            }
        });
        assert!(push(&backlog, 0));
        balanced(&backlog);
        assert!(push(&backlog, 1));
        worker.join().expect("no panic");
        assert_eq!((backlog.stats().delivered, backlog.stats().waiting), (2, 0));
    });
}

/// Two producers, of which one evicts what the other queued.
#[test]
fn a_producer_beside_one_that_evicts() {
    loom::model(|| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let hook = Hook::new({
            let dropped = Arc::clone(&dropped);
            move |_, _| {
                dropped.fetch_add(1, Ordering::SeqCst);
            }
        });
        let backlog = backlog_with(Limits { overflow: Overflow::DropOldest, ..limits(1) }, hook);
        let other = thread::spawn({
            let backlog = Arc::clone(&backlog);
            move || push(&backlog, 0)
        });
        let mine = push(&backlog, 1);
        let theirs = other.join().expect("no panic");
        assert!(mine && theirs);
        let stats = backlog.stats();
        assert_eq!((stats.accepted, stats.waiting, stats.dropped.overflow), (2, 1, 1));
        assert_eq!(dropped.load(Ordering::SeqCst), 1);
    });
}

/// A task gives up its wait for capacity while that is granted: the next one gets it.
#[test]
fn a_waiter_that_leaves_passes_its_capacity_on() {
    loom::model(|| {
        let backlog = backlog(1);
        assert!(push(&backlog, 0));
        let key = take(&backlog, Instant::now());
        let worker = thread::spawn({
            let backlog = Arc::clone(&backlog);
            move || {
                backlog.settle(key, Ok(()), Instant::now());
            }
        });
        {
            let mut leaves = std::pin::pin!(backlog.push_event_when_room(event(1, JobEventType::View)));
            let _ = std::future::Future::poll(leaves.as_mut(), &mut Context::from_waker(std::task::Waker::noop()));
        }
        // It may have come in before it left; then there will be no room for another.
        if backlog.stats().accepted == 1 {
            block_on(backlog.push_event_when_room(event(2, JobEventType::View))).expect("room");
        }
        worker.join().expect("no panic");
        assert_eq!(backlog.stats().accepted, 2);
        balanced(&backlog);
    });
}
