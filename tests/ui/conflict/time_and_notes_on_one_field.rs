use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Timestamp, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    #[talent(create_time, notes)]
    at: Timestamp,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
