//! The ways to an encoded event.

#[cfg(feature = "client")]
use super::EncodedParts;
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
