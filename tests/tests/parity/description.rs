//! An event as the API description makes one: field by field.

use talent_events::{ClientEvent, Destination, EncodedEvent, JobEvent, JobEventType};

use crate::strict::Both;
use crate::{Result, job, tenant};

/// Sends it as `create_client_event(parent, ClientEvent(...))` does there.
pub(crate) async fn create_client_event(
    to: &Both,
    request_id: &str,
    event_type: JobEventType,
    jobs: &[&str],
    notes: &str,
) -> Result<ClientEvent> {
    let mut event = ClientEvent::new(JobEvent::new(event_type, jobs.iter().map(|id| job(id))));
    event.request_id = Some(request_id.parse()?);
    event.event_notes = notes.into();
    Ok(to.deliver(EncodedEvent::from_client_event(&event, &tenant())?).await?)
}
