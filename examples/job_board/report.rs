//! What was done with the day, line by line and in sum.

use std::io::{self, Write};

use talent_events::event::InvalidField;
use talent_events::event::rules::{self, Defect};
use talent_events::{ClientEvent, TrackError};

use crate::service::Service;
use crate::tally::Tally;
use crate::{Failure, IN_FLIGHT};

/// Most lines, and most defects, that are named one by one.
const MAX_NAMED: usize = 100;

/// Most receipts that are kept where the service can not be asked what it has recorded.
const MAX_RECEIPTS: usize = 100_000;

/// Most characters of a reason.
const MAX_REASON_CHARS: usize = 500;

pub(crate) enum Outcome {
    /// The service answered OK.
    Delivered(ClientEvent),
    /// Not meant for the service.
    Skipped,
    Malformed(String),
    Failed(TrackError),
    Unreadable(io::Error),
    Blank,
}

/// How often Ctrl-C was pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupted {
    No,
    /// What was on its way has got its answer.
    Once,
    /// It was not waited for.
    Twice,
}

#[derive(Default)]
pub(crate) struct Report {
    delivered: u64,
    rejected: u64,
    skipped: u64,
    /// How many, and the first of them.
    undelivered: (u64, String),
    last_line: u64,
    named: Vec<String>,
    receipts: Vec<ClientEvent>,
    keeps_receipts: bool,
    failure: Option<Failure>,
}

impl Report {
    pub(crate) fn new(service: &Service) -> Self {
        Self { keeps_receipts: service.emulator().is_none(), ..Self::default() }
    }

    pub(crate) fn add(&mut self, line: u64, outcome: Outcome) {
        self.last_line = line;
        match outcome {
            Outcome::Delivered(receipt) => {
                self.delivered += 1;
                if self.keeps_receipts && self.receipts.len() < MAX_RECEIPTS {
                    self.receipts.push(receipt);
                }
            }
            Outcome::Skipped => self.skipped += 1,
            Outcome::Malformed(reason) => {
                self.rejected += 1;
                self.name(line, "malformed", &reason);
            }
            Outcome::Failed(e @ (TrackError::Invalid(_) | TrackError::Rejected(_))) => {
                self.rejected += 1;
                self.name(line, "refused", &e.to_string());
            }
            // Not this event's fault, and the next one would fare no better.
            Outcome::Failed(e) => {
                self.undelivered.0 += 1;
                if self.undelivered.0 == 1 {
                    self.undelivered.1 = format!("line {line}: {}", harmless(&e.to_string()));
                }
                self.failure.get_or_insert(e.into());
            }
            Outcome::Unreadable(e) => {
                self.failure.get_or_insert(format!("can not read line {line}: {e}").into());
            }
            Outcome::Blank => {}
        }
    }

    /// What keeps the program from going on.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    pub(crate) fn into_failure(self) -> Option<Failure> {
        self.failure
    }

    pub(crate) fn print(&self, out: &mut impl Write, service: &Service, interrupted: Interrupted) -> io::Result<()> {
        let recorded: Vec<ClientEvent>;
        let (events, by) = match service.emulator() {
            Some(emulator) => {
                recorded = emulator.events().into_iter().map(|r| r.event).collect();
                (&recorded, "as the emulator in this program has recorded them")
            }
            None => (&self.receipts, "by the service's answers"),
        };
        writeln!(out, "Events of {}, {by}:\n", service.tenant())?;
        if (events.len() as u64) < self.delivered {
            writeln!(out, "(What follows is of the first {} events.)\n", events.len())?;
        }
        writeln!(out, "{}", Tally::of(events))?;
        if !events.is_empty() {
            print_defects(out, &rules::check(events))?;
        }
        self.print_rejected(out)?;
        if let (n @ 1.., first) = &self.undelivered {
            writeln!(out, "{} not delivered, first {first}\n", count(*n, "event"))?;
        }
        if interrupted != Interrupted::No || self.failure.is_some() {
            writeln!(out, "It ended early: no line after line {} is accounted for.", self.last_line)?;
            if interrupted == Interrupted::Twice {
                writeln!(out, "Some of the next {IN_FLIGHT} may have arrived.")?;
            }
            writeln!(out)?;
        }
        let lines = self.delivered + self.rejected + self.skipped;
        writeln!(out, "Of {}: answered OK, malformed or refused, not meant for the service:", count(lines, "line"))?;
        writeln!(out, "delivered {}, rejected {}, skipped {}", self.delivered, self.rejected, self.skipped)?;
        out.flush()
    }

    fn print_rejected(&self, out: &mut impl Write) -> io::Result<()> {
        if self.rejected == 0 {
            return Ok(());
        }
        writeln!(out, "{} rejected:", count(self.rejected, "line"))?;
        for line in &self.named {
            writeln!(out, "  {line}")?;
        }
        print_more(out, self.rejected - self.named.len() as u64)
    }

    fn name(&mut self, line: u64, what: &str, reason: &str) {
        if self.named.len() < MAX_NAMED {
            self.named.push(format!("line {line}, {what}: {}", harmless(reason)));
        }
    }
}

fn print_defects(out: &mut impl Write, defects: &[Defect]) -> io::Result<()> {
    if defects.is_empty() {
        return writeln!(out, "The events fit together: no defects.\n");
    }
    writeln!(out, "{} among the events that arrived:", count(defects.len() as u64, "defect"))?;
    for defect in defects.iter().take(MAX_NAMED) {
        writeln!(out, "  {}", defect.rule)?;
        let search = defect.request_id.as_ref().map(|id| format!("search {}", InvalidField::quote(id.as_str())));
        let job = defect.job.as_ref().map(|job| format!("job {}", InvalidField::quote(job.job())));
        let place: Vec<_> = search.into_iter().chain(job).collect();
        writeln!(out, "      {}", if place.is_empty() { "several jobs, no search".into() } else { place.join(", ") })?;
    }
    print_more(out, defects.len().saturating_sub(MAX_NAMED) as u64)
}

fn print_more(out: &mut impl Write, more: u64) -> io::Result<()> {
    if more > 0 {
        writeln!(out, "  and {more} more")?;
    }
    writeln!(out)
}

fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Foreign words in one line, without what a terminal would obey.
fn harmless(words: &str) -> String {
    let mut shown: String =
        words.chars().take(MAX_REASON_CHARS).map(|c| if c.is_control() { '�' } else { c }).collect();
    if words.chars().nth(MAX_REASON_CHARS).is_some() {
        shown.push('…');
    }
    shown
}
