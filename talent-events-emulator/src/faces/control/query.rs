//! The query of `/emulator/v1/events`.

use std::collections::HashSet;

use talent_events::{InvalidField, JobEventType, RequestId, Timestamp};
use tonic::Status;

use crate::http::{invalid_request, query_pairs};
use crate::store::Recorded;
use crate::text::{DUPLICATE, escape, invalid, suggest};

/// The default and the maximum number of events in a response.
const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1_000;

/// The names of the parameters.
const PARAMETERS: [&str; 11] =
    ["type", "requestId", "eventId", "job", "discarded", "from", "until", "after", "before", "limit", "order"];

/// The requested events. An event has to match all conditions.
#[derive(Debug)]
pub(super) struct Query {
    conditions: Conditions,
    /// Only events with a greater number.
    pub(super) after: usize,
    /// Only events with a smaller number.
    pub(super) before: Option<usize>,
    pub(super) limit: usize,
    pub(super) order: Order,
}

#[derive(Debug, Default)]
struct Conditions {
    r#type: Option<JobEventType>,
    request_id: Option<RequestId>,
    event_id: Option<String>,
    /// A bare id or a whole name.
    job: Option<String>,
    discarded: Option<bool>,
    /// Compared with the time of creation, inclusive.
    from: Option<Timestamp>,
    /// Compared with the time of creation, exclusive.
    until: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    #[default]
    Oldest,
    Newest,
}

impl Query {
    /// Reports all errors at once.
    pub(super) fn read(query: Option<&str>) -> Result<Self, Status> {
        let mut read = Self {
            conditions: Conditions::default(),
            after: 0,
            before: None,
            limit: DEFAULT_LIMIT,
            order: Order::default(),
        };
        let (mut errors, mut seen) = (Vec::new(), HashSet::new());
        for (name, value) in query_pairs(query.unwrap_or_default())? {
            let set = match seen.insert(name.clone()) {
                true => read.set(&name, &value),
                false => Err(invalid("", "each parameter once", DUPLICATE)),
            };
            errors.extend(set.err().map(|e| e.at(escape(&name))));
        }
        if errors.is_empty() { Ok(read) } else { Err(invalid_request(&errors)) }
    }

    /// The caller replaces the field of an error.
    fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidField> {
        let wrong = |expected: String| invalid("", expected, InvalidField::quote(value));
        let number = || value.parse::<usize>().map_err(|_| wrong("a whole number from 0".into()));
        let conditions = &mut self.conditions;
        match name {
            "type" => {
                let named = value.parse().ok();
                let found = named.or_else(|| JobEventType::from_number(value.parse().ok()?));
                conditions.r#type = Some(found.ok_or_else(|| {
                    let error = wrong("the name or the number of one of the 15 types, e.g. VIEW".into());
                    suggest(error, value, JobEventType::ALL.map(JobEventType::google_name))
                })?);
            }
            "requestId" => conditions.request_id = Some(RequestId::new(value)?),
            "eventId" => conditions.event_id = Some(value.into()),
            "job" => conditions.job = Some(value.into()),
            "discarded" => conditions.discarded = Some(value.parse().map_err(|_| wrong("true or false".into()))?),
            "from" => conditions.from = Some(value.parse()?),
            "until" => conditions.until = Some(value.parse()?),
            "after" => self.after = number()?,
            "before" => self.before = Some(number()?),
            "limit" => match value.parse() {
                Ok(limit @ 1..=MAX_LIMIT) => self.limit = limit,
                _ => return Err(wrong(format!("1 to {MAX_LIMIT}"))),
            },
            "order" => match value {
                "oldest" => self.order = Order::Oldest,
                "newest" => self.order = Order::Newest,
                _ => return Err(wrong("oldest or newest".into())),
            },
            _ => {
                let error = invalid("", PARAMETERS.join(", "), "an unknown parameter");
                return Err(suggest(error, name, PARAMETERS));
            }
        }
        Ok(())
    }

    pub(super) fn matches(&self, recorded: &Recorded) -> bool {
        let event = &recorded.event;
        let Conditions { r#type, request_id, event_id, job, discarded, from, until } = &self.conditions;
        r#type.is_none_or(|t| t == event.job_event.r#type)
            && discarded.is_none_or(|discarded| discarded == recorded.discarded)
            && request_id.as_ref().is_none_or(|id| event.request_id.as_ref() == Some(id))
            && event_id.as_ref().is_none_or(|id| event.event_id.as_str() == id)
            && from.is_none_or(|from| from <= event.create_time)
            && until.is_none_or(|until| event.create_time < until)
            && job
                .as_ref()
                .is_none_or(|text| event.job_event.jobs.iter().any(|job| job.as_str() == text || job.job() == text))
    }
}
