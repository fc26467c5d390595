//! Events to look at.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use serde_json::json;
use talent_events::JobEventType::{self, *};
use talent_events::{ClientEvent, EventId, JobEvent, TalentClient, Timestamp};
use talent_events_emulator::Emulator;

use crate::Result;

pub(crate) const TENANT: &str = "projects/acme/tenants/board";

const JOBS: [&str; 8] = [
    "night-nurse-riga",
    "welder-gdansk",
    "paramedic-bergen",
    "midwife-tampere",
    "driver-porto",
    "cook-lyon",
    "teacher-brno",
    "physio-ljubljana",
];

/// An event of now.
pub(crate) fn event(what: JobEventType, request_id: &str, job: &str) -> Result<ClientEvent> {
    let mut event = ClientEvent::new(JobEvent::new(what, [format!("{TENANT}/jobs/{job}").parse()?]));
    event.request_id = Some(request_id.parse()?);
    Ok(event)
}

pub(crate) async fn client(emulator: &Emulator) -> Result<TalentClient> {
    Ok(TalentClient::builder(TENANT).emulator(emulator.host()).connect().await?)
}

/// An emulator that has recorded about this many events: searches of the last day and a half, and what came of them,
/// some of it amiss.
pub(crate) async fn emulator(count: usize) -> Result<Emulator> {
    let mut day = Day { dice: 4, events: Vec::new() };
    let mut searches = 0;
    while day.events.len() < count {
        searches += 1;
        day.search(&format!("search:{searches:06x}{:08x}/1=", day.dice as u32))?;
    }
    day.events.sort_by_key(|event| event.create_time);
    let mut lines = String::new();
    for event in &day.events {
        writeln!(lines, "{}", json!({"tenant": TENANT, "receivedAt": event.create_time, "event": event}))?;
    }
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), lines)?;
    let emulator = Emulator::start().await?;
    emulator.import(file.path()).await?;
    Ok(emulator)
}

struct Day {
    dice: u64,
    events: Vec<ClientEvent>,
}

impl Day {
    /// The same numbers below `n` in each run.
    fn below(&mut self, n: u64) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % n
    }

    fn search(&mut self, id: &str) -> Result {
        // More by day than by night, and the more the nearer to now.
        let mut ago = 60 + self.below(36 * 3_600).min(self.below(36 * 3_600));
        let first = self.below(JOBS.len() as u64) as usize;
        let shown: Vec<_> = (0..6).map(|n| JOBS[(first + n) % JOBS.len()]).collect();
        let page = format!("page 1 of {}", 1 + self.below(9));
        if self.below(50) > 0 {
            self.add(Impression, Some(id), &shown, ago, &page)?;
        }
        if self.below(90) == 0 {
            self.add(Impression, Some(id), &shown, ago - 5, &page)?;
        }
        let job = &shown[self.below(3) as usize..][..1];
        if self.below(70) == 0 {
            self.add(View, None, job, ago, "from an e-mail")?;
        }
        if self.below(100) >= 46 {
            return Ok(());
        }
        ago = ago.saturating_sub(10 + self.below(60));
        self.add(View, Some(id), job, ago, "position 1")?;
        if self.below(9) == 0 {
            self.add(Bookmark, Some(id), job, ago, "for later")?;
        }
        if self.below(100) >= 42 {
            return Ok(());
        }
        ago = ago.saturating_sub(40);
        self.add(ApplicationStart, Some(id), job, ago, "")?;
        if self.below(25) == 0 {
            self.add(ApplicationQuickSubmission, Some(id), job, ago, "with one click")?;
        }
        if self.below(100) < 70 {
            ago = ago.saturating_sub(7 * 60);
            self.add(ApplicationFinish, Some(id), job, ago, "Applied via mobile, 3 CV pages")?;
            if self.below(3) == 0 {
                ago = ago.saturating_sub(40 * 60);
                self.add(InterviewGranted, Some(id), job, ago, "")?;
                if self.below(5) < 2 {
                    self.add(Hired, Some(id), job, ago.saturating_sub(50 * 60), "")?;
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, what: JobEventType, id: Option<&str>, jobs: &[&str], ago: u64, notes: &str) -> Result {
        let jobs =
            jobs.iter().map(|job| format!("{TENANT}/jobs/{job}").parse()).collect::<std::result::Result<Vec<_>, _>>();
        let mut event = ClientEvent::new(JobEvent::new(what, jobs?));
        event.request_id = id.map(str::parse).transpose()?;
        event.event_id = EventId::new(format!("{}-{}", what.google_name().to_lowercase(), self.events.len()))?;
        event.create_time = Timestamp::try_from(SystemTime::now() - Duration::from_secs(ago))?;
        event.event_notes = notes.into();
        self.events.push(event);
        Ok(())
    }
}
