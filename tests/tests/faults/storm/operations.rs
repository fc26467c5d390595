//! What an app does, as it comes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use talent_events::delivery::{Report, Stats, Ticket, Undelivered};
use talent_events::{EncodedEvent, TalentClient, TalentEvent, Track, TrackError, Tracker};
use talent_events_tests_service::Service;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::plan::{End, Plan};
use super::service::Memory;
use super::{Shared, check};
use crate::run::{LONG, Result, TENANT, no_more_tasks_than};

/// What a destination answers.
type Taken<T> = std::result::Result<T, TrackError>;

/// One of three priorities.
#[derive(TalentEvent)]
enum Happened {
    #[talent(event = Impression, event_id = "{number}")]
    Shown {
        #[talent(jobs)]
        jobs: [&'static str; 1],
        #[talent(request_id)]
        search: &'static str,
        number: u64,
    },
    #[talent(event = View, event_id = "{number}")]
    Opened {
        #[talent(job)]
        job: &'static str,
        #[talent(request_id)]
        search: &'static str,
        number: u64,
    },
    #[talent(event = Hired, event_id = "{number}", notes = "{words}")]
    Hired {
        #[talent(job)]
        job: &'static str,
        #[talent(request_id)]
        search: &'static str,
        number: u64,
        words: String,
    },
}

fn happened(number: u64, rng: &mut Rng) -> Happened {
    let (job, search) = ("42", "search-7f");
    match rng.u8(0..3) {
        0 => Happened::Shown { jobs: [job], search, number },
        1 => Happened::Opened { job, search, number },
        _ => Happened::Hired { job, search, number, words: "w".repeat(rng.usize(0..900)) },
    }
}

/// What the hook has heard.
#[derive(Default)]
pub(super) struct Told {
    pub(super) fates: BTreeMap<u64, Undelivered>,
    pub(super) twice: Vec<u64>,
    pub(super) panics: u64,
    calls: u64,
}

/// What the app knows of its events.
#[derive(Default)]
pub(super) struct Known {
    pub(super) accepted: BTreeSet<u64>,
    pub(super) refused: u64,
    pub(super) tickets: Vec<(u64, Ticket)>,
    /// The accounts in each report of a shutdown.
    pub(super) reports: Vec<Stats>,
    /// The events in all reports; whether each is in doubt.
    pub(super) handed_back: Vec<(u64, bool)>,
}

impl Known {
    fn add(&mut self, report: Report) {
        self.reports.push(report.stats);
        let in_doubt = report.remaining.in_doubt();
        for (index, event) in report.remaining.enumerate() {
            self.handed_back.push((event.event_id().parse().expect("a number"), index < in_doubt));
        }
    }
}

pub(super) struct Storm {
    pub(super) plan: Plan,
    pub(super) memory: Arc<Memory>,
    pub(super) told: Mutex<Told>,
    pub(super) known: Mutex<Known>,
    numbers: AtomicU64,
    address: SocketAddr,
    service: tokio::sync::Mutex<Option<Service>>,
    /// For the hook, which must not keep the tracker alive.
    tracker: Mutex<Option<Tracker>>,
}

/// A flush under way: what it covers.
type Flush = (BTreeSet<u64>, JoinHandle<bool>);

impl Storm {
    /// What became of how many events.
    pub(super) async fn run(plan: Plan) -> Result<String> {
        let tasks = Handle::current().metrics().num_alive_tasks();
        let memory = Arc::new(Memory::new(plan.seed, plan.poison));
        // An address of its own, so that nobody takes the port while the service is down.
        let service = serve(SocketAddr::from(([127, 99, 0, 1], 0)), &memory).await?;
        let address = service.address();
        let client = TalentClient::builder(TENANT).emulator(address.to_string()).deadline(plan.deadline);
        let client = client.connections(plan.connections);
        let client = match plan.quota {
            Some(quota) => client.quota(quota),
            None => client,
        };
        let storm: Arc<OnceLock<Shared>> = Arc::default();
        let tracker = {
            let hook = {
                let storm = Arc::clone(&storm);
                move |event: &EncodedEvent, why: &Undelivered| storm.get().expect("a storm").told(event, why)
            };
            let builder = Tracker::builder()
                .max_events(plan.max_events)
                .max_bytes(plan.max_bytes)
                .max_in_flight(plan.max_in_flight)
                .max_age(plan.max_age)
                .max_attempts(plan.max_attempts)
                .overflow(plan.overflow)
                .on_undelivered(hook);
            let builder = if plan.wait_for_room { builder.wait_for_room() } else { builder };
            builder.spawn(client.connect().await?)?
        };
        let this = Arc::new(Self {
            memory,
            told: Mutex::default(),
            known: Mutex::default(),
            numbers: AtomicU64::new(0),
            address,
            service: tokio::sync::Mutex::new(Some(service)),
            tracker: Mutex::new(Some(tracker)),
            plan,
        });
        storm.set(Arc::clone(&this)).map_err(|_| "two storms")?;

        let mut actors = JoinSet::new();
        for actor in 0..this.plan.actors {
            actors.spawn(Arc::clone(&this).act(actor as u64));
        }
        while let Some(acted) = actors.join_next().await {
            acted??;
        }
        let accepted = this.end().await;
        if let Some(service) = this.service.lock().await.take() {
            service.stop().await;
        }
        if !this.plan.real_time {
            no_more_tasks_than(tasks).await?;
        }
        accepted
    }

    /// The hook's.
    fn told(&self, event: &EncodedEvent, why: &Undelivered) {
        let number = event.event_id().parse().expect("a number");
        let call = {
            let mut told = lock(&self.told);
            told.calls += 1;
            if told.fates.insert(number, why.clone()).is_some() {
                told.twice.push(number);
            }
            told.calls
        };
        if call % self.plan.hook_enqueues == 0 {
            // A clone that is gone before the hook ends.
            let tracker = lock(&self.tracker).clone();
            if let Some(tracker) = tracker {
                let number = self.number();
                self.note(number, tracker.enqueue(&happened(number, &mut Rng::with_seed(number))));
            }
        }
        if call % self.plan.hook_panics == 0 {
            lock(&self.told).panics += 1;
            // Without a word on standard error.
            std::panic::resume_unwind(Box::new("as planned"));
        }
    }

    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Relaxed)
    }

    fn note<T>(&self, number: u64, taken: Taken<T>) -> Option<T> {
        let mut known = lock(&self.known);
        match taken {
            Ok(taken) => {
                assert!(known.accepted.insert(number));
                Some(taken)
            }
            Err(TrackError::QueueFull | TrackError::ShutDown | TrackError::Invalid(_)) => {
                known.refused += 1;
                None
            }
            Err(other) => panic!("an event was not taken: {other}"),
        }
    }

    async fn act(self: Shared, actor: u64) -> Result {
        let mut rng = Rng::with_seed(self.plan.seed * 31 + actor);
        let tracker = lock(&self.tracker).clone().ok_or("no tracker")?;
        let mut waiters: Vec<(u64, JoinHandle<Taken<Ticket>>)> = Vec::new();
        let mut flushes: Vec<Flush> = Vec::new();
        for _ in 0..self.plan.steps {
            match rng.u8(0..24) {
                0..6 => {
                    for _ in 0..rng.u8(1..40) {
                        let number = self.number();
                        self.note(number, tracker.enqueue(&happened(number, &mut rng)));
                    }
                }
                6 => {
                    let (number, limit) = (self.number(), Duration::from_millis(rng.u64(1..5_000)));
                    self.note(number, tracker.enqueue_within(&happened(number, &mut rng), limit));
                }
                7..10 => {
                    let (number, tracker) = (self.number(), tracker.clone());
                    let event = happened(number, &mut rng);
                    waiters.push((number, tokio::spawn(async move { event.track(&tracker).await })));
                }
                10 => {
                    // A task that waits for capacity is given up, or it has its ticket.
                    if let Some((number, waiter)) = waiters.pop() {
                        waiter.abort();
                        self.waited(number, waiter).await?;
                    }
                }
                11 => drop(lock(&self.known).tickets.pop()),
                12..16 => self.memory.change(),
                16 => self.restart(&mut rng).await?,
                17 => {
                    let (covered, tracker) = (lock(&self.known).accepted.clone(), tracker.clone());
                    let flush = tokio::spawn(async move {
                        tracker.flush().await;
                        tracker.health().running
                    });
                    flushes.push((covered, flush));
                }
                18 => {
                    let mut flush = std::pin::pin!(tracker.flush());
                    let _ = std::future::poll_fn(|cx| std::task::Poll::Ready(flush.as_mut().poll(cx))).await;
                }
                19 if rng.u8(0..20) == 0 => {
                    let report = tracker.shutdown(self.pause(&mut rng)).await;
                    lock(&self.known).add(report);
                }
                _ => sleep(self.pause(&mut rng)).await,
            }
            check::adds_up(&tracker.stats(), &self.plan);
            let _ = (tracker.health(), tracker.drain_estimate());
            let mut open = Vec::new();
            for (number, waiter) in waiters {
                match waiter.is_finished() {
                    true => self.waited(number, waiter).await?,
                    false => open.push((number, waiter)),
                }
            }
            waiters = open;
            for (covered, flush) in flushes.extract_if(.., |(_, flush)| flush.is_finished()) {
                check::flushed(&self, &covered, flush.await?);
            }
        }
        for (number, waiter) in waiters {
            waiter.abort();
            self.waited(number, waiter).await?;
        }
        flushes.iter().for_each(|(_, flush)| flush.abort());
        Ok(())
    }

    async fn waited(&self, number: u64, waiter: JoinHandle<Taken<Ticket>>) -> Result {
        match waiter.await {
            Ok(taken) => {
                if let Some(ticket) = self.note(number, taken) {
                    lock(&self.known).tickets.push((number, ticket));
                }
                Ok(())
            }
            Err(given_up) if given_up.is_cancelled() => Ok(()),
            Err(panicked) => Err(panicked.into()),
        }
    }

    fn pause(&self, rng: &mut Rng) -> Duration {
        Duration::from_millis(match (self.plan.real_time, rng.u8(0..10)) {
            (true, _) => rng.u64(0..15),
            (false, 0..5) => rng.u64(0..50),
            (false, 5..9) => rng.u64(0..5_000),
            (false, _) => rng.u64(0..200_000),
        })
    }

    async fn restart(&self, rng: &mut Rng) -> Result {
        let mut service = self.service.lock().await;
        if let Some(service) = service.take() {
            service.stop().await;
        }
        sleep(self.pause(rng)).await;
        *service = Some(serve(self.address, &self.memory).await?);
        Ok(())
    }

    /// For what ends by itself. The other clock jumps.
    fn limit(&self) -> Duration {
        if self.plan.real_time { Duration::from_secs(2) } else { LONG }
    }

    async fn end(self: &Shared) -> Result<String> {
        let tracker = lock(&self.tracker).take().ok_or("no tracker")?;
        match self.plan.end {
            End::Flush => {
                self.memory.calm();
                let flushed = timeout(self.limit(), tracker.flush()).await;
                let running = tracker.health().running;
                if !self.plan.real_time && running {
                    let stats = flushed.map_err(|_| format!("a flush without end: {:?}", tracker.stats()))?;
                    check::adds_up(&stats, &self.plan);
                }
                let report = tracker.shutdown(Duration::ZERO).await;
                lock(&self.known).add(report);
            }
            End::Shutdown(limit) => {
                let report = tracker.shutdown(limit).await;
                lock(&self.known).add(report);
            }
            End::Shutdowns(one, other) => {
                {
                    let mut given_up = std::pin::pin!(tracker.shutdown(one));
                    let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(given_up.as_mut().poll(cx))).await;
                    if let std::task::Poll::Ready(report) = polled {
                        lock(&self.known).add(report);
                    }
                }
                let (one, other) = tokio::join!(tracker.shutdown(one), tracker.shutdown(other));
                [one, other].into_iter().for_each(|report| lock(&self.known).add(report));
            }
            End::Drop => {}
        }
        let stats = tracker.stats();
        if let End::Drop = self.plan.end {
            drop(tracker);
            // The delivery notices, and tells the hook of what it gives up.
            let _ = timeout(self.limit(), async {
                while !check::without_a_fate(self).is_empty() {
                    sleep(Duration::from_millis(10)).await;
                }
            })
            .await;
            check::all_have_a_fate(self);
        } else {
            check::all_have_one_fate(self, &stats);
        }
        check::tickets_agree(self).await;
        let (known, told) = (lock(&self.known), lock(&self.told));
        let handed_back = known.handed_back.len();
        Ok(format!(
            "{} accepted, the hook told of {}, {handed_back} handed back",
            known.accepted.len(),
            told.fates.len()
        ))
    }
}

async fn serve(address: SocketAddr, memory: &Arc<Memory>) -> Result<Service> {
    let memory = Arc::clone(memory);
    Service::start_at(address, move |call| memory.answer(call)).await
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
