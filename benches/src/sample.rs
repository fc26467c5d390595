//! The event that is measured: an app's own struct, and what is made of it with and without us.

use std::error::Error;
use std::time::SystemTime;

use opentelemetry::logs::{AnyValue, LogRecord};
use prost::Message;
use talent_events::event::Envelope;
use talent_events::wire::{ClientEvent, CreateClientEventRequest, JobEvent, client_event, job_event::JobEventType};
use talent_events::{EncodedEvent, InvalidEvent, JobName, RequestId, TalentEvent, TenantName};
use uuid::Uuid;

/// Whose events they are.
pub const TENANT: &str = "projects/acme-jobs/tenants/7d1f3a52-board";

/// Somebody opened a job from the results of a search.
#[derive(Clone, Debug, TalentEvent)]
#[talent(event = View, notes = "Opened at position {position} on {device}")]
pub struct Viewed {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    #[talent(event_id)]
    id: Uuid,
    #[talent(create_time)]
    at: SystemTime,
    position: u32,
    device: String,
}

impl Viewed {
    /// So many of them, all different.
    ///
    /// # Errors
    ///
    /// None, as the names are good.
    pub fn several(count: usize) -> Result<Vec<Self>, Box<dyn Error + Send + Sync>> {
        let tenant = tenant()?;
        let viewed = |n: usize| {
            Ok(Self {
                job: tenant.job(format!("{}", 118_240_000_000 + n))?,
                search: RequestId::new(format!("8d2d54e5-44dd-4bf5-a2e6-{:012}", n / 20))?,
                id: Uuid::now_v7(),
                at: SystemTime::now(),
                position: (n % 20) as u32,
                device: "a phone".into(),
            })
        };
        (0..count).map(viewed).collect()
    }

    /// Ours: the derive, checks and all.
    ///
    /// # Errors
    ///
    /// None, as the event is good.
    pub fn encoded(&self, tenant: &TenantName) -> Result<Option<EncodedEvent>, InvalidEvent> {
        EncodedEvent::encode(self, Envelope::new(tenant))
    }

    /// By hand: prost's struct, made field by field, unchecked.
    pub fn by_hand(&self) -> ClientEvent {
        ClientEvent {
            request_id: self.search.to_string(),
            event_id: self.id.to_string(),
            create_time: Some(self.at.into()),
            event_notes: self.notes(),
            event: Some(client_event::Event::JobEvent(JobEvent {
                r#type: JobEventType::View.into(),
                jobs: vec![self.job.to_string()],
            })),
        }
    }

    /// By hand, to the bytes.
    pub fn encoded_by_hand(&self) -> Vec<u8> {
        self.by_hand().encode_to_vec()
    }

    /// By hand, as the request of the raw call.
    pub fn request_by_hand(&self) -> CreateClientEventRequest {
        CreateClientEventRequest { parent: TENANT.into(), client_event: Some(self.by_hand()) }
    }

    /// The same five attributes, and the time, as OpenTelemetry's log record.
    pub fn record(&self, record: &mut impl LogRecord) {
        record.set_timestamp(self.at);
        record.add_attribute("type", AnyValue::from("VIEW"));
        record.add_attribute("job", self.job.to_string());
        record.add_attribute("request_id", self.search.to_string());
        record.add_attribute("event_id", self.id.to_string());
        record.add_attribute("notes", self.notes());
    }

    /// The job's full name.
    pub fn job(&self) -> &JobName {
        &self.job
    }

    /// The search's request id.
    pub fn search(&self) -> &RequestId {
        &self.search
    }

    /// The event's own id.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// When it happened.
    pub fn at(&self) -> SystemTime {
        self.at
    }

    /// The text of the template.
    pub fn notes(&self) -> String {
        format!("Opened at position {} on {}", self.position, self.device)
    }
}

/// [`TENANT`].
///
/// # Errors
///
/// None, as the name is good.
pub fn tenant() -> Result<TenantName, Box<dyn Error + Send + Sync>> {
    Ok(TENANT.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_say_the_same() -> Result<(), Box<dyn Error + Send + Sync>> {
        for viewed in Viewed::several(3)? {
            let ours = viewed.encoded(&tenant()?)?.ok_or("an event")?;
            assert_eq!(ClientEvent::decode(ours.as_bytes())?, viewed.by_hand());
            assert_eq!(ours.as_bytes().len(), viewed.encoded_by_hand().len());
        }
        Ok(())
    }
}
