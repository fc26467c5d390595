use talent_events::{JobName, TalentClient, TalentContext, TalentEvent, Timestamp, Track};

#[derive(TalentContext)]
#[talent(request_id = from_session)]
struct Visit {
    #[talent(create_time)]
    at: Timestamp,
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
