use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View)]
struct ApplicationSubmitted {
    #[talent(request_id)]
    search: RequestId,
    #[talent(jobs, many_jobs)]
    shown: Vec<JobName>,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
