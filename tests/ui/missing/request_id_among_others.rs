use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    search_term: String,
    request_url: String,
    search_id: String,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
