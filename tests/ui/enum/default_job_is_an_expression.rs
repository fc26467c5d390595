use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(request_id = none, job = self.job())]
enum BoardEvent {
    #[talent(event = Bookmark)]
    Saved { job: JobName },
    #[talent(event = View)]
    Opened { job: JobName },
}

impl BoardEvent {
    fn job(&self) -> &JobName {
        match self {
            Self::Saved { job } | Self::Opened { job } => job,
        }
    }
}

async fn send(event: BoardEvent, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
