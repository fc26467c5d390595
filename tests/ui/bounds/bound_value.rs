use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, notes = "because {why}", bound = W)]
struct ApplicationSubmitted<W> {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    why: W,
}

async fn send(event: ApplicationSubmitted<String>, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
