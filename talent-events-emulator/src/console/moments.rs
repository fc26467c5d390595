//! How many events of each type there were over time.

use serde::Serialize;
use talent_events::JobEventType;

/// When an event of which type happened, in 8 bytes: a million of them are looked through at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(i64);

impl Moment {
    /// `seconds` since 1970, in protobuf's range, so that four bits are free.
    pub(super) fn new(seconds: i64, event_type: JobEventType) -> Self {
        Self(seconds << 4 | i64::from(event_type.number()))
    }

    fn seconds(self) -> i64 {
        self.0 >> 4
    }

    fn type_number(self) -> usize {
        (self.0 & 15) as usize
    }
}

/// Most bars of a type.
const BARS: i64 = 48;

/// How much time a bar may stand for, in seconds: a second to a thousand years.
const STEPS: [i64; 12] =
    [1, 10, 60, 600, 3_600, 6 * 3_600, DAY, 7 * DAY, 28 * DAY, 365 * DAY, 3_650 * DAY, 365_000 * DAY];
const DAY: i64 = 86_400;

/// The events between two times, counted.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Period {
    /// When the first bar begins, in seconds since 1970.
    pub(super) start: i64,
    /// Seconds that a bar stands for.
    pub(super) step: i64,
    /// Events before the first bar or after the last.
    pub(super) outside: usize,
    /// By the number of the type, then by time. Types without events have no bars.
    #[serde(skip)]
    pub(super) bars: [Vec<u32>; 16],
}

/// How much finer the bars have to become for some events to be left outside.
const SQUEEZE: i64 = 10;

/// The last spans more than protobuf's range does.
fn step((start, end): (i64, i64)) -> i64 {
    let fits = |step: &i64| end.div_euclid(*step) - start.div_euclid(*step) < BARS;
    STEPS.into_iter().find(fits).unwrap_or(STEPS[STEPS.len() - 1])
}

impl Period {
    /// Events that lie far from the others (at most one in a hundred: wrong clocks) are left outside where they would
    /// squeeze the others into few bars.
    pub(super) fn of(moments: &[Moment]) -> Option<Self> {
        let mut sorted = moments.to_vec();
        let strays = sorted.len() / 200;
        let last = sorted.len().checked_sub(1)?;
        let mut at = |place| sorted.select_nth_unstable(place).1.seconds();
        let all = (at(0), at(last));
        let most = (at(strays), at(last - strays));
        let (start, end) = if step(most) * SQUEEZE <= step(all) { most } else { all };
        let step = step((start, end));
        let first = start.div_euclid(step);
        let count = (end.div_euclid(step) - first + 1).max(1) as usize;
        let mut period = Self { start: first * step, step, outside: 0, bars: Default::default() };
        for moment in moments {
            let place = usize::try_from(moment.seconds().div_euclid(step) - first).ok().filter(|place| *place < count);
            let Some(place) = place else {
                period.outside += 1;
                continue;
            };
            let bars = &mut period.bars[moment.type_number()];
            bars.resize(count, 0);
            bars[place] += 1;
        }
        Some(period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use talent_events::JobEventType::{Hired, View};

    #[test]
    fn each_event_is_in_a_bar_or_outside() {
        assert_eq!(Period::of(&[]), None);
        let one = Period::of(&[Moment::new(-1, View)]).unwrap();
        assert_eq!((one.start, one.step, &*one.bars[2]), (-1, 1, &[1][..]));

        // A day of views, one an hour, and a hire long ago and one far ahead among a thousand.
        let mut moments: Vec<_> = (0..1_000).map(|n| Moment::new(n / 42 * 3_600, View)).collect();
        moments.extend([-60_000_000_000, 250_000_000_000].map(|seconds| Moment::new(seconds, Hired)));
        let day = Period::of(&moments).unwrap();
        assert_eq!((day.start, day.step, day.outside), (0, 3_600, 2));
        assert_eq!(day.bars[2].iter().sum::<u32>(), 1_000);
        assert_eq!(day.bars[2][..3], [42, 42, 42]);
        assert!(day.bars[13].is_empty());
    }

    #[test]
    fn all_of_time_fits() {
        let ends = [-62_135_596_800, 253_402_300_799].map(|seconds| Moment::new(seconds, Hired));
        let period = Period::of(&ends).unwrap();
        assert_eq!((period.outside, period.bars[13].iter().sum::<u32>()), (0, 2));
        assert!(period.bars[13].len() <= BARS as usize);
    }
}
