use talent_events::{RequestId, TalentClient, TalentEvent, Track};

fn first(id: &u64) -> String {
    id.to_string()
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    #[talent(job(with = first))]
    job: Option<u64>,
    #[talent(request_id)]
    search: RequestId,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
