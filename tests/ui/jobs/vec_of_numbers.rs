use talent_events::{RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = Impression)]
struct ApplicationSubmitted {
    #[talent(jobs)]
    shown: Vec<u64>,
    #[talent(request_id)]
    search: RequestId,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
