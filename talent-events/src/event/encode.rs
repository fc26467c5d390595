//! The ways to an encoded event.

#[cfg(feature = "client")]
use super::EncodedParts;
use super::encoded::{EncodedMeta, Marks, RequestIdMark};
use super::{ClientEvent, EncodedEvent, Envelope, EventWriter, InvalidEvent, TalentEvent, TenantName};

impl EncodedEvent {
    /// Encodes an event of the app for its destination. `None`: the event is not sent (a `skip` variant).
    ///
    /// Costs one pass over one buffer, and one allocation of the exact size.
    pub fn encode<E: TalentEvent + ?Sized>(event: &E, envelope: Envelope<'_>) -> Result<Option<Self>, InvalidEvent> {
        let mut writer = EventWriter::new(envelope);
        let written = event.write(&mut writer);
        writer.finish_unless_skipped(written, event.descriptor(), Self::new)
    }

    /// Encodes a readable event for this tenant, after [`ClientEvent::check`].
    pub fn from_client_event(event: &ClientEvent, tenant: &TenantName) -> Result<Self, InvalidEvent> {
        event.check(tenant)?;
        Self::write(event, tenant)
    }

    /// Edits the notes, and keeps everything else: the event id, the time, and the marks, such as
    /// [`synthetic_request_id`](Self::synthetic_request_id).
    ///
    /// More than 1,000 characters are cut and marked. Empty notes are no notes. The event is encoded again, which costs
    /// several allocations.
    ///
    /// ```
    /// use talent_events::{ClientEvent, EncodedEvent, JobEvent, JobEventType, TenantName};
    ///
    /// let tenant: TenantName = "projects/acme/tenants/board".parse()?;
    /// let event = ClientEvent::new(JobEvent::new(JobEventType::View, [tenant.job("42")?]));
    /// let event = EncodedEvent::from_client_event(&event, &tenant)?;
    /// let event = event.with_notes(|notes| notes.push_str("release 7"))?;
    /// assert_eq!(event.to_client_event().event_notes, "release 7");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_notes(&self, edit: impl FnOnce(&mut String)) -> Result<Self, InvalidEvent> {
        let mut event = self.to_client_event();
        edit(&mut event.event_notes);
        let encoded = Self::write(&event, self.tenant())?;
        let request_id = match (self.synthetic_request_id(), self.without_request_id()) {
            (true, _) => RequestIdMark::Synthetic,
            (_, true) => RequestIdMark::None,
            _ => RequestIdMark::Given,
        };
        let marks = Marks::new(request_id, self.notes_truncated() || encoded.notes_truncated());
        Ok(Self { meta: EncodedMeta { marks, ..encoded.meta }, ..encoded })
    }

    /// Long notes are cut.
    fn write(event: &ClientEvent, tenant: &TenantName) -> Result<Self, InvalidEvent> {
        let mut w = EventWriter::new(Envelope::new(tenant));
        w.event_type(event.job_event.r#type)?;
        w.jobs(&event.job_event.jobs)?;
        w.event_id(&event.event_id)?;
        w.create_time(&event.create_time)?;
        match &event.request_id {
            Some(id) => w.request_id(id)?,
            None => w.no_request_id()?,
        }
        if !event.event_notes.is_empty() {
            w.notes_text(&event.event_notes)?;
        }
        w.finish()
    }

    /// Encodes an event and lends the bytes to `take`, without an allocation. `None`: the event is skipped.
    #[cfg(feature = "client")]
    pub(crate) fn encode_borrowed<E: TalentEvent + ?Sized, R>(
        event: &E,
        envelope: Envelope<'_>,
        take: impl FnOnce(EncodedParts<'_>) -> R,
    ) -> Result<Option<R>, InvalidEvent> {
        let mut writer = EventWriter::new(envelope);
        let written = event.write(&mut writer);
        writer.finish_unless_skipped(written, event.descriptor(), |bytes, meta, _| take(EncodedParts { bytes, meta }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JobEventType, RequestId};

    #[test]
    fn edited_notes_keep_the_rest() {
        let tenant = TenantName::new("projects/acme/tenants/board").unwrap();
        let user = RequestId::new("application-jane-42").unwrap();
        let events = [None, Some(&user)].map(|synthetic| {
            let envelope = Envelope::new(&tenant);
            let mut w = EventWriter::new(synthetic.map_or(envelope, |id| envelope.with_synthetic_request_id(id)));
            w.event_type(JobEventType::View).unwrap();
            w.job("42").unwrap();
            w.notes_text("position 2").unwrap();
            if synthetic.is_some() { w.request_id_from_session() } else { w.no_request_id() }.unwrap();
            w.finish().unwrap()
        });
        for before in events {
            let marks = |e: &EncodedEvent| (e.synthetic_request_id(), e.without_request_id());
            let after = before.with_notes(|notes| notes.push_str(", release 7")).unwrap();
            assert_eq!(after.to_client_event().event_notes, "position 2, release 7");
            assert_eq!((marks(&after), after.event_id()), (marks(&before), before.event_id()));
            assert!(!after.notes_truncated());
            let back = after.with_notes(|notes| *notes = "position 2".into()).unwrap();
            assert_eq!(back.to_client_event(), before.to_client_event());

            let long = before.with_notes(|notes| *notes = "n".repeat(1_001)).unwrap();
            assert_eq!(long.to_client_event().event_notes.chars().count(), 1_000);
            assert!(long.notes_truncated() && marks(&long) == marks(&before));
            let short = long.with_notes(String::clear).unwrap();
            assert!(short.notes_truncated() && short.to_client_event().event_notes.is_empty(), "a mark stays");
        }
    }
}
