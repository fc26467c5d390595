use talent_events::{RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, job = "senior\tengineer")]
struct ApplicationSubmitted {
    #[talent(request_id)]
    search: RequestId,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
