//! Encoding costs one allocation: the bytes that travel, of the exact size.

use std::time::SystemTime;

use talent_events::event::{Envelope, EventDescriptor, EventWriter};
use talent_events::{EncodedEvent, InvalidEvent, JobEventType, JobName, RequestId, TalentEvent, TenantName};

struct Viewed {
    jobs: Vec<JobName>,
    search: RequestId,
    at: Option<SystemTime>,
    id: Option<u64>,
    position: u32,
}

impl TalentEvent for Viewed {
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        w.event_type(JobEventType::Impression)?;
        w.jobs(&self.jobs)?;
        w.job("a bare id")?;
        w.request_id(&self.search)?;
        if let Some(at) = self.at {
            w.create_time(&at)?;
        }
        if let Some(id) = self.id {
            w.event_id_formatted(format_args!("view-{id}"))?;
        }
        w.notes(format_args!("position {}, {:?}", self.position, "quoted"))
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        static DESCRIPTOR: EventDescriptor = EventDescriptor::new("Viewed");
        &DESCRIPTOR
    }
}

#[test]
fn one_allocation_an_event() {
    let tenant = TenantName::new("projects/acme/tenants/board").unwrap();
    let event = |jobs: usize, chosen: bool| Viewed {
        jobs: (0..jobs).map(|n| tenant.job(n.to_string()).unwrap()).collect(),
        search: RequestId::new("search-7f").unwrap(),
        at: chosen.then(SystemTime::now),
        id: chosen.then_some(7),
        position: 3,
    };
    let events = [event(0, false), event(0, true), event(20, false), event(400, true)];
    let encode = |event: &Viewed| EncodedEvent::encode(event, Envelope::new(&tenant)).unwrap().unwrap();
    // The largest event gives this thread's scratch buffer its size, and the first id its random numbers.
    events.iter().for_each(|event| drop(encode(event)));

    for event in &events {
        let mut encoded = None;
        let seen = allocation_counter::measure(|| encoded = Some(encode(event)));
        let bytes = encoded.unwrap().as_bytes().len() as u64;
        assert_eq!(seen.count_total, 1, "{} jobs", event.jobs.len());
        // Beside the bytes, the two counts of an `Arc`, rounded to its alignment.
        assert!((bytes + 16..bytes + 24).contains(&seen.bytes_total), "{} for {bytes} bytes", seen.bytes_total);
    }
}

#[test]
fn a_clone_allocates_nothing() {
    let tenant = TenantName::new("projects/acme/tenants/board").unwrap();
    let event = Viewed { jobs: Vec::new(), search: RequestId::new("s").unwrap(), at: None, id: None, position: 1 };
    let encoded = EncodedEvent::encode(&event, Envelope::new(&tenant)).unwrap().unwrap();
    let seen = allocation_counter::measure(|| drop(encoded.clone()));
    assert_eq!(seen.count_total, 0);
}
