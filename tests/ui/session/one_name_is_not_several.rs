use talent_events::{JobName, SearchSession, TalentClient};

async fn send(session: &SearchSession<TalentClient>, job: JobName) {
    let _ = session.impressions(job).await;
}

fn main() {}
