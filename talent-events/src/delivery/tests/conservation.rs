//! No event is lost, invented or told of twice, whatever happens.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::fake::{Fake, Then, Told, balance, balanced};
use super::support::{event_of, number};
use crate::delivery::{Overflow, Quota, Report, Stats, Ticket, Tracker, Undelivered};
use crate::{Destination, JobEventType, TrackError};

#[derive(Clone, Debug)]
enum Step {
    Enqueue {
        many: u8,
        event_type: JobEventType,
        notes: u16,
    },
    EnqueueWithin {
        event_type: JobEventType,
        ms: u16,
    },
    Track(JobEventType),
    DropTicket,
    Service(Then),
    Latency(u16),
    /// Of the next events so many fail each time.
    Poison(u8),
    BreakWorker,
    Wait(u32),
    Flush,
    GiveUpFlush,
    GiveUpShutdown(u16),
}

#[derive(Clone, Copy, Debug)]
enum Last {
    Shutdown(u16),
    Drop,
}

#[derive(Clone, Debug)]
struct Program {
    quota: Option<u32>,
    max_events: usize,
    max_bytes: usize,
    in_flight: usize,
    drop_oldest: bool,
    steps: Vec<Step>,
    last: Last,
}

fn event_type() -> impl Strategy<Value = JobEventType> {
    prop::sample::select(vec![JobEventType::Impression, JobEventType::View, JobEventType::Hired])
}

fn then() -> impl Strategy<Value = Then> {
    prop_oneof![
        4 => Just(Then::Ok),
        1 => Just(Then::Rejected),
        1 => Just(Then::Unavailable),
        1 => Just(Then::NotPermitted),
        1 => (0..60_000u64).prop_map(|ms| Then::OverQuota(Some(Duration::from_millis(ms)))),
        1 => Just(Then::OverQuota(None)),
        1 => Just(Then::NotFound),
        1 => Just(Then::Exists),
        1 => Just(Then::Hang),
        1 => Just(Then::Panic),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..40u8, event_type(), 0..900u16)
            .prop_map(|(many, event_type, notes)| Step::Enqueue { many, event_type, notes }),
        2 => (event_type(), 1..5_000u16).prop_map(|(event_type, ms)| Step::EnqueueWithin { event_type, ms }),
        3 => event_type().prop_map(Step::Track),
        1 => Just(Step::DropTicket),
        5 => then().prop_map(Step::Service),
        1 => (0..2_000u16).prop_map(Step::Latency),
        2 => (1..20u8).prop_map(Step::Poison),
        1 => Just(Step::BreakWorker),
        6 => prop_oneof![0..50u32, 50..5_000u32, 5_000..200_000u32].prop_map(Step::Wait),
        2 => Just(Step::Flush),
        1 => Just(Step::GiveUpFlush),
        1 => (0..100u16).prop_map(Step::GiveUpShutdown),
    ]
}

fn program() -> impl Strategy<Value = Program> {
    (
        prop::option::weighted(0.3, 30..3_000u32),
        1..120usize,
        1_500..40_000usize,
        1..20usize,
        any::<bool>(),
        prop::collection::vec(step(), 1..60),
        prop_oneof![3 => (0..3_000u16).prop_map(Last::Shutdown), 1 => Just(Last::Drop)],
    )
        .prop_map(|(quota, max_events, max_bytes, in_flight, drop_oldest, steps, last)| Program {
            quota,
            max_events,
            max_bytes,
            in_flight,
            drop_oldest,
            steps,
            last,
        })
}

/// What it answered when so many had been told of.
type Flush = JoinHandle<(Stats, usize)>;

/// What can be known from outside: what was accepted, what the service took, what the hook was told.
struct World {
    fake: Fake,
    told: Told,
    tracker: Tracker,
    program: Program,
    tried: usize,
    accepted: BTreeSet<usize>,
    refused: u64,
    tickets: Vec<(usize, Ticket)>,
    /// With what each covers.
    flushes: Vec<(BTreeSet<usize>, Flush)>,
    closed: bool,
}

impl World {
    fn new(program: Program) -> Self {
        let (fake, told) = (Fake::with(program.quota.map(Quota::per_minute)), Told::default());
        let builder = Tracker::builder()
            .max_events(program.max_events)
            .max_bytes(program.max_bytes)
            .max_in_flight(program.in_flight)
            .max_age(Duration::from_secs(120))
            .max_attempts(3)
            .overflow(if program.drop_oldest { Overflow::DropOldest } else { Overflow::Refuse })
            .on_undelivered(told.hook());
        let tracker = fake.tracker_by(builder);
        Self {
            fake,
            told,
            tracker,
            program,
            tried: 0,
            accepted: BTreeSet::new(),
            refused: 0,
            tickets: Vec::new(),
            flushes: Vec::new(),
            closed: false,
        }
    }

    fn note(&mut self, number: usize, taken: Result<(), TrackError>) {
        match taken {
            Ok(()) => {
                assert!(!self.closed, "taken after the shutdown");
                self.accepted.insert(number);
            }
            Err(error) => {
                assert!(matches!(error, TrackError::ShutDown) == self.closed, "{error}");
                self.refused += 1;
            }
        }
    }

    fn number(&mut self) -> usize {
        self.tried += 1;
        self.tried
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Enqueue { many, event_type, notes } => {
                for _ in 0..many {
                    let number = self.number();
                    let event = event_of(number, event_type, notes.into());
                    let taken = self.tracker.enqueue_encoded(event).map_err(|not_queued| not_queued.error);
                    self.note(number, taken);
                }
            }
            Step::EnqueueWithin { event_type, ms } => {
                let number = self.number();
                let (event, now) = (event_of(number, event_type, 0), tokio::time::Instant::now());
                let within = Some(Duration::from_millis(ms.into()));
                let taken = self.tracker.backlog().push_event(event, None, within, now);
                self.note(number, taken);
            }
            Step::Track(event_type) => {
                let number = self.number();
                let taken = self.tracker.deliver(event_of(number, event_type, 0)).await;
                let taken = taken.map(|ticket| self.tickets.push((number, ticket)));
                self.note(number, taken);
            }
            Step::DropTicket => drop(self.tickets.pop()),
            Step::Service(then) => self.fake.always(then),
            Step::Latency(ms) => self.fake.state().latency = Duration::from_millis(ms.into()),
            Step::Poison(many) => self.fake.state().poison = self.tried + 1..self.tried + 1 + usize::from(many),
            Step::BreakWorker => self.fake.state().break_worker = true,
            Step::Wait(ms) => sleep(Duration::from_millis(ms.into())).await,
            Step::Flush => {
                let (tracker, told) = (self.tracker.clone(), self.told.clone());
                // The mark is set when it is first polled.
                let flush = tokio::spawn(async move { (tracker.flush().await, told.all().len()) });
                tokio::task::yield_now().await;
                self.flushes.push((self.accepted.clone(), flush));
            }
            Step::GiveUpFlush => {
                let mut flush = std::pin::pin!(self.tracker.flush());
                let _ = std::future::poll_fn(|cx| std::task::Poll::Ready(flush.as_mut().poll(cx))).await;
            }
            Step::GiveUpShutdown(ms) if ms < 10 && !self.closed => {
                let mut shutdown = std::pin::pin!(self.tracker.shutdown(Duration::from_secs(1)));
                if let std::task::Poll::Ready(report) =
                    std::future::poll_fn(|cx| std::task::Poll::Ready(shutdown.as_mut().poll(cx))).await
                {
                    assert!(report.remaining.is_empty(), "nothing waited");
                }
                self.closed = true;
            }
            Step::GiveUpShutdown(_) => {}
        }
    }

    /// What left the queue, as the outside knows it; nothing twice.
    fn ended(&self) -> (BTreeSet<usize>, BTreeSet<usize>) {
        let delivered = self.fake.delivered();
        let taken: BTreeSet<_> = delivered.iter().copied().collect();
        let told = self.told.numbers();
        let lost: BTreeSet<_> = told.iter().copied().collect();
        assert_eq!(lost.len(), told.len(), "told of twice");
        assert!(taken.is_subset(&self.accepted) && lost.is_subset(&self.accepted));
        (taken, lost)
    }

    async fn check(&mut self) {
        balance(&self.tracker);
        let stats = self.tracker.stats();
        assert_eq!(stats.accepted, self.accepted.len() as u64);
        assert_eq!(stats.refused.total(), self.refused);
        assert!(stats.waiting <= self.program.max_events as u64 && stats.in_flight <= self.program.in_flight as u64);
        assert!(stats.waiting_bytes <= self.program.max_bytes as u64);
        assert!(stats.waiting_bytes >= 40 * stats.waiting);
        let (taken, lost) = self.ended();
        assert!(stats.delivered <= taken.len() as u64);
        let by = |which: fn(&Undelivered) -> bool| self.told.all().iter().filter(|(_, why)| which(why)).count() as u64;
        assert_eq!(stats.rejected, by(|why| matches!(why, Undelivered::Rejected(_))));
        assert_eq!(stats.expired, by(|why| matches!(why, Undelivered::Expired(_) | Undelivered::Exhausted(_))));
        assert_eq!(stats.dropped.overflow, by(|why| matches!(why, Undelivered::Overflow)));
        for (covered, flush) in self.flushes.extract_if(.., |(_, flush)| flush.is_finished()) {
            let (stats, told) = flush.await.unwrap();
            assert_eq!(undelivered(&stats), told as u64, "a flush was over before the hook was told");
            if self.tracker.health().running || !self.closed {
                let open: Vec<_> = covered.iter().filter(|n| !taken.contains(n) && !lost.contains(n)).collect();
                assert!(open.is_empty(), "a flush left {open:?}");
            }
        }
        for (covered, flush) in &self.flushes {
            if covered.iter().all(|n| taken.contains(n) || lost.contains(n)) {
                // It was woken; now it may run.
                tokio::task::yield_now().await;
                assert!(flush.is_finished(), "a flush waits for nothing");
            }
        }
    }

    async fn shut_down(mut self, ms: u16) {
        let begun = tokio::time::Instant::now();
        let deadline = Duration::from_millis(ms.into());
        let Report { stats, remaining, .. } = self.tracker.shutdown(deadline).await;
        let in_doubt = remaining.in_doubt();
        let waiting: Vec<_> = remaining.collect();
        assert!(begun.elapsed() <= deadline + Duration::from_millis(50), "{:?}", begun.elapsed());
        assert_eq!(undelivered(&stats), self.told.all().len() as u64, "it was over before the hook was told");
        self.closed = true;
        let back: BTreeSet<_> = waiting.iter().map(number).collect();
        assert_eq!((back.len(), stats.waiting), (waiting.len(), waiting.len() as u64), "handed back twice");
        self.check().await;
        let (taken, lost) = self.ended();
        let doubtful: BTreeSet<_> = waiting[..in_doubt].iter().map(number).collect();
        assert!(back.is_disjoint(&lost));
        assert!(
            back.intersection(&taken).all(|n| doubtful.contains(n) || stats.retried > 0 || stats.worker_restarts > 0)
        );
        let all: BTreeSet<_> = back.union(&lost).chain(&taken).copied().collect();
        assert_eq!(all, self.accepted, "lost without a word");
        for (number, ticket) in self.tickets {
            match ticket.await {
                Ok(()) => assert!(taken.contains(&number)),
                Err(Undelivered::HandedBack) => assert!(back.contains(&number)),
                Err(_) => assert!(lost.contains(&number)),
            }
        }
        for (_, flush) in self.flushes {
            flush.await.unwrap();
        }
    }

    async fn drop_tracker(self) {
        for (_, flush) in &self.flushes {
            flush.abort();
        }
        let Self { fake, told, tracker, tickets, accepted, .. } = self;
        let queue = Arc::clone(tracker.backlog());
        drop(tracker);
        // Longer than a worker that was broken twice needs to come back.
        sleep(Duration::from_secs(5)).await;
        let taken: BTreeSet<_> = fake.delivered().into_iter().collect();
        let lost: BTreeSet<_> = told.numbers().into_iter().collect();
        assert_eq!(taken.union(&lost).copied().collect::<BTreeSet<_>>(), accepted, "lost without a word");
        let stats = queue.stats();
        balanced(&stats);
        let abandoned = told.all().iter().filter(|(_, why)| matches!(why, Undelivered::Abandoned)).count() as u64;
        assert_eq!((stats.waiting, stats.dropped.abandoned), (0, abandoned), "{stats:?}");
        for (number, ticket) in tickets {
            assert_eq!(ticket.await.is_ok(), taken.contains(&number) && !lost.contains(&number));
        }
    }
}

/// Of which the hook is told.
fn undelivered(stats: &Stats) -> u64 {
    stats.rejected + stats.expired + stats.dropped.total()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn accounts_are_in_order_at_every_moment(program in program()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        // The same program goes the same way, so that it can be made smaller.
        fastrand::seed(7);
        runtime.block_on(async {
            let steps = program.steps.clone();
            let last = program.last;
            let mut world = World::new(program);
            for step in steps {
                world.step(step).await;
                world.check().await;
            }
            match last {
                Last::Shutdown(ms) => world.shut_down(ms).await,
                Last::Drop => world.drop_tracker().await,
            }
        });
    }
}
