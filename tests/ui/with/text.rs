use talent_events::{RequestId, TalentClient, TalentEvent, Track};

fn name(id: &u64) -> String {
    id.to_string()
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    #[talent(request_id)]
    search: RequestId,
    #[talent(job(with = "name"))]
    job: u64,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
