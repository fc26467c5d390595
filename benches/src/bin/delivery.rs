//! From the app's structs to the service's answers: ours, beside raw tonic and Google's own client for Rust, which speaks
//! REST.
//!
//! Each maps the same structs and has its best setting, which is looked for first: on tokio's pool of threads or on one
//! thread (ours on its own, by `spawn_thread`), over how many connections, with how many calls in flight. The server is one
//! process, the same for all, on the same cores; CPU is the client's alone.
//!
//! Google's client is a heavy build, so its rows stand behind the feature `google`, which `scripts/bench.sh` turns on.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use nix::sys::resource::UsageWho;
use talent_events::delivery::Quota;
use talent_events::wire::event_service_client::EventServiceClient;
use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track, Tracker};
use talent_events_benches::sample::{TENANT, Viewed, tenant};
use talent_events_benches::server::{Server, served};
use talent_events_benches::{Goal, Table, cpu, interleaved, median};
use tokio::runtime::Runtime;
use tonic::transport::{Channel, Endpoint};

type Failure = Box<dyn Error + Send + Sync>;
type Result<T> = std::result::Result<T, Failure>;

const EVENTS: usize = 20_000;
/// Connections, and calls in flight over all of them.
const SETTINGS: [(usize, usize); 6] = [(1, 64), (1, 256), (2, 64), (2, 256), (4, 64), (4, 256)];

/// What the client runs on.
#[derive(Clone, Copy, Debug)]
enum Threads {
    Pool,
    One,
}
/// A setting is chosen by the median of so many.
const TRIALS: usize = 3;

/// Delivers all events, and says what that took.
type Run<'r> = Box<dyn Fn() -> Result<()> + 'r>;

struct Spent {
    wall: Duration,
    cpu: Duration,
}

fn main() -> Result<()> {
    if served()? {
        return Ok(());
    }
    let server = Server::start()?;
    let address = server.address().to_string();
    let pool = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let runtime = |threads| match threads {
        Threads::Pool => &pool,
        Threads::One => &one,
    };
    let events: Arc<[Viewed]> = Viewed::several(EVENTS)?.into();

    let subjects = [
        Some(best("ours", &SETTINGS, |threads, setting| ours(&pool, &address, threads, setting, &events))?),
        Some(best("raw tonic", &SETTINGS, |threads, setting| raw(runtime(threads), &address, setting, &events))?),
        #[cfg(feature = "google")]
        Some(best("google-cloud-talent-v4", &google::SETTINGS, |threads, setting| {
            google::run(runtime(threads), &address, setting, &events)
        })?),
        #[cfg(not(feature = "google"))]
        None,
    ];
    let mut cpus = [const { Vec::new() }; 3];
    let [ours_rate, raw_rate, google_rate] = interleaved(|subject| {
        let Some(run) = &subjects[subject] else { return Ok(f64::NAN) };
        let Spent { wall, cpu } = spent(run)?;
        cpus[subject].push(cpu.as_secs_f64() * 1e6 / EVENTS as f64);
        Ok::<_, Failure>(EVENTS as f64 / wall.as_secs_f64() / 1e3)
    })?;
    // Of the rounds that count.
    let [ours_cpu, raw_cpu, google_cpu] = cpus.map(|cpus| median(cpus.into_iter().skip(1).collect()));

    let mut table = Table::default();
    table.row("delivery, beside raw tonic", "k/s", ours_rate, raw_rate, Some(Goal::AtLeast(0.9)));
    table.row("client CPU per event, beside raw tonic", "µs", ours_cpu, raw_cpu, Some(Goal::AtMost(1.15)));
    if cfg!(feature = "google") {
        table.row("delivery, beside google-cloud-talent-v4", "k/s", ours_rate, google_rate, Some(Goal::AtLeast(1.5)));
        table.row(
            "client CPU per event, beside google-cloud-talent-v4",
            "µs",
            ours_cpu,
            google_cpu,
            Some(Goal::AtMost(0.6)),
        );
    }
    let answered = pool.block_on(hired_behind_impressions(&address))?;
    let what = "a HIRED enqueued behind 10,000 impressions at 300/min, answered after";
    table.row(what, "s", answered.as_secs_f64(), None, Some(Goal::Ours(1.0)));
    print!("{table}");
    Ok(())
}

/// The setting that delivers fastest, made ready.
fn best<'r>(
    who: &str,
    settings: &[(usize, usize)],
    make: impl Fn(Threads, (usize, usize)) -> Result<Run<'r>>,
) -> Result<Run<'r>> {
    let mut fastest: Option<(f64, String, Run<'r>)> = None;
    for threads in [Threads::Pool, Threads::One] {
        for &(connections, in_flight) in settings {
            let run = make(threads, (connections, in_flight))?;
            let mut took = Vec::new();
            for _ in 0..TRIALS {
                took.push(spent(&run)?.wall.as_secs_f64());
            }
            let took = median(took);
            if fastest.as_ref().is_none_or(|(least, ..)| took < *least) {
                let setting = format!(
                    "threads: {threads:?}, connections: {connections} (0: its own choice), in flight: {in_flight}"
                );
                fastest = Some((took, setting, run));
            }
        }
    }
    let (_, setting, run) = fastest.ok_or("no settings")?;
    eprintln!("{who}: best with {setting}");
    Ok(run)
}

fn spent(run: &Run<'_>) -> Result<Spent> {
    let (start, before) = (Instant::now(), cpu(UsageWho::RUSAGE_SELF)?);
    run()?;
    Ok(Spent { wall: start.elapsed(), cpu: cpu(UsageWho::RUSAGE_SELF)? - before })
}

fn ours<'r>(
    runtime: &'r Runtime,
    address: &str,
    threads: Threads,
    (connections, in_flight): (usize, usize),
    events: &Arc<[Viewed]>,
) -> Result<Run<'r>> {
    let client = TalentClient::builder(TENANT).emulator(address).connections(connections);
    let tracker = Tracker::builder().max_in_flight(in_flight);
    let tracker = match threads {
        Threads::One => tracker.spawn_thread(client)?,
        Threads::Pool => runtime.block_on(async { Ok::<_, Failure>(tracker.spawn(client.connect().await?)?) })?,
    };
    let events = Arc::clone(events);
    Ok(Box::new(move || {
        let before = tracker.stats().delivered;
        events.iter().try_for_each(|event| tracker.enqueue(event))?;
        let stats = runtime.block_on(tracker.flush());
        match stats.delivered - before == EVENTS as u64 {
            true => Ok(()),
            false => Err(format!("not all were delivered: {stats:?}").into()),
        }
    }))
}

fn raw<'r>(
    runtime: &'r Runtime,
    address: &str,
    (connections, in_flight): (usize, usize),
    events: &Arc<[Viewed]>,
) -> Result<Run<'r>> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
    let channels: Vec<Channel> = {
        let _on = runtime.enter();
        (0..connections).map(|_| endpoint.connect_lazy()).collect()
    };
    let events = Arc::clone(events);
    Ok(Box::new(move || {
        runtime.block_on(in_parallel(in_flight, &events, |n, feed| {
            let mut client = EventServiceClient::new(channels[n % channels.len()].clone());
            async move {
                while let Some(event) = feed.next() {
                    client.create_client_event(event.request_by_hand()).await?;
                }
                Ok(())
            }
        }))
    }))
}

/// The events, each to whoever asks next.
#[derive(Clone)]
struct Feed(Arc<(Arc<[Viewed]>, AtomicUsize)>);

impl Feed {
    fn next(&self) -> Option<&Viewed> {
        let (events, next) = &*self.0;
        events.get(next.fetch_add(1, Relaxed))
    }
}

async fn in_parallel<F: Future<Output = Result<()>> + Send + 'static>(
    in_flight: usize,
    events: &Arc<[Viewed]>,
    worker: impl Fn(usize, Feed) -> F,
) -> Result<()> {
    let feed = Feed(Arc::new((Arc::clone(events), AtomicUsize::new(0))));
    let workers: Vec<_> = (0..in_flight).map(|n| tokio::spawn(worker(n, feed.clone()))).collect();
    for worker in workers {
        worker.await??;
    }
    Ok(())
}

#[derive(TalentEvent)]
#[talent(event = Impression)]
struct Shown {
    #[talent(jobs)]
    jobs: [JobName; 1],
    #[talent(request_id)]
    search: RequestId,
}

#[derive(TalentEvent)]
#[talent(event = Hired)]
struct Hired {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
}

/// How long the more important event takes, after two seconds of the others.
async fn hired_behind_impressions(address: &str) -> Result<Duration> {
    let (search, job) = (RequestId::new("search-7f")?, tenant()?.job("1")?);
    let client = TalentClient::builder(TENANT).emulator(address).quota(Quota::per_minute(300)).connect().await?;
    let tracker = Tracker::spawn(client)?;
    let shown = Shown { jobs: [job.clone()], search: search.clone() };
    for _ in 0..10_000 {
        tracker.enqueue(&shown)?;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let start = Instant::now();
    Hired { job, search }.track(&tracker).await?.await?;
    Ok(start.elapsed())
}

#[cfg(feature = "google")]
mod google {
    use google_cloud_auth::credentials::anonymous;
    use google_cloud_talent_v4::client::EventService;
    use google_cloud_talent_v4::model::{ClientEvent, JobEvent, job_event::JobEventType};
    use google_cloud_wkt::Timestamp;

    use super::*;

    /// It keeps its own pool of connections.
    pub(super) const SETTINGS: [(usize, usize); 3] = [(0, 16), (0, 64), (0, 256)];

    pub(super) fn run<'r>(
        runtime: &'r Runtime,
        address: &str,
        (_, in_flight): (usize, usize),
        events: &Arc<[Viewed]>,
    ) -> Result<Run<'r>> {
        let builder = EventService::builder()
            .with_endpoint(format!("http://{address}"))
            .with_credentials(anonymous::Builder::new().build());
        let client = runtime.block_on(async { builder.build().await })?;
        let events = Arc::clone(events);
        Ok(Box::new(move || {
            runtime.block_on(in_parallel(in_flight, &events, |_, feed| {
                let client = client.clone();
                async move {
                    while let Some(event) = feed.next() {
                        let event = googles(event)?;
                        client.create_client_event().set_parent(TENANT).set_client_event(event).send().await?;
                    }
                    Ok(())
                }
            }))
        }))
    }

    /// The event in the model of Google's client.
    fn googles(event: &Viewed) -> Result<ClientEvent> {
        let job_event = JobEvent::new().set_type(JobEventType::View).set_jobs([event.job().as_str()]);
        Ok(ClientEvent::new()
            .set_request_id(event.search().as_str())
            .set_event_id(event.id().to_string())
            .set_create_time(Timestamp::try_from(event.at())?)
            .set_job_event(job_event)
            .set_event_notes(event.notes()))
    }
}
