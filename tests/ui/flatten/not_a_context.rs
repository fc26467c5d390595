use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

struct Visit {
    search: RequestId,
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    #[talent(flatten)]
    visit: Visit,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
