use talent_events::{TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, job = from_funnel, request_id = none)]
struct ApplicationSubmitted {
    position: u32,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
