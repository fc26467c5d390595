//! What is dropped for others, and in which order.

use std::time::Duration;

use tokio::time::Instant;

use super::fake::{Told, balanced};
use super::support::{event, limits, take, tenant};
use crate::JobEventType::{self, Hired, Impression, View};
use crate::TrackError;
use crate::delivery::Overflow;
use crate::delivery::hook::Hook;
use crate::delivery::queue::{Limits, Queue};
use crate::delivery::source::{Blame, End, Source};
use crate::track::Progress;

const SECOND: Duration = Duration::from_secs(1);

fn queue(events: usize, told: &Told) -> Queue {
    let limits = Limits { overflow: Overflow::DropOldest, ..limits(events) };
    Queue::new(tenant(), limits, Hook::new(told.hook()))
}

fn push(queue: &Queue, number: usize, event_type: JobEventType, now: Instant) -> bool {
    queue.push(event(number, event_type), None, None, now).is_ok()
}

fn again(queue: &Queue, after: Duration, now: Instant) {
    queue.settle(
        take(queue, now),
        End::Again {
            after,
            blame: Blame::Open,
            error: TrackError::TimedOut { after: None, progress: Progress::MaybeSent },
        },
        now,
    );
}

#[test]
fn what_is_delayed_makes_room_for_a_hire() {
    let (told, now) = (Told::default(), Instant::now());
    let queue = queue(3, &told);
    for number in 0..3 {
        assert!(push(&queue, number, Impression, now));
        again(&queue, 60 * SECOND, now);
    }
    for number in 3..6 {
        assert!(push(&queue, number, Hired, now));
        assert_eq!(queue.stats().waiting, 3);
        balanced(&queue.stats());
    }
    assert_eq!(told.numbers(), [0, 1, 2]);
    assert!(!push(&queue, 6, View, now), "nothing is dropped for what is less important");
    assert!(push(&queue, 7, Hired, now));
    assert_eq!(told.numbers(), [0, 1, 2, 3]);
}

/// First the lower priority; within one what is delayed, the soonest first, then what goes again, then what was not tried.
#[test]
fn the_order_is_as_documented() {
    let (told, now) = (Told::default(), Instant::now());
    let queue = queue(7, &told);
    for (number, after) in [(0, 50 * SECOND), (1, 40 * SECOND), (2, Duration::ZERO)] {
        assert!(push(&queue, number, View, now));
        again(&queue, after, now);
    }
    assert!(push(&queue, 3, View, now) && push(&queue, 4, View, now));
    assert!(push(&queue, 5, Impression, now) && push(&queue, 6, Impression, now));
    for number in 10..17 {
        assert!(push(&queue, number, Hired, now));
    }
    assert_eq!(told.numbers(), [5, 6, 1, 0, 2, 3, 4]);
}
