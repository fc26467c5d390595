//! Counts of events and calls.

use talent_events::JobEventType;
use talent_events::track::Code;

/// Counts of recorded events by type and of refused calls by code, since the start or the last
/// [`clear`](crate::Emulator::clear).
///
/// Each recorded event is either kept or discarded. Only a [strict](crate::Builder::strict) emulator discards events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    kept: [u64; TYPES],
    discarded: [u64; TYPES],
    refused: [u64; CODES],
    repeated: u64,
}

const TYPES: usize = JobEventType::ALL.len();

/// gRPC's codes are 0 to 16.
const CODES: usize = 17;

impl Stats {
    /// The events of this type that count.
    pub fn kept(&self, event_type: JobEventType) -> u64 {
        self.kept[index(event_type)]
    }

    /// The events of this type that were answered with `OK` and do not count.
    pub fn discarded(&self, event_type: JobEventType) -> u64 {
        self.discarded[index(event_type)]
    }

    /// The calls that were answered with this code. It is 0 for [`Code::Ok`].
    pub fn refused(&self, code: Code) -> u64 {
        self.refused[code as usize]
    }

    /// All events that count.
    pub fn total_kept(&self) -> u64 {
        self.kept.iter().sum()
    }

    /// All events that were answered with `OK` and do not count.
    pub fn total_discarded(&self) -> u64 {
        self.discarded.iter().sum()
    }

    /// All calls that were answered with an error.
    pub fn total_refused(&self) -> u64 {
        self.refused.iter().sum()
    }

    /// The code and the number of refused calls, for each code with any.
    pub fn refusals(&self) -> impl Iterator<Item = (Code, u64)> {
        let counts = self.refused.iter().enumerate().filter(|(_, count)| **count > 0);
        counts.filter_map(|(code, count)| Some((Code::from_number(code as i32)?, *count)))
    }

    /// The calls that an [idempotent](crate::Settings::idempotent) emulator answered with an earlier event of the same id.
    pub fn total_repeated(&self) -> u64 {
        self.repeated
    }

    pub(super) fn add_repeated(&mut self) {
        self.repeated += 1;
    }

    pub(super) fn add(&mut self, event_type: JobEventType, discarded: bool) {
        let counts = if discarded { &mut self.discarded } else { &mut self.kept };
        counts[index(event_type)] += 1;
    }

    pub(super) fn add_refused(&mut self, code: Code) {
        self.refused[code as usize] += 1;
    }
}

/// The numbers of the types are 1 to 15.
fn index(event_type: JobEventType) -> usize {
    event_type as usize - 1
}
