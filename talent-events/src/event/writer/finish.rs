//! The end: what is missing is added, and the bytes become an event.

use uuid::Uuid;

use crate::event::client_event::check_job_count;
use crate::event::encoded::{EncodedMeta, Marks};
use crate::event::{EncodedEvent, EventDescriptor, InvalidEvent, InvalidField, TenantName, Timestamp};

use super::fields::{TAG_JOB_EVENT, put_varint, varint_len};
use super::{EventWriter, HEADER};

impl EventWriter<'_> {
    /// Ends an event for which `write` returned `written`; `take` gets the bytes. `None`: the event is skipped.
    #[inline(always)]
    pub(in crate::event) fn finish_unless_skipped<R>(
        &mut self,
        written: Result<(), InvalidEvent>,
        descriptor: &EventDescriptor,
        take: impl FnOnce(&[u8], EncodedMeta, &TenantName) -> R,
    ) -> Result<Option<R>, InvalidEvent> {
        let complete = written.and_then(|()| if self.skipped { Ok(None) } else { self.complete().map(Some) });
        match complete {
            Ok(Some((start, meta))) => Ok(Some(take(&self.buf[start..], meta, self.envelope.tenant))),
            Ok(None) => Ok(None),
            Err(e) => Err(e.of(descriptor.name)),
        }
    }

    pub(crate) fn finish(&mut self) -> Result<EncodedEvent, InvalidEvent> {
        let (start, meta) = self.complete()?;
        Ok(EncodedEvent::new(&self.buf[start..], meta, self.envelope.tenant))
    }

    /// Adds defaults for what is missing; returns where the message starts in the buffer, and what tells it apart.
    #[inline(always)]
    fn complete(&mut self) -> Result<(usize, EncodedMeta), InvalidEvent> {
        self.latched()?;
        let Some(event_type) = self.event_type else {
            return Err(InvalidField::new("job_event.type", "none", "call `event_type` in `write`").into());
        };
        check_job_count(self.jobs)?;
        let Some(request_id) = self.request_id else {
            let ways =
                "call `request_id`, `request_id_from_session`, `synthetic_request_id` or `no_request_id` in `write`";
            return Err(InvalidField::new("request_id", "nothing said of it", ways).into());
        };
        if !self.has_create_time {
            self.add_create_time(Timestamp::now());
        }
        if self.event_id.is_none() {
            self.add_uuid(&Uuid::now_v7());
        }
        let len = (self.job_event_end - HEADER) as u64;
        let start = HEADER - 1 - varint_len(len);
        self.buf[start] = TAG_JOB_EVENT;
        put_varint(&mut self.buf[start + 1..HEADER], len);

        let id = self.event_id.clone().unwrap_or_default();
        // Both fit: 500 names of three segments and the notes stay far below 4 GiB, an id below 64 KiB.
        let (id_start, id_len) = ((self.job_event_end - start + id.start) as u32, id.len() as u16);
        Ok((start, EncodedMeta { id_start, id_len, event_type, marks: Marks::new(request_id, self.notes_truncated) }))
    }
}
