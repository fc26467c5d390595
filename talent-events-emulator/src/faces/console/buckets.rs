//! Counts of events by type and time.

use serde::Serialize;
use talent_events::JobEventType;

/// The time and the type of an event in 8 bytes, because each dashboard reads all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TypedTime(i64);

impl TypedTime {
    /// `seconds` since 1970, in protobuf's range, so four bits are free for the type.
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

/// Maximum number of buckets of a type.
const MAX_BUCKETS: i64 = 48;

/// The possible widths of a bucket, in seconds: one second to a thousand years.
const WIDTHS: [i64; 12] =
    [1, 10, 60, 600, 3_600, 6 * 3_600, DAY, 7 * DAY, 28 * DAY, 365 * DAY, 3_650 * DAY, 365_000 * DAY];
const DAY: i64 = 86_400;

/// The events between two times, counted in buckets.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Histogram {
    /// The start of the first bucket, in seconds since 1970.
    pub(super) start: i64,
    /// The width of a bucket, in seconds.
    pub(super) width: i64,
    /// The number of events before the first bucket or after the last.
    pub(super) outside: usize,
    /// By the number of the type, then by time. Types without events have no buckets.
    #[serde(skip)]
    pub(super) buckets: [Vec<u32>; 16],
}

/// Outliers are left outside if that makes the buckets narrower by this factor.
const MIN_GAIN: i64 = 10;

/// The widest bucket covers more than protobuf's range.
fn width((start, end): (i64, i64)) -> i64 {
    let fits = |width: &i64| end.div_euclid(*width) - start.div_euclid(*width) < MAX_BUCKETS;
    WIDTHS.into_iter().find(fits).unwrap_or(WIDTHS[WIDTHS.len() - 1])
}

impl Histogram {
    /// Leaves out up to one event in a hundred, e.g. events of wrong clocks, if all others would share few buckets.
    pub(super) fn new(times: &[TypedTime]) -> Option<Self> {
        let mut sorted = times.to_vec();
        let outliers = sorted.len() / 200;
        let last = sorted.len().checked_sub(1)?;
        let mut seconds_at = |index| sorted.select_nth_unstable(index).1.seconds();
        let all = (seconds_at(0), seconds_at(last));
        let most = (seconds_at(outliers), seconds_at(last - outliers));
        let (start, end) = if width(most) * MIN_GAIN <= width(all) { most } else { all };
        let width = width((start, end));
        let first = start.div_euclid(width);
        let count = (end.div_euclid(width) - first + 1).max(1) as usize;
        let mut histogram = Self { start: first * width, width, outside: 0, buckets: Default::default() };
        for time in times {
            let index = usize::try_from(time.seconds().div_euclid(width) - first).ok().filter(|index| *index < count);
            let Some(index) = index else {
                histogram.outside += 1;
                continue;
            };
            let buckets = &mut histogram.buckets[time.type_number()];
            buckets.resize(count, 0);
            buckets[index] += 1;
        }
        Some(histogram)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use talent_events::JobEventType::{Hired, View};

    #[test]
    fn each_event_is_in_a_bucket_or_outside() {
        assert_eq!(Histogram::new(&[]), None);
        let one = Histogram::new(&[TypedTime::new(-1, View)]).unwrap();
        assert_eq!((one.start, one.width, &*one.buckets[2]), (-1, 1, &[1][..]));

        // A day of views, and two outliers among a thousand events.
        let mut times: Vec<_> = (0..1_000).map(|n| TypedTime::new(n / 42 * 3_600, View)).collect();
        times.extend([-60_000_000_000, 250_000_000_000].map(|seconds| TypedTime::new(seconds, Hired)));
        let day = Histogram::new(&times).unwrap();
        assert_eq!((day.start, day.width, day.outside), (0, 3_600, 2));
        assert_eq!(day.buckets[2].iter().sum::<u32>(), 1_000);
        assert_eq!(day.buckets[2][..3], [42, 42, 42]);
        assert!(day.buckets[13].is_empty());
    }

    #[test]
    fn all_of_protobufs_range_fits() {
        let ends = [-62_135_596_800, 253_402_300_799].map(|seconds| TypedTime::new(seconds, Hired));
        let histogram = Histogram::new(&ends).unwrap();
        assert_eq!((histogram.outside, histogram.buckets[13].iter().sum::<u32>()), (0, 2));
        assert!(histogram.buckets[13].len() <= MAX_BUCKETS as usize);
    }
}
