use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
enum BoardEvent {
    #[talent(event = Bookmark)]
    Saved {
        #[talent(job)]
        job: JobName,
        #[talent(request_id)]
        search: RequestId,
    },
    #[talent(event = View, notes = "by {email}")]
    Opened {
        #[talent(job)]
        job: JobName,
        #[talent(request_id)]
        search: RequestId,
        #[talent(private)]
        email: String,
    },
}

async fn send(event: BoardEvent, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
