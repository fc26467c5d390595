//! A web service whose visitors never wait for Google: `cargo run --example axum_service`.
//!
//! ```text
//! curl -d search=7f -d position=3 localhost:8080/jobs/42/opened
//! curl localhost:8080/health
//! ```
//!
//! `TALENT_TENANT` and `TALENT_EMULATOR_HOST` say whose events they are and who is told; `ADDRESS` where to listen. On
//! SIGTERM or Ctrl-C requests under way get their answer, what is queued is delivered, and what can not be is said.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use talent_events::{RequestId, TalentClient, TalentEvent, TenantName, TrackError, Tracker};
use tokio::net::TcpListener;

/// What an orchestrator waits between SIGTERM and SIGKILL is 30 s as a rule: this must end before.
const GRACE: Duration = Duration::from_secs(20);

/// Somebody opened a job.
#[derive(TalentEvent)]
#[talent(event = View, notes = "position {position}")]
struct JobOpened {
    #[talent(job)]
    job: String,
    #[talent(request_id)]
    search: RequestId,
    position: u16,
}

/// What the page sends.
#[derive(Deserialize)]
struct Opened {
    search: RequestId,
    position: u16,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let tenant = TenantName::new(env::var("TALENT_TENANT").as_deref().unwrap_or("projects/demo/tenants/board"))?;
    let tracker = Tracker::spawn(TalentClient::connect(tenant).await?)?;

    let app = Router::new()
        .route("/jobs/{job}/opened", post(opened))
        .route("/health", get(health))
        .with_state(tracker.clone());
    let listener = TcpListener::bind(env::var("ADDRESS").as_deref().unwrap_or("127.0.0.1:8080")).await?;
    writeln!(io::stdout(), "listening on {}", listener.local_addr()?)?;
    axum::serve(listener, app).with_graceful_shutdown(asked_to_stop()).await?;

    let report = tracker.shutdown(GRACE).await;
    writeln!(io::stdout(), "delivered {}, left {}", report.stats.delivered, report.waiting.len())?;
    Ok(())
}

/// The visitor's request ends here, whatever the service is doing.
async fn opened(
    State(tracker): State<Tracker>,
    Path(job): Path<String>,
    Form(Opened { search, position }): Form<Opened>,
) -> StatusCode {
    match tracker.enqueue(&JobOpened { job, search, position }) {
        Ok(()) => StatusCode::ACCEPTED,
        Err(TrackError::Invalid(_)) => StatusCode::BAD_REQUEST,
        // Counted by the tracker: nothing that the visitor could do about.
        Err(_) => StatusCode::NO_CONTENT,
    }
}

/// For a person on call. An outage of the service is none of this program: it is not told to restart for that.
async fn health(State(tracker): State<Tracker>) -> (StatusCode, Json<Value>) {
    let (health, stats) = (tracker.health(), tracker.stats());
    let status = if health.running { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let paused = health.paused.map(|(why, _)| why.to_string());
    (status, Json(json!({ "paused": paused, "waiting": stats.waiting, "delivered": stats.delivered })))
}

async fn asked_to_stop() {
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            // Where the signal can not be had, there is none to wait for.
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = terminate => {}
        Ok(()) = tokio::signal::ctrl_c() => {}
    }
}
