use talent_events::{TalentClient, TalentEvent, Track};

use talent_events::event::{EventDescriptor, EventWriter};
use talent_events::{SendPolicy, InvalidEvent};

struct Opened;

impl TalentEvent for Opened {
    fn write(&self, _: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        unimplemented!()
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        unimplemented!()
    }
}

impl talent_events::SelfContained for Opened {}

impl SendPolicy for Opened {
    type Answer = bool;
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track_or_log(client).await;
}

fn main() {}
