//! The defects between the events.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};
use talent_events::event::rules::Defect;
use tonic::Status;

use crate::app::App;
use crate::files;
use crate::http::{self, Refused};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/emulator/v1/defects", get(defects))
}

async fn defects(State(app): State<Arc<App>>) -> Result<Response, Refused> {
    // All decoded events take a lot of memory, so only one request at a time decodes them. The turn ends with the work,
    // even if the client has gone.
    let turn = Arc::clone(&app.judging).lock_owned().await;
    let answer = files::blocking(move || {
        let _turn = turn;
        let defects: Vec<_> = app.records.defects().iter().map(defect).collect();
        Ok(http::json(&json!({"defects": defects}), true))
    });
    Ok(answer.await.map_err(|e| Status::unavailable(e.to_string()))??)
}

fn defect(defect: &Defect) -> Value {
    let events: Vec<_> = defect.typed_events().map(|(t, id)| json!({"type": t, "eventId": id})).collect();
    json!({
        "rule": defect.rule.id(),
        "severity": defect.rule.severity().to_string(),
        "source": defect.rule.source().to_string(),
        "sentence": defect.rule.sentence(),
        "requestId": defect.request_id,
        "job": defect.job,
        "events": events,
    })
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;
    use crate::Emulator;

    #[tokio::test]
    async fn defects_are_judged_for_one_request_at_a_time() {
        let emulator = Emulator::start().await.unwrap();
        let app = emulator.app();
        let turn = app.judging.lock().await;
        let mut answer = pin!(defects(State(Arc::clone(app))));
        assert!(answer.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(turn);
        assert!(answer.await.is_ok());
        assert!(app.judging.try_lock().is_ok());
    }
}
