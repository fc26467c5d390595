//! For arbitrary valid values, said in any order, prost and the SDK itself read the same event from the bytes.

use std::fmt;
use std::time::SystemTime;

use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;
use talent_events::event::limits::{MAX_JOBS, MAX_NOTES_CHARS, MAX_TIMESTAMP_SECONDS, MIN_TIMESTAMP_SECONDS};
use talent_events::event::{Envelope, EventWriter};
use talent_events::{
    ClientEvent, EncodedEvent, EventId, InvalidEvent, JobEvent, JobEventType, JobName, RequestId, Timestamp, wire,
};
use uuid::Uuid;

use crate::{encode_in, tenant};

/// One call to the writer.
#[derive(Clone, Debug)]
enum Call {
    Type(JobEventType),
    Job(Job),
    Jobs(Vec<String>),
    JobFromFunnel,
    RequestId(String),
    SyntheticRequestId(String),
    SessionRequestId,
    NoRequestId,
    EventId(String),
    EventUuid(u128),
    EventIdFormatted(String),
    CreateTime(Timestamp, Clock),
    Notes(String),
    NotesFormatted(String, String),
    /// Refused, and the error not heeded: it must leave no trace.
    Refused(Refused),
}

#[derive(Clone, Debug)]
enum Job {
    Bare(String),
    Full(String),
    /// The project said in another way, its number for instance.
    OfProject(String, String),
    Name(String),
}

#[derive(Clone, Copy, Debug)]
enum Clock {
    Own,
    System,
    Wire,
}

#[derive(Clone, Copy, Debug)]
enum Refused {
    Notes,
    Job,
    Request,
    RequestFormatted,
    Event,
    EventFormatted,
    Time,
}

struct Failing;

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half a ")?;
        Err(fmt::Error)
    }
}

const SESSION: &str = "search/of:the=session";
const FUNNEL_JOB: &str = "of the funnel";

impl Call {
    fn say(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        match self {
            Self::Type(event_type) => w.event_type(*event_type),
            Self::Job(Job::Bare(id)) => w.job(id),
            Self::Job(Job::Name(id)) => w.job(&tenant().job(id).unwrap()),
            Self::Job(job) => w.job(job.full_name().as_str()),
            Self::Jobs(ids) => w.jobs(ids),
            Self::JobFromFunnel => w.job_from_funnel(),
            Self::RequestId(id) => w.request_id(id),
            Self::SyntheticRequestId(id) => w.synthetic_request_id(format_args!("{id}")),
            Self::SessionRequestId => w.request_id_from_session(),
            Self::NoRequestId => w.no_request_id(),
            Self::EventId(id) => w.event_id(id),
            Self::EventUuid(id) => w.event_id(&Uuid::from_u128(*id)),
            Self::EventIdFormatted(id) => w.event_id_formatted(format_args!("{id}")),
            Self::CreateTime(time, Clock::Own) => w.create_time(time),
            Self::CreateTime(time, Clock::System) => w.create_time(&SystemTime::try_from(*time).unwrap()),
            Self::CreateTime(time, Clock::Wire) => w.create_time(&wire::Timestamp::from(*time)),
            Self::Notes(notes) => w.notes_text(notes),
            Self::NotesFormatted(a, b) => w.notes(format_args!("{a}{b}")),
            Self::Refused(refused) => {
                let outcome = match refused {
                    Refused::Notes => w.notes(format_args!("{Failing}")),
                    Refused::Job => w.job("projects/acme/tenants/other/jobs/1"),
                    Refused::Request => w.request_id(""),
                    Refused::RequestFormatted => w.synthetic_request_id(format_args!("{:>5000}", "x")),
                    Refused::Event => w.event_id("\u{1}"),
                    Refused::EventFormatted => w.event_id_formatted(format_args!("{}\n", "x")),
                    Refused::Time => w.create_time(&wire::Timestamp { seconds: i64::MAX, nanos: 0 }),
                };
                outcome.expect_err("never valid");
                Ok(())
            }
        }
    }

    /// What the call adds to the event.
    fn model(&self, event: &mut ClientEvent) {
        let jobs = &mut event.job_event.jobs;
        match self {
            Self::Type(event_type) => event.job_event.r#type = *event_type,
            Self::Job(job) => jobs.push(JobName::new(job.full_name()).unwrap()),
            Self::Jobs(ids) => jobs.extend(ids.iter().map(|id| tenant().job(id).unwrap())),
            Self::JobFromFunnel => jobs.push(tenant().job(FUNNEL_JOB).unwrap()),
            Self::RequestId(id) | Self::SyntheticRequestId(id) => event.request_id = Some(RequestId::new(id).unwrap()),
            Self::SessionRequestId => event.request_id = Some(RequestId::new(SESSION).unwrap()),
            Self::NoRequestId => event.request_id = None,
            Self::EventId(id) | Self::EventIdFormatted(id) => event.event_id = EventId::new(id).unwrap(),
            Self::EventUuid(id) => event.event_id = Uuid::from_u128(*id).into(),
            Self::CreateTime(time, _) => event.create_time = *time,
            Self::Notes(notes) => event.event_notes = cut(notes),
            Self::NotesFormatted(a, b) => event.event_notes = cut(&format!("{a}{b}")),
            Self::Refused(_) => {}
        }
    }
}

impl Job {
    fn full_name(&self) -> String {
        match self {
            Self::Bare(id) | Self::Full(id) | Self::Name(id) => format!("{}/jobs/{id}", tenant()),
            Self::OfProject(project, id) => format!("projects/{project}/tenants/{}/jobs/{id}", tenant().tenant()),
        }
    }
}

fn cut(notes: &str) -> String {
    match notes.chars().count() {
        0..=MAX_NOTES_CHARS => notes.to_owned(),
        _ => notes.chars().take(MAX_NOTES_CHARS - 1).chain(['…']).collect(),
    }
}

/// Characters of one to four bytes, none of them a control.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        8 => proptest::char::range(' ', '~'),
        2 => any::<char>().prop_map(|c| if c.is_control() { '·' } else { c }),
    ]
}

fn text(chars: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    vec(character(), chars).prop_map(String::from_iter)
}

fn segment() -> impl Strategy<Value = String> {
    text(1..40).prop_map(|text| text.replace('/', "_"))
}

/// Lengths on both sides of what fits in one byte of a varint, and of what fits in none of the limits but the last.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![4 => text(1..100), 2 => text(100..160), 1 => text(900..1_000)]
}

fn time() -> impl Strategy<Value = Timestamp> {
    let seconds = prop_oneof![
        Just(0),
        Just(-1),
        1_700_000_000_i64..1_800_000_000,
        MIN_TIMESTAMP_SECONDS..=MAX_TIMESTAMP_SECONDS,
        Just(MIN_TIMESTAMP_SECONDS),
        Just(MAX_TIMESTAMP_SECONDS)
    ];
    let nanos = prop_oneof![Just(0), 0..1_000_000_000_u32, Just(999_999_999)];
    (seconds, nanos).prop_map(|(seconds, nanos)| Timestamp::new(seconds, nanos).unwrap())
}

fn jobs() -> impl Strategy<Value = Vec<Call>> {
    let job = prop_oneof![
        segment().prop_map(Job::Bare),
        segment().prop_map(Job::Full),
        segment().prop_map(Job::Name),
        (segment(), segment()).prop_map(|(project, id)| Job::OfProject(project, id)),
    ];
    let some = prop_oneof![
        3 => job.prop_map(Call::Job),
        1 => vec(segment(), 1..8).prop_map(Call::Jobs),
    ];
    prop_oneof![
        40 => vec(some, 1..6),
        1 => vec(segment(), MAX_JOBS).prop_map(|ids| vec![Call::Jobs(ids)]),
        5 => Just(vec![Call::JobFromFunnel]),
    ]
}

fn request_id() -> impl Strategy<Value = Call> {
    prop_oneof![
        id().prop_map(Call::RequestId),
        id().prop_map(Call::SyntheticRequestId),
        Just(Call::SessionRequestId),
        Just(Call::NoRequestId),
    ]
}

fn event_id() -> impl Strategy<Value = Call> {
    prop_oneof![
        id().prop_map(Call::EventId),
        any::<u128>().prop_map(Call::EventUuid),
        id().prop_map(Call::EventIdFormatted),
    ]
}

fn create_time() -> impl Strategy<Value = Call> {
    let clock = prop_oneof![Just(Clock::Own), Just(Clock::System), Just(Clock::Wire)];
    (time(), clock).prop_map(|(time, clock)| Call::CreateTime(time, clock))
}

fn notes() -> impl Strategy<Value = Call> {
    let length = || prop_oneof![4 => text(0..200), 1 => text(980..1_020), 1 => text(1_000..3_000)];
    prop_oneof![length().prop_map(Call::Notes), (length(), length()).prop_map(|(a, b)| Call::NotesFormatted(a, b)),]
}

fn refused() -> impl Strategy<Value = Call> {
    use Refused::*;
    proptest::sample::select(vec![Notes, Job, Request, RequestFormatted, Event, EventFormatted, Time])
        .prop_map(Call::Refused)
}

/// A whole event in any order; its id, time and notes may be left out.
fn calls() -> impl Strategy<Value = Vec<Call>> {
    use proptest::option::of;

    let event_type = proptest::sample::select(JobEventType::ALL.to_vec()).prop_map(Call::Type);
    let parts =
        (event_type, jobs(), request_id(), of(event_id()), of(create_time()), of(notes()), vec(refused(), 0..3));
    parts
        .prop_map(|(event_type, jobs, request_id, event_id, create_time, notes, refused)| {
            let mut calls = vec![event_type, request_id];
            calls.extend(jobs);
            calls.extend([event_id, create_time, notes].into_iter().flatten());
            calls.extend(refused);
            calls
        })
        .prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn prost_and_we_read_the_same(calls in calls()) {
        let is = |find: fn(&Call) -> bool| calls.iter().any(find);
        let (tenant, session) = (tenant(), RequestId::new(SESSION).unwrap());
        let funnel = tenant.job(FUNNEL_JOB).unwrap();
        let mut envelope = Envelope::new(&tenant);
        if is(|c| matches!(c, Call::SessionRequestId)) {
            envelope = envelope.with_request_id(&session);
        }
        if is(|c| matches!(c, Call::JobFromFunnel)) {
            envelope = envelope.with_job(&funnel);
        }

        let before = Timestamp::now();
        let encoded = encode_in(envelope, |w| calls.iter().try_for_each(|call| call.say(w))).unwrap();
        let after = Timestamp::now();

        let ours = encoded.to_client_event();
        let mut expected = ClientEvent::new(JobEvent::new(JobEventType::View, []));
        // What is not said is made: a fresh id, the time of now.
        expected.event_id = ours.event_id.clone();
        expected.create_time = ours.create_time;
        calls.iter().for_each(|call| call.model(&mut expected));
        prop_assert_eq!(&ours, &expected);
        if !is(|c| matches!(c, Call::EventId(_) | Call::EventUuid(_) | Call::EventIdFormatted(_))) {
            prop_assert_eq!(Uuid::parse_str(ours.event_id.as_str()).unwrap().get_version_num(), 7);
        }
        if !is(|c| matches!(c, Call::CreateTime(..))) {
            prop_assert!((before..=after).contains(&ours.create_time));
        }

        let theirs = wire::ClientEvent::decode(encoded.as_bytes()).unwrap();
        prop_assert_eq!(&theirs, &wire::ClientEvent::from(&expected));
        prop_assert_eq!(&ClientEvent::try_from(&theirs).unwrap(), &expected);
        // As short as protobuf can say it.
        prop_assert_eq!(theirs.encoded_len(), encoded.as_bytes().len());

        prop_assert_eq!(encoded.event_id(), expected.event_id.as_str());
        prop_assert_eq!(encoded.event_type(), expected.job_event.r#type);
        prop_assert_eq!(encoded.tenant(), &tenant);
        prop_assert_eq!(encoded.without_request_id(), expected.request_id.is_none());
        prop_assert_eq!(encoded.synthetic_request_id(), is(|c| matches!(c, Call::SyntheticRequestId(_))));
        let notes_said = calls.iter().map(|call| match call {
            Call::Notes(notes) => notes.chars().count(),
            Call::NotesFormatted(a, b) => a.chars().count() + b.chars().count(),
            _ => 0,
        });
        prop_assert_eq!(encoded.notes_truncated(), notes_said.sum::<usize>() > MAX_NOTES_CHARS);

        // The readable form is an event too, and the same one.
        let again = EncodedEvent::from_client_event(&ours, &tenant).unwrap();
        prop_assert_eq!(again.to_client_event(), ours);
    }

    /// The way by which an emulator reads another's request: through prost.
    #[test]
    fn a_request_is_read_as_it_was_written(calls in calls()) {
        let tenant = tenant();
        let said = calls.iter().filter(|c| !matches!(c, Call::SessionRequestId | Call::JobFromFunnel));
        let encoded = encode_in(Envelope::new(&tenant), |w| said.clone().try_for_each(|call| call.say(w)));
        // Without what a session or funnel would say it may be incomplete.
        prop_assume!(encoded.is_ok());
        let encoded = encoded.unwrap();
        let request = wire::CreateClientEventRequest {
            parent: tenant.to_string(),
            client_event: Some(wire::ClientEvent::decode(encoded.as_bytes()).unwrap()),
        };
        prop_assert_eq!(request.read().unwrap(), (tenant, encoded.to_client_event()));
    }
}
