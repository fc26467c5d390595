#![deny(unused_must_use)]

use talent_events::{SearchSession, TrackError, Tracker};

async fn opened(session: &SearchSession<Tracker>) -> Result<(), TrackError> {
    session.view("4").await?;
    Ok(())
}

fn main() {}
