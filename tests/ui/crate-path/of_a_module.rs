use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View, request_id = none, crate = super::sdk)]
struct Opened {
    #[talent(job)]
    job: JobName,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
