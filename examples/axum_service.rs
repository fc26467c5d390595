//! A web service whose visitors never wait for Google: `cargo run --example axum_service`.
//!
//! ```text
//! curl -d search=7f -d position=3 localhost:8080/jobs/42/opened
//! curl localhost:8080/health
//! ```
//!
//! `TALENT_TENANT` and `TALENT_EMULATOR_HOST` say whose events they are and who is told; `ADDRESS` where to listen. On
//! SIGTERM or Ctrl-C requests under way get their answer, and what is queued is delivered; `GRACE_SECONDS` limits both.
//! What can not be delivered goes to the file `UNDELIVERED` (`undelivered.ndjson`), and is taken up at the next start.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::extract::{self, Form, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};
use talent_events::delivery::Flow;
use talent_events::{EncodedEvent, RequestId, TalentClient, TalentEvent, TenantName, TrackError, Tracker};
use tokio::net::TcpListener;

/// What an orchestrator waits between SIGTERM and SIGKILL is 30 s as a rule: this must end before.
const GRACE_SECONDS: u64 = 20;

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
    let grace = Duration::from_secs(env::var("GRACE_SECONDS").map_or(Ok(GRACE_SECONDS), |seconds| seconds.parse())?);
    let undelivered = PathBuf::from(env::var_os("UNDELIVERED").unwrap_or("undelivered.ndjson".into()));
    let tracker = Tracker::spawn(TalentClient::connect(tenant).await?)?;
    take_up(&tracker, &undelivered)?;

    let app = Router::new()
        .route("/jobs/{job}/opened", post(opened))
        .route("/health", get(health))
        .with_state(tracker.clone());
    let listener = TcpListener::bind(env::var("ADDRESS").as_deref().unwrap_or("127.0.0.1:8080")).await?;
    writeln!(io::stdout(), "listening on {}", listener.local_addr()?)?;
    // A request that hangs may have a quarter of the time and no more: the rest is for the events.
    let asked = asked_to_stop().map(|()| Instant::now()).shared();
    let limit = asked.clone().then(|at| tokio::time::sleep_until((at + grace / 4).into()));
    let served = tokio::select! {
        served = axum::serve(listener, app).with_graceful_shutdown(asked.clone().map(drop)) => served,
        () = limit => Ok(()),
    };
    let rest = asked.peek().map_or(grace, |at| grace.saturating_sub(at.elapsed()));
    let report = tracker.shutdown(rest).await;
    let remaining = report.remaining.len();
    store(report.remaining, &undelivered)?;
    writeln!(io::stdout(), "delivered {}, left {}", report.stats.delivered, remaining)?;
    Ok(served?)
}

/// Queues the events that the last run left. Events for which there is no room stay in the file.
fn take_up(tracker: &Tracker, file: &Path) -> Result<(), Box<dyn Error>> {
    let lines = match fs::read_to_string(file) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        lines => lines?,
    };
    // All or none: if a line cannot be read, a person has to look at the file, and no event is sent twice.
    let mut events = Vec::<EncodedEvent>::new();
    for (line, number) in lines.lines().zip(1..) {
        events.push(serde_json::from_str(line).map_err(|e| unreadable(file, number, e))?);
    }
    let refused = events.into_iter().filter_map(|event| tracker.enqueue_encoded(event).err());
    store(refused.map(|not_queued| not_queued.event), file)?;
    Ok(())
}

/// Says what to do about a line that cannot be read.
fn unreadable(file: &Path, line: u64, error: serde_json::Error) -> String {
    let file = file.display();
    format!(
        "{file}:{line}: {error}; mend it, or send the others by `talent-events replay {file}` and move the file away"
    )
}

/// Replaces the file by these events, a line each: all of it or nothing.
fn store(events: impl Iterator<Item = EncodedEvent>, file: &Path) -> io::Result<()> {
    let new = file.with_extension("new");
    let mut lines = BufWriter::new(File::create(&new)?);
    for event in events {
        serde_json::to_writer(&mut lines, &event)?;
        lines.write_all(b"\n")?;
    }
    lines.into_inner()?.sync_all()?;
    fs::rename(new, file)
}

/// The visitor's request ends here, whatever the service is doing.
async fn opened(
    State(tracker): State<Tracker>,
    extract::Path(job): extract::Path<String>,
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
    let held_back = (health.flow != Flow::Flowing).then(|| format!("{:?}", health.flow));
    (status, Json(json!({ "heldBack": held_back, "waiting": stats.waiting, "delivered": stats.delivered })))
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
