//! Every order in which threads can go through the queue, by loom: `scripts/loom.sh`.

use std::task::{Context, Poll};
use std::time::Duration;

use loom::future::block_on;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use tokio::time::Instant;

use super::support::{event, limits, rejected, take, tenant};
use crate::JobEventType;
use crate::TrackError;
use crate::delivery::backlog::Backlog;
use crate::delivery::hook::Hook;
use crate::delivery::ticket::ticket;

fn queue(events: usize) -> Arc<Backlog> {
    queue_with(events, Hook::default())
}

fn queue_with(events: usize, hook: Hook) -> Arc<Backlog> {
    Arc::new(Backlog::new(tenant(), limits(events), hook))
}

/// Takes the next event, as the worker does: woken when there is one.
async fn next(queue: &Backlog) -> Option<usize> {
    std::future::poll_fn(|cx| match queue.take(cx, Instant::now(), Turn::Usual, || Ok(())) {
        Take::Event { key, .. } => Poll::Ready(Some(key)),
        Take::NotBefore(_) => Poll::Pending,
        Take::Stop => Poll::Ready(None),
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

fn balanced(queue: &Backlog) {
    let stats = queue.stats();
    assert_eq!(stats.accepted, stats.settled() + stats.waiting);
}

fn push(queue: &Backlog, number: usize) -> bool {
    queue.push_event(event(number, JobEventType::View), None, None, Instant::now()).is_ok()
}

#[test]
fn an_event_wakes_the_worker_and_its_end_wakes_the_ticket() {
    loom::model(|| {
        let queue = queue(10);
        let worker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                let key = block_on(next(&queue)).expect("an event");
                queue.settle(key, Ok(()), Instant::now());
            }
        });
        let (ticket, slot) = ticket();
        queue.push_event(event(0, JobEventType::View), Some(slot), None, Instant::now()).expect("room");
        balanced(&queue);
        assert!(block_on(ticket).is_ok());
        worker.join().expect("no panic");
        assert_eq!(queue.stats().delivered, 1);
    });
}

#[test]
fn a_flush_hears_of_the_end_of_what_was_before() {
    loom::model(|| {
        let queue = queue(10);
        assert!(push(&queue, 0));
        let worker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                let key = block_on(next(&queue)).expect("an event");
                queue.settle(
                    key,
                    End::Again {
                        after: Duration::ZERO,
                        blame: Blame::Event,
                        error: TrackError::TimedOut { after: None },
                    },
                    Instant::now(),
                );
                let key = block_on(next(&queue)).expect("an event");
                queue.settle(key, Ok(()), Instant::now());
            }
        });
        let mark = queue.mark();
        // Later than the mark, and nobody delivers it: the flush ends all the same.
        let later = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                let _ = queue.mark();
                balanced(&queue);
            }
        });
        block_on(wait(|cx, place| queue.poll_flushed(mark, cx, place)));
        assert_eq!(queue.stats().delivered, 1);
        later.join().expect("no panic");
        worker.join().expect("no panic");
    });
}

#[test]
fn a_flush_and_a_shutdown_end_after_the_hook() {
    for shuts_down in [false, true] {
        loom::model(move || {
            let told = Arc::new(AtomicUsize::new(0));
            let queue = queue_with(10, {
                let told = Arc::clone(&told);
                Hook::new(move |_, _| {
                    told.fetch_add(1, Ordering::SeqCst);
                })
            });
            assert!(push(&queue, 0));
            let key = take(&queue, Instant::now());
            let worker = thread::spawn({
                let queue = Arc::clone(&queue);
                move || queue.settle(key, Err(rejected()), Instant::now())
            });
            if shuts_down {
                block_on(wait(|cx, place| queue.poll_closed(cx, place)));
            } else {
                let mark = queue.mark();
                block_on(wait(|cx, place| queue.poll_flushed(mark, cx, place)));
            }
            assert_eq!(told.load(Ordering::SeqCst), 1);
            worker.join().expect("no panic");
        });
    }
}

#[test]
fn what_comes_beside_a_shutdown_is_taken_and_handed_back_or_refused() {
    loom::model(|| {
        let queue = queue(10);
        let caller = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                let taken = push(&queue, 0);
                balanced(&queue);
                taken
            }
        });
        let worker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || {
                // Delivers nothing, and must be told to stop.
                while block_on(next(&queue)).is_some() {}
                queue.gone();
            }
        });
        queue.close(Instant::now());
        block_on(wait(|cx, place| queue.poll_closed(cx, place)));
        queue.stop();
        let taken = caller.join().expect("no panic");
        worker.join().expect("no panic");
        let (left, _, stats) = queue.take_left();
        assert_eq!(left.len(), usize::from(taken));
        assert_eq!((stats.accepted, stats.waiting), (u64::from(taken), u64::from(taken)));
    });
}

#[test]
fn a_settled_event_and_a_stop_are_one_or_the_other() {
    loom::model(|| {
        let queue = queue(10);
        assert!(push(&queue, 0));
        let key = take(&queue, Instant::now());
        let worker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.settle(key, Ok(()), Instant::now())
        });
        queue.stop();
        worker.join().expect("no panic");
        let (left, _, stats) = queue.take_left();
        assert_eq!((stats.delivered + left.len() as u64, stats.accepted), (1, 1));
        assert_eq!(stats.waiting, left.len() as u64);
        balanced(&queue);
    });
}

#[test]
fn callers_never_get_more_room_than_there_is() {
    loom::model(|| {
        let queue = queue(1);
        let other = thread::spawn({
            let queue = Arc::clone(&queue);
            move || push(&queue, 0)
        });
        let mine = push(&queue, 1);
        let theirs = other.join().expect("no panic");
        assert!(mine != theirs);
        let stats = queue.stats();
        assert_eq!((stats.accepted, stats.refused.full), (1, 1));
    });
}

#[test]
fn the_last_handle_and_the_worker_go_at_the_same_time_and_the_event_is_told_of() {
    loom::model(|| {
        let told = Arc::new(AtomicUsize::new(0));
        let queue = queue_with(10, {
            let told = Arc::clone(&told);
            Hook::new(move |_, _| {
                told.fetch_add(1, Ordering::SeqCst);
            })
        });
        assert!(push(&queue, 0));
        // A shutdown that was given up, whose deadline is over.
        queue.close(Instant::now());
        let worker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.gone()
        });
        queue.abandon();
        worker.join().expect("no panic");
        let stats = queue.stats();
        assert_eq!((stats.dropped.abandoned, stats.waiting), (1, 0));
        assert_eq!(told.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn who_waits_for_room_hears_of_it_or_of_the_end() {
    for ends in [false, true] {
        loom::model(move || {
            let queue = queue(1);
            assert!(push(&queue, 0));
            let worker = thread::spawn({
                let queue = Arc::clone(&queue);
                move || {
                    if ends {
                        return queue.stop();
                    }
                    let key = block_on(next(&queue)).expect("an event");
                    queue.settle(key, Ok(()), Instant::now());
                }
            });
            let pushed = block_on(queue.push_event_when_room(event(1, JobEventType::View)));
            worker.join().expect("no panic");
            assert_eq!(pushed.is_err(), ends);
            balanced(&queue);
        });
    }
}
