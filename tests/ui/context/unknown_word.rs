use talent_events::{JobName, TalentClient, TalentContext, TalentEvent, Track};

#[derive(TalentContext)]
#[talent(request_id = from_sesion)]
struct Visit {
    user: String,
}

#[derive(TalentEvent)]
#[talent(event = View)]
struct Opened {
    #[talent(job)]
    job: JobName,
    #[talent(flatten)]
    visit: Visit,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
