use std::time::{Duration, SystemTime, UNIX_EPOCH};

use talent_events::event::RequestIdSource;
use talent_events::{
    EventId, JobEventType, JobName, RequestId, SelfContained, TalentEvent, Timestamp, TypedEvent, wire,
};
use uuid::Uuid;

use super::{encode, job, job_event, jobs, refused, request_id, sent};

#[derive(Clone, Copy)]
enum Channel {
    Web,
}

impl std::fmt::Display for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Channel::Web => f.write_str("the web"),
        }
    }
}

/// Somebody sent the form.
///
/// All pages of it.
#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, notes = "Applied via {channel}, {pages:>3} CV pages")]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    #[talent(event_id)]
    id: Uuid,
    #[talent(create_time)]
    at: SystemTime,
    #[talent(private)]
    _email: String,
    channel: Channel,
    pages: u32,
}

fn application() -> ApplicationSubmitted {
    ApplicationSubmitted {
        job: job("42"),
        search: request_id("search/7=f:"),
        id: Uuid::from_u128(7),
        at: UNIX_EPOCH + Duration::new(1_770_111_000, 500),
        _email: "ada@example.org".into(),
        channel: Channel::Web,
        pages: 3,
    }
}

#[test]
fn every_field_arrives() {
    let event = sent(&application());
    assert_eq!(event.request_id, "search/7=f:");
    assert_eq!(event.event_id, "00000000-0000-0000-0000-000000000007");
    assert_eq!(event.create_time, Some(wire::Timestamp { seconds: 1_770_111_000, nanos: 500 }));
    assert_eq!(event.event_notes, "Applied via the web,   3 CV pages");
    assert_eq!(job_event(&event).r#type, 5);
    assert_eq!(jobs(&event), ["projects/acme/tenants/board/jobs/42"]);
}

#[test]
fn the_descriptor_says_how_it_is_mapped() {
    let descriptor = application().descriptor();
    assert_eq!(descriptor.name, "ApplicationSubmitted");
    assert_eq!(descriptor.event_type, Some(JobEventType::ApplicationFinish));
    assert_eq!(descriptor.jobs, "job");
    assert_eq!(descriptor.request_id, RequestIdSource::Given("search"));
    assert_eq!(descriptor.notes, Some(r#""Applied via {channel}, {pages:>3} CV pages""#));
    assert_eq!(descriptor.doc, "Somebody sent the form.\n\nAll pages of it.");
    assert!(!descriptor.skipped);
}

#[test]
fn the_event_type_is_a_type() {
    fn number<E: TypedEvent>(_: &E) -> i32 {
        <E::Type as talent_events::event::EventType>::TYPE.number()
    }
    assert_eq!(number(&application()), 5);
}

#[test]
fn what_is_not_said_gets_its_default() {
    #[derive(TalentEvent)]
    #[talent(event = View, request_id = none)]
    struct Opened {
        #[talent(job)]
        job: String,
    }

    let before = Timestamp::now();
    let encoded = encode(&Opened { job: "42".into() }).unwrap().unwrap();
    let event = encoded.to_client_event();
    assert!(event.create_time >= before && event.create_time <= Timestamp::now());
    assert_eq!(Uuid::parse_str(event.event_id.as_str()).unwrap().get_version_num(), 7);
    assert_eq!(event.request_id, None);
    assert!(encoded.without_request_id() && !encoded.synthetic_request_id());
    assert_eq!(event.event_notes, "");
}

#[test]
fn a_job_is_a_name_a_full_text_or_a_bare_id() {
    #[derive(TalentEvent)]
    #[talent(event = View, request_id = none)]
    struct Opened<'a>(#[talent(job)] &'a str);

    for (said, expected) in [
        ("42", "projects/acme/tenants/board/jobs/42"),
        ("projects/acme/tenants/board/jobs/42", "projects/acme/tenants/board/jobs/42"),
        // The same project, by its number.
        ("projects/1234/tenants/board/jobs/42", "projects/1234/tenants/board/jobs/42"),
    ] {
        assert_eq!(jobs(&sent(&Opened(said))), [expected]);
    }
    let error = refused(&Opened("projects/acme/tenants/other/jobs/42"));
    assert!(error.contains("`job_event.jobs[0]`: expected a job of `projects/"), "{error}");
    let error = refused(&Opened("projects/acme/jobs/42"));
    assert!(error.contains("found \"jobs\" where `tenants` should stand"), "{error}");
    assert!(refused(&Opened("")).contains("an empty job segment"));
    assert!(refused(&Opened("a\nb")).contains(r"the control character '\n'"));
}

#[test]
fn several_jobs_keep_their_order() {
    #[derive(TalentEvent)]
    #[talent(event = Impression, request_id = from_session)]
    struct PageShown {
        #[talent(jobs)]
        shown: Vec<JobName>,
    }

    let error = refused(&PageShown { shown: vec![job("1")] });
    assert!(error.contains("`from_session`, but no session sends this event"), "{error}");

    #[derive(TalentEvent)]
    #[talent(event = Impression)]
    struct Page<'a, const N: usize> {
        #[talent(jobs)]
        shown: [&'a str; N],
        #[talent(request_id)]
        search: &'a str,
    }
    let event = sent(&Page { shown: ["3", "1", "2"], search: "s" });
    assert_eq!(jobs(&event).map_ids(), ["3", "1", "2"]);
    assert!(
        refused(&Page { shown: [], search: "s" }).contains("`job_event.jobs`: expected 1 to 500 jobs, found no job")
    );
    assert_eq!(jobs(&sent(&Page { shown: ["1"; 500], search: "s" })).len(), 500);
    assert!(refused(&Page { shown: ["1"; 501], search: "s" }).contains("found 501 jobs"));
}

trait MapIds {
    fn map_ids(self) -> Vec<String>;
}

impl MapIds for Vec<&str> {
    fn map_ids(self) -> Vec<String> {
        self.into_iter().map(|name| name.rsplit('/').next().unwrap().to_owned()).collect()
    }
}

#[test]
fn several_jobs_on_a_type_of_one_where_they_are_meant() {
    #[derive(TalentEvent)]
    #[talent(event = SentCv, many_jobs, request_id = none)]
    struct SentToAll {
        #[talent(jobs)]
        openings: Vec<String>,
    }
    assert_eq!(jobs(&sent(&SentToAll { openings: vec!["1".into(), "2".into()] })).len(), 2);
}

struct Posting {
    id: u64,
    redirects: bool,
}

impl Posting {
    fn name(&self) -> String {
        self.id.to_string()
    }

    fn kind(&self) -> JobEventType {
        if self.redirects { JobEventType::ViewRedirect } else { JobEventType::View }
    }
}

#[test]
fn computed_parts() {
    #[derive(TalentEvent)]
    #[talent(event = self.posting.kind(), job = self.posting.name(), request_id = none)]
    struct Opened {
        posting: Posting,
    }
    for (redirects, number) in [(false, 2), (true, 3)] {
        let opened = Opened { posting: Posting { id: 7, redirects } };
        let event = sent(&opened);
        assert_eq!(job_event(&event).r#type, number);
        assert_eq!(jobs(&event), ["projects/acme/tenants/board/jobs/7"]);
        assert_eq!(opened.descriptor().event_type, None);
        assert_eq!(opened.descriptor().jobs, "self.posting.name()");
    }

    #[derive(TalentEvent)]
    #[talent(event = Impression, jobs = self.postings.iter().map(|p| p.name()).collect::<Vec<_>>(), request_id = none)]
    struct Page {
        postings: Vec<Posting>,
    }
    let page = Page { postings: vec![Posting { id: 1, redirects: false }, Posting { id: 2, redirects: false }] };
    assert_eq!(jobs(&sent(&page)).map_ids(), ["1", "2"]);
}

#[test]
fn a_function_in_any_role() {
    fn name(posting: &Posting) -> String {
        posting.name()
    }

    fn names(postings: &[Posting]) -> Vec<String> {
        postings.iter().map(Posting::name).collect()
    }

    fn hex(id: &u32) -> String {
        format!("{id:x}")
    }

    fn from_seconds(seconds: &u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(*seconds)
    }

    #[derive(TalentEvent)]
    #[talent(event = View)]
    struct Opened {
        #[talent(job(with = name))]
        posting: Posting,
        #[talent(request_id(with = hex))]
        search: Option<u32>,
        #[talent(event_id(with = hex))]
        id: u32,
        #[talent(create_time(with = from_seconds))]
        at: u64,
        #[talent(notes(with = hex))]
        position: Option<u32>,
    }

    let opened =
        |search, position| Opened { posting: Posting { id: 7, redirects: false }, search, id: 254, at: 9, position };
    let event = sent(&opened(Some(255), Some(16)));
    assert_eq!((&*event.request_id, &*event.event_id, &*event.event_notes), ("ff", "fe", "10"));
    assert_eq!(event.create_time.unwrap().seconds, 9);
    assert_eq!(sent(&opened(Some(255), None)).event_notes, "");
    assert!(refused(&opened(None, None)).contains("`request_id`: expected the request id of the search"));

    #[derive(TalentEvent)]
    #[talent(event = Impression, request_id = none, notes(with = Self::summary))]
    struct Page {
        #[talent(jobs(with = names))]
        shown: Vec<Posting>,
    }

    impl Page {
        fn summary(&self) -> String {
            format!("{} shown", self.shown.len())
        }
    }
    let event = sent(&Page { shown: vec![Posting { id: 7, redirects: false }] });
    assert_eq!((jobs(&event).map_ids(), &*event.event_notes), (vec!["7".to_owned()], "1 shown"));
}

#[test]
fn templates_for_the_ids() {
    #[derive(TalentEvent)]
    #[talent(event = ApplicationFinish, request_id = "application-{user_id}-{job}", event_id = "{application}-finish")]
    struct Applied {
        #[talent(job)]
        job: String,
        user_id: u64,
        application: &'static str,
    }

    let applied = |application| Applied { job: "42".into(), user_id: 9, application };
    let encoded = encode(&applied("a7")).unwrap().unwrap();
    assert!(encoded.synthetic_request_id() && !encoded.without_request_id());
    let event = sent(&applied("a7"));
    assert_eq!((&*event.request_id, &*event.event_id), ("application-9-42", "a7-finish"));
    assert_eq!(event.event_id, sent(&applied("a7")).event_id, "the same domain event gives the same id");
    assert!(refused(&applied("a\tb")).contains(r"found the control character '\t'"));
}

#[test]
fn a_tuple_struct_by_index() {
    #[derive(TalentEvent)]
    #[talent(event = View, notes = "{{position}} {1} of {2:>4}, {1:?}")]
    struct Opened(#[talent(job)] JobName, u32, &'static str, #[talent(request_id)] RequestId);

    let event = sent(&Opened(job("1"), 3, "ten", request_id("s")));
    assert_eq!(event.event_notes, "{position} 3 of  ten, 3");
}

#[test]
fn generics_and_lifetimes() {
    #[derive(TalentEvent)]
    #[talent(event = View, notes = "{why} {n:?}")]
    struct Opened<'a, J: Clone, W, N = u8>
    where
        W: Copy,
    {
        #[talent(job)]
        job: &'a J,
        #[talent(request_id)]
        search: Option<RequestId>,
        why: W,
        n: N,
    }

    let id = "42".to_owned();
    let event = sent(&Opened { job: &id, search: Some(request_id("s")), why: 'x', n: Some(2) });
    assert_eq!(event.event_notes, "x Some(2)");
    assert!(refused(&Opened { job: &id, search: None, why: 'x', n: () }).contains("`Opened` is not a valid event"));
}

#[test]
fn bad_request_ids_and_event_ids_are_refused() {
    #[derive(TalentEvent)]
    #[talent(event = View)]
    struct Opened {
        #[talent(job)]
        job: JobName,
        #[talent(request_id)]
        search: String,
        #[talent(event_id)]
        id: String,
    }
    let opened = |search: &str, id: &str| Opened { job: job("1"), search: search.into(), id: id.into() };
    for (event, field, found) in [
        (opened("", "e"), "`request_id`", "an empty text"),
        (opened(&"x".repeat(4097), "e"), "`request_id`", "4097 bytes"),
        (opened("a\u{7}b", "e"), "`request_id`", "control character"),
        (opened("s", ""), "`event_id`", "an empty text"),
        (opened("s", &"x".repeat(4097)), "`event_id`", "4097 bytes"),
    ] {
        let error = refused(&event);
        assert!(error.contains(field) && error.contains(found), "{error}");
    }
    assert_eq!(sent(&opened(&"x".repeat(4096), "e")).request_id.len(), 4096);
}

#[test]
fn times_out_of_range_are_refused() {
    #[derive(TalentEvent)]
    #[talent(event = View, request_id = none)]
    struct Opened<T> {
        #[talent(job)]
        job: JobName,
        #[talent(create_time)]
        at: T,
    }
    let at = |seconds, nanos| Opened { job: job("1"), at: wire::Timestamp { seconds, nanos } };
    assert_eq!(sent(&at(-62_135_596_800, 0)).create_time.unwrap().seconds, -62_135_596_800);
    assert_eq!(sent(&at(253_402_300_799, 999_999_999)).create_time.unwrap().nanos, 999_999_999);
    for bad in [at(-62_135_596_801, 0), at(253_402_300_800, 0), at(0, 1_000_000_000), at(0, -1)] {
        assert!(refused(&bad).contains("`create_time`"));
    }
    let late = Opened { job: job("1"), at: UNIX_EPOCH + Duration::from_secs(300_000_000_000) };
    assert!(refused(&late).contains("found 300000000000 seconds since 1970"));
    let before = Opened { job: job("1"), at: UNIX_EPOCH - Duration::from_millis(1) };
    assert_eq!(sent(&before).create_time, Some(wire::Timestamp { seconds: -1, nanos: 999_000_000 }));
}

#[test]
fn long_notes_are_cut_at_a_character_and_marked() {
    #[derive(TalentEvent)]
    #[talent(event = Bookmark, request_id = none)]
    struct Saved {
        #[talent(job)]
        job: JobName,
        #[talent(notes)]
        why: Option<String>,
    }
    let saved = |why: Option<String>| Saved { job: job("1"), why };
    assert_eq!(sent(&saved(None)).event_notes, "");
    for letter in ["x", "é", "語", "🦀"] {
        let fits = letter.repeat(1000);
        assert_eq!(sent(&saved(Some(fits.clone()))).event_notes, fits);
        let long = saved(Some(fits + letter));
        let notes = sent(&long).event_notes;
        assert_eq!(notes, letter.repeat(999) + "…");
        assert!(encode(&long).unwrap().unwrap().notes_truncated());
    }
}

#[test]
fn a_self_contained_event_says_so() {
    fn is_self_contained<E: SelfContained>(_: &E) {}
    is_self_contained(&application());
}

#[test]
fn ids_are_their_own_types_too() {
    #[derive(TalentEvent)]
    #[talent(event = Hired)]
    struct Hired {
        #[talent(job)]
        job: std::sync::Arc<JobName>,
        #[talent(request_id)]
        search: Box<str>,
        #[talent(event_id)]
        id: EventId,
        #[talent(create_time)]
        at: Timestamp,
    }
    let at: Timestamp = "2026-02-03T09:30:00.25Z".parse().unwrap();
    let hired = Hired { job: job("1").into(), search: "s".into(), id: "h-1".parse().unwrap(), at };
    let event = encode(&hired).unwrap().unwrap().to_client_event();
    assert_eq!((event.create_time, event.event_id.as_str()), (at, "h-1"));
}
