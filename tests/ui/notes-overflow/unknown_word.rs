use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, notes = "by {channel}", notes_overflow = drop_event)]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    channel: String,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
