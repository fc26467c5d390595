use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

fn first_line(text: &String) -> &str {
    text
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    #[talent(notes(with = first_line))]
    why: Option<u32>,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
