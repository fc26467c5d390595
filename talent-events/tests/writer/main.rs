//! The writer, held against prost: what it writes, others read, and what no event may carry it refuses.
#![cfg(feature = "client")]

mod limits;
mod notes;
mod round_trip;

use std::cell::RefCell;

use talent_events::event::{Envelope, EventDescriptor, EventWriter};
use talent_events::{EncodedEvent, InvalidEvent, TalentEvent, TenantName};

/// An event that is what a closure says to the writer.
struct Said<F>(RefCell<F>);

impl<F: FnMut(&mut EventWriter<'_>) -> Result<(), InvalidEvent>> TalentEvent for Said<F> {
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        self.0.borrow_mut()(w)
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        static DESCRIPTOR: EventDescriptor = EventDescriptor::new("Said");
        &DESCRIPTOR
    }
}

fn encode_in(
    envelope: Envelope<'_>,
    say: impl FnMut(&mut EventWriter<'_>) -> Result<(), InvalidEvent>,
) -> Result<EncodedEvent, InvalidEvent> {
    let encoded = EncodedEvent::encode(&Said(RefCell::new(say)), envelope)?;
    Ok(encoded.expect("nothing was skipped"))
}

fn encode(say: impl FnMut(&mut EventWriter<'_>) -> Result<(), InvalidEvent>) -> Result<EncodedEvent, InvalidEvent> {
    encode_in(Envelope::new(&tenant()), say)
}

fn tenant() -> TenantName {
    TenantName::new("projects/acme/tenants/board").expect("a well-formed name")
}
