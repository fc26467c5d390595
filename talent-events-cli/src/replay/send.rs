//! One event, until it is taken or refused.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use talent_events::{Destination, EncodedEvent, TalentClient, TenantName, TrackError};
use talent_events_emulator::ndjson::{Entry, Event};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::input::Line;
use crate::options::ReplayOptions;

use super::pace::{self, Pace};

const GOOGLE: &str = "https://jobs.googleapis.com";

/// The first pause before an event is sent again, and the longest that nobody asked for; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// For so long a further attempt is not told again that was told of another event.
const SILENCE: Duration = Duration::from_secs(5);

pub(super) struct Sender {
    client: TalentClient,
    target: String,
    pace: Pace,
    attempts: u32,
    /// Whether the replay is to end.
    ended: watch::Receiver<bool>,
    /// For people, while it goes on.
    notes: mpsc::Sender<String>,
    /// The last attempt that was told.
    told: Mutex<Option<(u32, Instant)>>,
    /// Events whose answer is to come.
    on_their_way: AtomicUsize,
}

/// What became of a line.
pub(super) enum Outcome {
    /// There is no event in it.
    Nothing,
    /// It names a request id that is known, which is no event.
    Known,
    Delivered,
    /// It is no event, or none that the service takes: sending it again is of no use.
    Refused {
        column: Option<usize>,
        words: String,
    },
    /// Not the event's fault, and the next one would fare no better.
    Failed(TrackError),
    /// The replay ended before it was its turn, or its turn to be tried again.
    Unsent,
}

/// Waits until the replay is to end.
pub(super) async fn over(mut ended: watch::Receiver<bool>) {
    // Where nobody is left to say so, it is.
    let _ = ended.wait_for(|ended| *ended).await;
}

impl Sender {
    pub(super) async fn new(
        options: &ReplayOptions,
        ended: watch::Receiver<bool>,
        notes: mpsc::Sender<String>,
    ) -> Result<Self, Failure> {
        // Each event goes to its own tenant, so that the client's makes no difference.
        let builder = TalentClient::builder(TenantName::new("projects/replay/tenants/replay")?);
        let variable = std::env::var("TALENT_EMULATOR_HOST").ok().filter(|host| !host.is_empty());
        let (builder, target) = match (options.google, options.emulator.clone().or(variable)) {
            (true, _) => (builder.endpoint(GOOGLE), GOOGLE.to_owned()),
            (false, Some(emulator)) => (builder.emulator(&emulator), emulator),
            (false, None) => {
                let words =
                    "say where to send to: --emulator HOST:PORT, or the variable TALENT_EMULATOR_HOST, or --google";
                return Err(words.into());
            }
        };
        let pace = Pace::new(options.quota);
        let client = builder.connect().await?;
        let attempts = options.attempts.get();
        let (told, on_their_way) = (Mutex::default(), AtomicUsize::new(0));
        Ok(Self { client, target, pace, attempts, ended, notes, told, on_their_way })
    }

    /// Where the events go.
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// Whether an event is sent whose answer is to come.
    pub(super) fn is_waiting_for_answers(&self) -> bool {
        self.on_their_way.load(Ordering::Relaxed) > 0
    }

    pub(super) async fn settle(&self, line: &Line) -> Outcome {
        match line.entry() {
            None => Outcome::Nothing,
            Some(Err(error)) => Outcome::Refused { column: error.column, words: error.message },
            Some(Ok(Entry::Event(event))) => match self.send(&event).await {
                Ok(Some(())) => Outcome::Delivered,
                Ok(None) => Outcome::Unsent,
                Err(e @ (TrackError::Invalid(_) | TrackError::Rejected(_))) => {
                    Outcome::Refused { column: None, words: e.to_string() }
                }
                Err(e) => Outcome::Failed(e),
            },
            Some(Ok(Entry::KnownRequestId(_))) => Outcome::Known,
            Some(Ok(_)) => Outcome::Nothing,
        }
    }

    /// `None` where the replay ends before the event is settled.
    async fn send(&self, event: &Event) -> Result<Option<()>, TrackError> {
        let encoded = EncodedEvent::from_client_event(&event.event, &event.tenant)?;
        let mut pauses = std::iter::successors(Some(FIRST_PAUSE), |pause| Some((*pause * 2).min(LONGEST_PAUSE)));
        let mut failures = 0;
        loop {
            if self.unless_over(self.pace.turn()).await.is_none() {
                return Ok(None);
            }
            let Err(error) = self.deliver(encoded.clone()).await else {
                self.pace.taken();
                return Ok(Some(()));
            };
            let asked = error.retry_after().map(|asked| asked.min(pace::LONGEST_PAUSE));
            let pause = pauses.next().unwrap_or(LONGEST_PAUSE);
            // That the quota is used up is no failure of the service: it only takes its time.
            if let TrackError::OverQuota { .. } = error {
                let pause = asked.unwrap_or(pause);
                if !self.pace.pause(pause) {
                    return Err(error);
                }
                self.tell(0, || format!("waiting {pause:.1?}: {error}"));
                continue;
            }
            failures += 1;
            if !error.is_retryable() || failures >= self.attempts {
                return Err(error);
            }
            let attempt = failures + 1;
            self.tell(attempt, || {
                let what = match error {
                    // There is a cause where there was no answer.
                    TrackError::Unavailable { source: Some(_), .. } => "not reachable",
                    _ => "not taken",
                };
                format!("{what}, trying again ({attempt} of {}): {error}", self.attempts)
            });
            if self.unless_over(sleep(pause.max(asked.unwrap_or_default()))).await.is_none() {
                return Ok(None);
            }
        }
    }

    async fn deliver(&self, event: EncodedEvent) -> Result<(), TrackError> {
        self.on_their_way.fetch_add(1, Ordering::Relaxed);
        let delivered = self.client.deliver(event).await;
        self.on_their_way.fetch_sub(1, Ordering::Relaxed);
        delivered.map(drop)
    }

    async fn unless_over(&self, wait: impl Future<Output = ()>) -> Option<()> {
        tokio::select! {
            biased;
            () = over(self.ended.clone()) => None,
            () = wait => Some(()),
        }
    }

    /// That an event is tried again: once for all that fail together, as they do when the service is gone.
    fn tell(&self, attempt: u32, words: impl FnOnce() -> String) {
        if *self.ended.borrow() {
            return;
        }
        let now = Instant::now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_some_and(|(last, at)| attempt <= last && now < at + SILENCE) {
            return;
        }
        *told = Some((attempt, now));
        // Nobody waits for a note, and a lost one is no loss.
        let _ = self.notes.try_send(words());
    }
}
