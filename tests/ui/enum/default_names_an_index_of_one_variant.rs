use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(request_id = none, notes = "job {0}")]
enum BoardEvent {
    #[talent(event = View)]
    Opened {
        #[talent(job)]
        job: JobName,
        position: u32,
    },
    #[talent(event = Bookmark)]
    Saved {
        #[talent(job)]
        job: JobName,
    },
    #[talent(event = Hired)]
    Placed(#[talent(job)] JobName),
}

async fn send(event: BoardEvent, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
