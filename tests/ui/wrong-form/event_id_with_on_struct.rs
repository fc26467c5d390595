use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, event_id(with = make))]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    id: u64,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
