use talent_events::{RequestId, TalentClient, TalentEvent, Track};

fn half(id: &u64) -> u64 {
    id / 2
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    #[talent(job(with = half))]
    job: u64,
    #[talent(request_id)]
    search: RequestId,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
