use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = Click, nots = "by hand", request_id = from_sesion)]
struct Opened {
    #[talent(job = true)]
    job: JobName,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
