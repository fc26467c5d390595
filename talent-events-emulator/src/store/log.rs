//! An append-only list of records in chunks, so that a copy of the list is cheap.

use std::sync::Arc;

use super::record::Record;

const CHUNK: usize = 1_024;

/// Copying it counts one reference per chunk and copies the records of the last chunk. So a reader of all records holds the
/// lock of the [`Records`](super::Records) for microseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    /// Each of them has [`CHUNK`] records.
    full: Vec<Arc<[Record]>>,
    last: Vec<Record>,
}

impl Log {
    pub(super) fn len(&self) -> usize {
        self.full.len() * CHUNK + self.last.len()
    }

    pub(super) fn push(&mut self, record: Record) {
        self.last.push(record);
        if self.last.len() == CHUNK {
            self.full.push(self.last.drain(..).collect());
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<&Record> {
        match self.full.get(index / CHUNK) {
            Some(chunk) => chunk.get(index % CHUNK),
            None => self.last.get(index - self.full.len() * CHUNK),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.full.iter().flat_map(|chunk| chunk.iter()).chain(&self.last)
    }

    /// At most `max` records after the first `start`.
    pub(super) fn range(&self, start: usize, max: usize) -> impl Iterator<Item = &Record> {
        let end = self.len().min(start.saturating_add(max));
        (start..end).filter_map(|index| self.get(index))
    }
}

#[cfg(test)]
mod tests {
    use talent_events::{ClientEvent, EncodedEvent, JobEvent, JobEventType, Timestamp};

    use super::super::record::Marks;
    use super::*;

    #[test]
    fn records_are_found_by_their_index_over_all_chunks() {
        let tenant = "projects/p/tenants/t".parse().unwrap();
        let event =
            ClientEvent::new(JobEvent::new(JobEventType::View, ["projects/p/tenants/t/jobs/1".parse().unwrap()]));
        let event = EncodedEvent::from_client_event(&event, &tenant).unwrap();
        let mut log = Log::default();
        let seconds = |record: &Record| record.received_at.seconds();
        for n in 0..2 * CHUNK + 7 {
            assert_eq!(log.len(), n);
            let received_at = Timestamp::new(n as i64, 0).unwrap();
            log.push(Record { event: event.clone(), received_at, marks: Marks::default() });
        }
        assert!(log.iter().map(seconds).eq(0..2 * CHUNK as i64 + 7));
        assert!(log.range(CHUNK - 1, 3).map(seconds).eq([CHUNK as i64 - 1, CHUNK as i64, CHUNK as i64 + 1]));
        assert_eq!(log.range(2 * CHUNK, usize::MAX).count(), 7);
        assert_eq!(log.range(9 * CHUNK, 5).count(), 0);
        assert!(log.get(2 * CHUNK + 7).is_none());
    }
}
