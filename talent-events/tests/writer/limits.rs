//! What no event may carry: each a typed error that names the field, what was expected and what was found.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use talent_events::event::limits::{
    MAX_EVENT_ID_BYTES, MAX_JOBS, MAX_REQUEST_ID_BYTES, MAX_TIMESTAMP_SECONDS, MIN_TIMESTAMP_SECONDS,
};
use talent_events::event::{Envelope, EventWriter};
use talent_events::{InvalidEvent, JobEventType, JobName, RequestId, wire};

use crate::{encode, encode_in, tenant};

type Outcome = Result<(), InvalidEvent>;

/// Says a whole event, and what is to be refused in the middle of it.
fn with(mut fault: impl FnMut(&mut EventWriter<'_>) -> Outcome) -> InvalidEvent {
    encode(|w| {
        w.event_type(JobEventType::Impression)?;
        w.job("0")?;
        fault(w)?;
        panic!("not refused: {w:?}");
    })
    .unwrap_err()
}

fn assert_refused(what: &str, error: InvalidEvent, field: &str, found: &str, expected: &str) {
    assert_eq!(error.event(), Some("Said"), "{what}");
    let [only] = &error.fields().collect::<Vec<_>>()[..] else { panic!("{what}: more than one: {error}") };
    assert_eq!(only.field(), field, "{what}");
    assert!(only.found().contains(found), "{what}: found {}", only.found());
    assert!(only.expected().contains(expected), "{what}: expected {}", only.expected());
    let text = error.to_string();
    assert!(text.contains(field) && text.contains(only.found()) && text.contains(only.expected()), "{what}: {text}");
    assert!(text.len() < 2_000, "{what}: an error that stays readable, not {} bytes", text.len());
}

struct Failing;

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half a ")?;
        Err(fmt::Error)
    }
}

#[test]
fn jobs() {
    let form = "projects/{project}/tenants/{tenant}/jobs/{job}";
    let other = JobName::new("projects/acme/tenants/other/jobs/1").unwrap();
    let longest = "j".repeat(255);
    let check = |what, job: &str, field, found, allowed| {
        assert_refused(what, with(|w| w.job(job)), field, found, allowed);
        assert_refused(what, with(|w| w.jobs(&[job])), field, found, allowed);
    };
    let second = "job_event.jobs[1]";
    check("empty", "", second, "empty", form);
    check("too long", &format!("{longest}j"), second, "256 bytes", form);
    check("a control character", "a\u{7}", second, r"\u{7}", form);
    check("half a name", "projects/acme/tenants/board", second, "projects/acme/tenants/board", form);
    check("a name that goes on", "projects/a/tenants/b/jobs/c/d", second, "/d", form);
    check("another tenant's", other.as_str(), second, "tenants/other", "projects/acme/tenants/board");
    check("a tenant that begins alike", "projects/acme/tenants/board2/jobs/1", second, "board2", "tenants/board");
    assert_refused("another tenant's", with(|w| w.job(&other)), second, "tenants/other", "tenants/board");
    encode(|w| {
        w.event_type(JobEventType::View)?;
        w.job(&longest)?;
        w.no_request_id()
    })
    .expect("the longest id");
}

#[test]
fn number_of_jobs() {
    let jobs: Vec<String> = (0..=MAX_JOBS).map(|n| n.to_string()).collect();
    let error = with(|w| w.jobs(&jobs[1..]).and_then(|()| w.job("too many")));
    assert_refused("501 jobs", error, "job_event.jobs", "501 jobs", "1 to 500");
    let error = with(|w| jobs.iter().try_for_each(|job| w.job(job)));
    assert_refused("501 jobs one by one", error, "job_event.jobs", "501 jobs", "1 to 500");

    let impression = |jobs: &[String]| {
        let jobs = jobs.to_vec();
        encode(move |w| {
            w.event_type(JobEventType::Impression)?;
            w.jobs(&jobs)?;
            w.no_request_id()
        })
    };
    assert_eq!(impression(&jobs[..MAX_JOBS]).unwrap().to_client_event().job_event.jobs.len(), MAX_JOBS);
    assert_refused("no jobs", impression(&[]).unwrap_err(), "job_event.jobs", "no job", "1 to 500");
}

#[test]
fn a_writer_shows_nothing_of_its_contents() {
    encode(|w| {
        w.event_type(JobEventType::View)?;
        w.job("1")?;
        w.synthetic_request_id(format_args!("jane@example.com"))?;
        let contents = format!("{:?}", b"jane");
        let shown = format!("{w:?}");
        assert!(!shown.contains("jane") && !shown.contains(contents.trim_matches(['[', ']'])), "{shown}");
        assert!(shown.contains("Synthetic") && shown.contains("View"), "{shown}");
        Ok(())
    })
    .expect("a whole event");
}

#[test]
fn request_ids() {
    let longest = "r".repeat(MAX_REQUEST_ID_BYTES);
    let too_long = format!("{longest}r");
    let field = "request_id";
    let check = |what, id: &str, found| {
        assert_refused(what, with(|w| w.request_id(id)), field, found, "4096 bytes");
        assert_refused(what, with(|w| w.request_id(&Some(id))), field, found, "4096 bytes");
        assert_refused(what, with(|w| w.synthetic_request_id(format_args!("{id}"))), field, found, "4096 bytes");
    };
    check("empty", "", "empty");
    check("too long", &too_long, "bytes");
    check("a control character", "application\u{0}", r"\0");
    check("a control character beyond ASCII", "a\u{85}", r"\u{85}");
    assert_refused("none", with(|w| w.request_id(&None::<RequestId>)), field, "`None`", "request_id = none");
    let failing = with(|w| w.synthetic_request_id(format_args!("{Failing}")));
    assert_refused("a Display that fails", failing, field, "an error", "succeeds");
    for synthetic in [false, true] {
        encode(|w| {
            w.event_type(JobEventType::View)?;
            w.job("1")?;
            if synthetic { w.synthetic_request_id(format_args!("{longest}")) } else { w.request_id(&longest) }
        })
        .expect("the longest id");
    }
}

#[test]
fn event_ids() {
    let longest = "e".repeat(MAX_EVENT_ID_BYTES);
    let too_long = format!("{longest}e");
    let field = "event_id";
    let check = |what, id: &str, found| {
        assert_refused(what, with(|w| w.event_id(id)), field, found, "4096 bytes");
        assert_refused(what, with(|w| w.event_id_formatted(format_args!("{id}"))), field, found, "4096 bytes");
    };
    check("empty", "", "empty");
    check("too long", &too_long, "bytes");
    check("a control character", "e\r\n", r"\r");
    let failing = with(|w| w.event_id_formatted(format_args!("{Failing}")));
    assert_refused("a Display that fails", failing, field, "an error", "succeeds");
    for formatted in [false, true] {
        let encoded = encode(|w| {
            if formatted {
                w.event_id_formatted(format_args!("{longest}"))?
            } else {
                w.event_id(&longest)?
            }
            w.event_type(JobEventType::View)?;
            w.job("1")?;
            w.no_request_id()
        });
        assert_eq!(encoded.expect("the longest id").event_id(), longest);
    }
}

#[test]
fn times() {
    let year_10000 = UNIX_EPOCH + Duration::from_secs(MAX_TIMESTAMP_SECONDS as u64 + 1);
    let year_0 = UNIX_EPOCH - Duration::from_secs(MIN_TIMESTAMP_SECONDS.unsigned_abs()) - Duration::from_nanos(1);
    let check = |what, time: SystemTime, found: i64| {
        assert_refused(what, with(|w| w.create_time(&time)), "create_time", &found.to_string(), "9999-12-31");
    };
    check("after the last", year_10000, MAX_TIMESTAMP_SECONDS + 1);
    check("before the first", year_0, MIN_TIMESTAMP_SECONDS - 1);
    for (nanos, allowed) in [(-1, "0 to 999999999"), (1_000_000_000, "0 to 999999999")] {
        let time = wire::Timestamp { seconds: 0, nanos };
        assert_refused("nanoseconds", with(|w| w.create_time(&time)), "create_time", &nanos.to_string(), allowed);
    }
    let time = wire::Timestamp { seconds: i64::MIN, nanos: 0 };
    assert_refused("least", with(|w| w.create_time(&time)), "create_time", "-9223372036854775808", "0001-01-01");
}

#[test]
fn notes_of_a_display_that_fails() {
    let error = with(|w| w.notes(format_args!("{Failing}")));
    assert_refused("notes", error, "event_notes", "an error", "succeeds");
}

#[test]
fn what_is_missing() {
    let error = encode(|w| {
        w.job("1")?;
        w.no_request_id()
    });
    assert_refused("no type", error.unwrap_err(), "job_event.type", "none", "event_type");
    let error = encode(|w| {
        w.event_type(JobEventType::View)?;
        w.job("1")
    });
    assert_refused("nothing of a request id", error.unwrap_err(), "request_id", "nothing", "no_request_id");
    assert_refused("no session", with(|w| w.request_id_from_session()), "request_id", "no session", "session.track");
    assert_refused("no funnel", with(|w| w.job_from_funnel()), "job_event.jobs", "no funnel", "funnel.record");
}

#[test]
fn what_is_said_twice() {
    let one = "each part once";
    let event_type = with(|w| w.event_type(JobEventType::View));
    assert_refused("type", event_type, "job_event.type", "two", one);
    type Say = fn(&mut EventWriter<'_>) -> Outcome;
    let request_ids: [Say; 3] =
        [|w| w.request_id("r"), |w| w.synthetic_request_id(format_args!("r-{}", 1)), |w| w.no_request_id()];
    let event_ids: [Say; 2] = [|w| w.event_id("e"), |w| w.event_id_formatted(format_args!("e-{}", 1))];
    for (field, ways) in [("request_id", &request_ids[..]), ("event_id", &event_ids[..])] {
        for (first, second) in ways.iter().flat_map(|a| ways.iter().map(move |b| (a, b))) {
            let error = with(|w| {
                first(w).expect("the first is good");
                second(w)
            });
            assert_refused(field, error, field, "two", one);
        }
    }
    let error = with(|w| w.create_time(&UNIX_EPOCH).and_then(|()| w.create_time(&UNIX_EPOCH)));
    assert_refused("time", error, "create_time", "two", one);
    let error = with(|w| w.notes_text("a").and_then(|()| w.notes(format_args!("b"))));
    assert_refused("notes", error, "event_notes", "two", one);
}

#[test]
fn what_a_session_or_funnel_says_otherwise() {
    let (tenant, session) = (tenant(), RequestId::new("search-1").unwrap());
    let job = tenant.job("42").unwrap();
    let envelope = Envelope::new(&tenant).with_request_id(&session).with_job(&job);
    let say = |job: &str, id: fn(&mut EventWriter<'_>) -> Outcome| {
        encode_in(envelope, |w| {
            w.event_type(JobEventType::View)?;
            w.job(job)?;
            id(w)
        })
    };
    let field = "request_id";
    let session_id = "\"search-1\"";
    assert_refused("other", say("42", |w| w.request_id("search-2")).unwrap_err(), field, "search-2", session_id);
    let synthetic = say("42", |w| w.synthetic_request_id(format_args!("search-{}", 11))).unwrap_err();
    assert!(!synthetic.to_string().contains("search-11"), "it may name a user: {synthetic}");
    assert_refused("made up", synthetic, field, "another one, made up", session_id);
    assert_refused("none", say("42", |w| w.no_request_id()).unwrap_err(), field, "none", session_id);
    for job in ["421", "4", "43", "projects/acme/tenants/board/jobs/421"] {
        let error = say(job, |w| w.request_id("search-1")).unwrap_err();
        assert_refused("other job", error, "job_event.jobs", job, "projects/acme/tenants/board/jobs/42\"");
    }
    say("42", |w| w.request_id("search-1")).expect("the same");
    say("42", |w| w.request_id_from_session()).expect("the session's");
}
