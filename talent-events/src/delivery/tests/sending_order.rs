//! The order in which a queue sends, and drops, against a model.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::support::{event, number, tenant};
use crate::JobEventType;
use crate::delivery::entry::{Entry, Tried};
use crate::delivery::priority::Priority;
use crate::delivery::queue::{InFlight, Kind, Queue};
use crate::delivery::verdict::History;

const CLASSES: [Priority; 3] = [Priority::High, Priority::Normal, Priority::Low];
const LIMIT: usize = 16;

fn push(queue: &mut Queue, class: usize, number: usize, expires: u32) {
    let event = event(number, JobEventType::View);
    let (parts, tenant) = (event.parts(), queue.tenant(&tenant()));
    let len = parts.bytes.len() as u32;
    let entry = Entry { ticket: None, meta: parts.meta, len, expires, epoch: 0, tenant };
    queue.push(CLASSES[class], entry, parts.bytes);
}

fn tried(number: usize, expires: u32, breaks: u32) -> Tried {
    let history = History { breaks, ..History::default() };
    Tried { event: event(number, JobEventType::View), ticket: None, expires, epoch: 0, history }
}

/// An event as the model knows it.
#[derive(Clone, Copy, Debug)]
struct Known {
    number: usize,
    expires: u32,
    /// `None`: new.
    due: Option<u64>,
    isolated: bool,
}

#[derive(Debug, Default)]
struct Model {
    classes: [Vec<Known>; 3],
    new_since_retry: [u32; 3],
}

impl Model {
    fn new_in(&self, class: usize) -> Option<usize> {
        self.classes[class].iter().position(|known| known.due.is_none())
    }

    fn due_in(&self, class: usize, now: u64, isolated: usize) -> Option<usize> {
        let due = |known: &Known| known.due.filter(|due| *due <= now && !(known.isolated && isolated > 0));
        let all = self.classes[class].iter().enumerate();
        // Isolated ones come behind others that are due at the same time.
        all.filter_map(|(index, known)| Some(((due(known)?, known.isolated), index))).min().map(|(_, index)| index)
    }

    fn pick(&self, now: u64, in_flight: InFlight) -> Option<(usize, usize)> {
        let budget = self.may_retry(in_flight);
        (0..3).find_map(|class| {
            let retry = self.due_in(class, now, in_flight.isolated).filter(|_| budget);
            match (self.new_in(class), retry) {
                (Some(_), Some(retry)) if self.new_since_retry[class] >= 4 => Some((class, retry)),
                (Some(new), _) => Some((class, new)),
                (None, retry) => Some((class, retry?)),
            }
        })
    }

    fn may_retry(&self, in_flight: InFlight) -> bool {
        let new_wait = (0..3).any(|class| self.new_in(class).is_some());
        in_flight.retries < if new_wait { LIMIT / 4 } else { 3 * LIMIT / 4 }
    }

    fn probe(&self, now: u64, in_flight: InFlight) -> Option<(usize, usize)> {
        let new = (0..3).find_map(|class| Some((class, self.new_in(class)?)));
        new.or_else(|| {
            let due = (0..3).filter_map(|class| Some((class, self.due_in(class, now, in_flight.isolated)?)));
            due.min_by_key(|(class, index)| self.classes[*class][*index].due)
        })
    }

    fn least(&self, class: usize) -> Option<(usize, usize)> {
        (class..3).rev().find_map(|class| {
            let all = || self.classes[class].iter().enumerate();
            let retry = |isolated| {
                let of = all().filter(move |(_, known)| known.isolated == isolated);
                of.filter_map(|(index, known)| Some((known.due?, index))).min().map(|(_, index)| index)
            };
            Some((class, retry(false).or_else(|| retry(true)).or_else(|| self.new_in(class))?))
        })
    }

    fn remove(&mut self, (class, index): (usize, usize)) -> Known {
        self.classes[class].remove(index)
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push { class: usize, expires: u32 },
    Retry { class: usize, expires: u32, after: u64, isolated: bool },
    Send { retries: usize, isolated: usize },
    Probe,
    Drop(usize),
    Expire(u32),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3usize, 0..100u32).prop_map(|(class, expires)| Step::Push { class, expires }),
        3 => (0..3usize, 0..100u32, 0..20u64, prop::bool::weighted(0.3))
            .prop_map(|(class, expires, after, isolated)| Step::Retry { class, expires, after, isolated }),
        6 => (prop_oneof![0..6usize, 10..14usize], 0..2usize).prop_map(|(retries, isolated)| Step::Send { retries, isolated }),
        1 => Just(Step::Probe),
        1 => (0..3usize).prop_map(Step::Drop),
        1 => (0..60u32).prop_map(Step::Expire),
        2 => (0..10u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn the_queue_does_as_the_model(steps in prop::collection::vec(step(), 1..200)) {
        let (start, mut now) = (Instant::now(), 0);
        let at = |ms| start + Duration::from_millis(ms);
        let (mut queue, mut model) = (Queue::new(), Model::default());
        let mut in_flight = InFlight::default();
        for (count, step) in steps.into_iter().enumerate() {
            match step {
                Step::Push { class, expires } => {
                    push(&mut queue, class, count, expires);
                    model.classes[class].push(Known { number: count, expires, due: None, isolated: false });
                }
                Step::Retry { class, expires, after, isolated } => {
                    queue.retry(CLASSES[class], tried(count, expires, 2 * u32::from(isolated)), at(now + after));
                    model.classes[class].push(Known { number: count, expires, due: Some(now + after), isolated });
                }
                Step::Send { retries, isolated } => {
                    in_flight = InFlight { calls: 0, retries, isolated };
                    let expected = model.pick(now, in_flight);
                    let pick = queue.pick(at(now), in_flight, LIMIT);
                    prop_assert_eq!(pick.is_some(), expected.is_some());
                    if let (Some(pick), Some(expected)) = (pick, expected) {
                        let taken = queue.take(pick).expect("it was picked");
                        let known = model.remove(expected);
                        let since = &mut model.new_since_retry[expected.0];
                        *since = if known.due.is_none() { *since + 1 } else { 0 };
                        prop_assert_eq!(number(&taken.event), known.number);
                        let kind = match (known.due, known.isolated) {
                            (None, _) => Kind::New,
                            (_, false) => Kind::Retry,
                            (_, true) => Kind::Isolated,
                        };
                        prop_assert_eq!(pick.kind, kind);
                    }
                }
                Step::Probe => {
                    let (expected, pick) = (model.probe(now, in_flight), queue.pick_probe(at(now), in_flight));
                    prop_assert_eq!(pick.is_some(), expected.is_some());
                    if let (Some(pick), Some(expected)) = (pick, expected) {
                        let taken = queue.take(pick).expect("it was picked");
                        let known = model.remove(expected);
                        let since = &mut model.new_since_retry[expected.0];
                        *since = if known.due.is_none() { *since + 1 } else { 0 };
                        prop_assert_eq!(number(&taken.event), known.number);
                    }
                }
                Step::Drop(class) => {
                    let of = |class: &[Known]| (class.len(), class.len());
                    let lower = model.classes[class..].iter().map(|class| of(class).0).sum::<usize>();
                    prop_assert_eq!(queue.least(CLASSES[class]).0, lower);
                    let expected = model.least(class).map(|least| model.remove(least).number);
                    prop_assert_eq!(queue.pop_least(CLASSES[class]).map(|tried| number(&tried.event)), expected);
                }
                Step::Expire(tick) => {
                    while let Some(expired) = queue.pop_expired(tick) {
                        prop_assert!(expired.expires <= tick);
                        let number = number(&expired.event);
                        let class = model.classes.iter().position(|class| class.iter().any(|known| known.number == number));
                        model.classes[class.expect("it is known")].retain(|known| known.number != number);
                    }
                    for class in 0..3 {
                        let new = model.new_in(class).map(|new| model.classes[class][new]);
                        prop_assert!(new.is_none_or(|new| new.expires > tick), "at the front");
                        let tried = model.classes[class].iter().filter(|known| known.due.is_some());
                        prop_assert!(tried.into_iter().all(|known| known.expires > tick));
                    }
                }
                Step::Wait(ms) => now += ms,
            }
            prop_assert_eq!(queue.len(), model.classes.iter().map(Vec::len).sum::<usize>());
            let expires = model.classes.iter().enumerate().flat_map(|(class, all)| {
                let front = model.new_in(class).map(|new| all[new].expires);
                all.iter().filter(|known| known.due.is_some()).map(|known| known.expires).chain(front)
            });
            prop_assert_eq!(queue.first_expires(), expires.min());
            let due = model.classes.iter().flatten().filter(|known| !(known.isolated && in_flight.isolated > 0));
            let due = due.filter_map(|known| known.due).min().filter(|_| model.may_retry(in_flight));
            prop_assert_eq!(queue.next_due(in_flight, LIMIT), due.map(at));
        }
        // Nothing was lost on the way, and the memory is accounted for.
        let mut left: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|tried| number(&tried.event)).collect();
        let mut expected: Vec<_> = model.classes.iter().flatten().map(|known| known.number).collect();
        left.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(left, expected);
        prop_assert_eq!(queue.least(Priority::High), (0, 0));
    }
}
