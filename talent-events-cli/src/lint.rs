//! `talent-events lint`: checks events, and finds the defects between them.

mod table;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};
use talent_events::event::InvalidField;
use talent_events::event::rules::{Checker, Defect};
use talent_events::{ClientEvent, EventId, JobEventType, JobName, RequestId, TenantName};
use talent_events_emulator::ndjson::{Entry, Event, LineError};

use crate::input::{Input, place};
use crate::options::LintOptions;
use crate::{End, Failure, count, harmless, unless_nobody_reads, visible};

use table::Row;

/// Maximum number of malformed lines in a report.
const MAX_NAMED: usize = 1_000;

pub(crate) fn run(options: &LintOptions) -> Result<End, Failure> {
    check(&options.file, options.json)
}

/// Reads the file and prints its defects.
///
/// It holds all events in memory, because the rules are about the whole set.
pub(crate) fn check(file: &Path, as_json: bool) -> Result<End, Failure> {
    let findings = Findings::of(Input::open(file)?)?;
    unless_nobody_reads(findings.print(as_json))?;
    Ok(if findings.malformed == 0 && findings.defects.is_empty() { End::Clean } else { End::Findings })
}

struct Findings {
    name: String,
    events: u64,
    malformed: u64,
    /// The first [`MAX_NAMED`] of them.
    named: Vec<(u64, LineError)>,
    defects: Vec<Found>,
    tenants: usize,
}

/// A defect with the lines of its events.
struct Found {
    tenant: TenantName,
    defect: Defect,
    lines: Vec<u64>,
}

/// The events of a tenant. Two tenants do not share request ids.
struct Tenant {
    /// The name in the first event. A project has an id and a number, so other events may have another name.
    name: TenantName,
    events: Vec<(u64, ClientEvent)>,
    /// The request ids that the client has made up, by its own words.
    synthetic: HashSet<RequestId>,
}

impl Tenant {
    fn new(name: TenantName) -> Self {
        Self { name, events: Vec::new(), synthetic: HashSet::new() }
    }
}

/// The key of an event. Two events may have the same id.
type Identity<'e> = (Option<&'e RequestId>, &'e EventId, JobEventType, &'e [JobName]);

fn identity(event: &ClientEvent) -> Identity<'_> {
    (event.request_id.as_ref(), &event.event_id, event.job_event.r#type, &*event.job_event.jobs)
}

impl Findings {
    fn of(mut input: Input) -> Result<Self, Failure> {
        let name = input.name().to_owned();
        let mut findings = Self { name, events: 0, malformed: 0, named: Vec::new(), defects: Vec::new(), tenants: 0 };
        let mut tenants = BTreeMap::<String, Tenant>::new();
        let mut known = HashSet::<RequestId>::new();
        while let Some(line) = input.next()? {
            match line.entry() {
                None => {}
                Some(Ok(Entry::Event(event))) => {
                    findings.events += 1;
                    let Event { tenant, event, synthetic_request_id, .. } = *event;
                    let key = tenant.tenant().to_owned();
                    let tenant = tenants.entry(key).or_insert_with(|| Tenant::new(tenant));
                    if synthetic_request_id {
                        tenant.synthetic.extend(event.request_id.clone());
                    }
                    tenant.events.push((line.number, event));
                }
                Some(Ok(Entry::KnownRequestId(id))) => drop(known.insert(id)),
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    findings.malformed += 1;
                    if findings.named.len() < MAX_NAMED {
                        findings.named.push((line.number, error));
                    }
                }
            }
        }
        findings.tenants = tenants.len();
        for Tenant { name, events, synthetic } in tenants.values() {
            let is_synthetic = |id: &RequestId| synthetic.contains(id) || (!known.is_empty() && !known.contains(id));
            let checker = Checker::new().synthetic(is_synthetic);
            // The first line of each event.
            let mut lines = HashMap::new();
            for (line, event) in events {
                lines.entry(identity(event)).or_insert(*line);
            }
            checker.check_with(events.iter().map(|(_, event)| event), |defect, shown_by| {
                let lines = shown_by.iter().filter_map(|event| lines.get(&identity(event)).copied()).collect();
                findings.defects.push(Found { tenant: name.clone(), defect, lines });
            });
        }
        Ok(findings)
    }

    fn print(&self, as_json: bool) -> io::Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        if as_json {
            writeln!(out, "{:#}", self.json())?;
        } else {
            self.table(&mut out)?;
        }
        out.flush()
    }

    fn json(&self) -> Value {
        let malformed =
            |(line, error): &(u64, LineError)| json!({"line": line, "column": error.column, "message": error.message});
        let defect = |Found { tenant, defect, lines }: &Found| {
            let events = defect.typed_events().zip(lines);
            let events = events.map(|((t, id), line)| json!({"type": t, "eventId": id, "line": line}));
            json!({
                "rule": defect.rule.id(),
                "severity": defect.rule.severity().to_string(),
                "source": defect.rule.source().to_string(),
                "sentence": defect.rule.sentence(),
                "tenant": tenant,
                "requestId": defect.request_id,
                "job": defect.job,
                "events": events.collect::<Vec<_>>(),
            })
        };
        json!({
            "events": self.events,
            "malformedLines": self.malformed,
            "malformed": self.named.iter().map(malformed).collect::<Vec<_>>(),
            "defects": self.defects.iter().map(defect).collect::<Vec<_>>(),
        })
    }

    fn table(&self, out: &mut impl Write) -> io::Result<()> {
        let width = table::width();
        for (line, error) in &self.named {
            let message = harmless(&error.message);
            table::paragraph(out, &format!("{}: {message}", place(&visible(&self.name), *line, error.column)), width)?;
        }
        if self.malformed > self.named.len() as u64 {
            writeln!(out, "and {} more", count(self.malformed - self.named.len() as u64, "malformed line"))?;
        }
        let row = |found: &Found| Row {
            severity: found.defect.rule.severity().to_string(),
            rule: found.defect.rule.id().into(),
            lines: found.lines.clone(),
            at: self.at(found),
        };
        table::print(out, &self.defects.iter().map(row).collect::<Vec<_>>(), width)?;
        let broken: BTreeMap<_, _> =
            self.defects.iter().map(|found| (found.defect.rule.id(), found.defect.rule)).collect();
        if !broken.is_empty() {
            writeln!(out)?;
        }
        for (id, rule) in broken {
            table::paragraph(out, &format!("{id} ({}): {}", rule.source(), rule.sentence()), width)?;
        }
        writeln!(
            out,
            "{}, {}, {}",
            count(self.events, "event"),
            count(self.malformed, "malformed line"),
            count(self.defects.len() as u64, "defect")
        )
    }

    /// `search "7f", job "42"`, with the tenant if there are several.
    fn at(&self, Found { defect, tenant, .. }: &Found) -> String {
        let search = defect.request_id.as_ref().map(|id| format!("search {}", InvalidField::quote(id.as_str())));
        let job = defect.job.as_ref().map(|job| format!("job {}", InvalidField::quote(job.job())));
        let tenant = (self.tenants > 1).then(|| format!("tenant {}", InvalidField::quote(tenant.as_str())));
        search.into_iter().chain(job).chain(tenant).collect::<Vec<_>>().join(", ")
    }
}
