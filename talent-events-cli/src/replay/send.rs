//! One event, until it is taken or refused.

use std::time::Duration;

use talent_events::{Destination, EncodedEvent, TalentClient, TenantName, TrackError};
use talent_events_emulator::ndjson::{Entry, Event};
use tokio::time::sleep;

use crate::Failure;
use crate::input::Line;
use crate::options::ReplayOptions;

use super::pace::Pace;

const GOOGLE: &str = "https://jobs.googleapis.com";

/// The first pause before an event is sent again, and the longest; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub(super) struct Sender {
    client: TalentClient,
    pace: Pace,
    attempts: u32,
}

/// What became of a line.
pub(super) enum Outcome {
    /// There is no event in it.
    Nothing,
    Delivered,
    /// It is no event, or none that the service takes: sending it again is of no use.
    Refused {
        column: Option<usize>,
        words: String,
    },
    /// Not the event's fault, and the next one would fare no better.
    Failed(TrackError),
}

impl Sender {
    pub(super) async fn new(options: &ReplayOptions) -> Result<Self, Failure> {
        // Each event goes to its own tenant, so that the client's makes no difference.
        let builder = TalentClient::builder(TenantName::new("projects/replay/tenants/replay")?);
        let variable = std::env::var("TALENT_EMULATOR_HOST").ok().filter(|host| !host.is_empty());
        let builder = match (options.google, options.emulator.clone().or(variable)) {
            (true, _) => builder.endpoint(GOOGLE),
            (false, Some(emulator)) => builder.emulator(emulator),
            (false, None) => {
                let words =
                    "say where to send to: --emulator HOST:PORT, or the variable TALENT_EMULATOR_HOST, or --google";
                return Err(words.into());
            }
        };
        let pace = Pace::new(options.quota);
        Ok(Self { client: builder.connect().await?, pace, attempts: options.attempts.get() })
    }

    pub(super) async fn settle(&self, line: &Line) -> Outcome {
        match line.entry() {
            None => Outcome::Nothing,
            Some(Err(error)) => Outcome::Refused { column: error.column, words: error.words },
            Some(Ok(Entry::Event(event))) => match self.send(&event).await {
                Ok(()) => Outcome::Delivered,
                Err(e @ (TrackError::Invalid(_) | TrackError::Rejected(_))) => {
                    Outcome::Refused { column: None, words: e.to_string() }
                }
                Err(e) => Outcome::Failed(e),
            },
            Some(Ok(_)) => Outcome::Nothing,
        }
    }

    async fn send(&self, event: &Event) -> Result<(), TrackError> {
        let encoded = EncodedEvent::from_client_event(&event.event, &event.tenant)?;
        let mut pauses = std::iter::successors(Some(FIRST_PAUSE), |pause| Some((*pause * 2).min(LONGEST_PAUSE)));
        let mut failures = 0;
        loop {
            self.pace.turn().await;
            let Err(error) = self.client.deliver(encoded.clone()).await else { return Ok(()) };
            let pause = pauses.next().unwrap_or(LONGEST_PAUSE).max(error.retry_after().unwrap_or_default());
            // That the quota is used up is no failure of the service: it only takes its time.
            if let TrackError::OverQuota { .. } = error {
                self.pace.pause(error.retry_after().unwrap_or(pause));
                continue;
            }
            failures += 1;
            if !error.is_retryable() || failures >= self.attempts {
                return Err(error);
            }
            sleep(pause).await;
        }
    }
}
