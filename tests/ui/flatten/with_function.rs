use talent_events::{JobName, RequestId, TalentClient, TalentContext, TalentEvent, Track};

#[derive(TalentContext)]
struct Visit {
    #[talent(request_id)]
    search: RequestId,
    #[talent(private)]
    user: String,
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    #[talent(flatten(with = visit))]
    visit: Visit,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
