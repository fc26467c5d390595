//! Who waits for room, in the order they came.

use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};

use super::Queue;

/// Told of room at most under one hold of the lock.
const AT_ONCE: usize = 128;

#[derive(Debug, Default)]
pub(super) struct Line {
    hopefuls: BTreeMap<u64, Hopeful>,
    next: u64,
}

#[derive(Debug)]
struct Hopeful {
    size: usize,
    /// There was room for it, and it has not looked yet.
    told: bool,
    waker: Option<Waker>,
}

impl Line {
    fn stand(&mut self, size: usize) -> u64 {
        let number = self.next;
        self.next += 1;
        self.hopefuls.insert(number, Hopeful { size, told: false, waker: None });
        number
    }

    /// Tells those for whom there is enough; one who needs more does not hold up who needs less.
    pub(super) fn tell(&mut self, mut events: usize, mut bytes: usize, wakers: &mut Vec<Waker>) {
        let mut told = 0;
        for hopeful in self.hopefuls.values_mut() {
            if events == 0 || told == AT_ONCE {
                break;
            }
            if hopeful.size <= bytes {
                events -= 1;
                bytes -= hopeful.size;
                told += 1;
                hopeful.told = true;
                wakers.extend(hopeful.waker.take());
            }
        }
    }

    /// Tells the first: there may be what it can take the place of.
    pub(super) fn tell_first(&mut self, wakers: &mut Vec<Waker>) {
        if let Some(mut first) = self.hopefuls.first_entry() {
            first.get_mut().told = true;
            wakers.extend(first.get_mut().waker.take());
        }
    }

    /// Tells all: there will be no more room.
    pub(super) fn tell_all(&mut self, wakers: &mut Vec<Waker>) {
        for hopeful in self.hopefuls.values_mut() {
            hopeful.told = true;
            wakers.extend(hopeful.waker.take());
        }
    }
}

/// A place in the line, until dropped.
pub(super) struct Place<'q> {
    queue: &'q Queue,
    number: u64,
}

impl Queue {
    pub(super) fn stand_in_line(&self, size: usize) -> Place<'_> {
        let number = self.change(|state, _| state.line.stand(size));
        Place { queue: self, number }
    }
}

impl Place<'_> {
    pub(super) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        // Cloned and dropped outside.
        let mut waker = Some(cx.waker().clone());
        self.queue.change(|state, _| {
            let Some(hopeful) = state.line.hopefuls.get_mut(&self.number) else { return Poll::Ready(()) };
            if std::mem::take(&mut hopeful.told) {
                return Poll::Ready(());
            }
            std::mem::swap(&mut hopeful.waker, &mut waker);
            // What it was told of it did not take: that is room for others.
            state.room = true;
            Poll::Pending
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let hopeful = self.queue.change(|state, _| {
            // It may have been told of room that it does not take, or not all of it.
            state.room = true;
            state.line.hopefuls.remove(&self.number)
        });
        drop(hopeful);
    }
}
