use talent_events::{SearchSession, TalentClient, TalentEvent};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, request_id = from_session, job = from_funnel)]
struct FormSent;

async fn send(event: FormSent, session: &SearchSession<TalentClient>) {
    let _ = session.track(&event).await;
}

fn main() {}
