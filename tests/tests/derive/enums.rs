use talent_events::event::{Maybe, RequestIdSource};
use talent_events::{JobEventType, JobName, RequestId, SelfContained, SendPolicy, TalentEvent};

use super::{encode, job, jobs, refused, request_id, sent};

/// Somebody applied.
#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct Applied {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
}

/// What happens on the board.
#[derive(TalentEvent)]
#[talent(request_id = none, notes = "from the board")]
enum BoardEvent {
    /// A page.
    #[talent(event = Impression)]
    Listed {
        #[talent(jobs)]
        shown: Vec<String>,
    },
    #[talent(event = View, notes = "position {position}")]
    Opened {
        #[talent(job)]
        job: JobName,
        position: u32,
    },
    #[talent(event = Bookmark)]
    Saved {
        #[talent(job)]
        job: JobName,
        #[talent(request_id)]
        search: RequestId,
        #[talent(notes)]
        why: Option<String>,
    },
    #[talent(event = Hired, request_id = "placement-{0}", notes = "placed by {1}")]
    Placed(#[talent(job)] String, &'static str),
    #[talent(event = if *late { JobEventType::Hired } else { JobEventType::InterviewGranted }, job = posting.trim())]
    Decided { posting: String, late: bool },
    #[talent(transparent)]
    Applied(Applied),
    #[talent(transparent)]
    Boxed { inner: Box<BoardEvent> },
    #[talent(transparent)]
    Shared(std::sync::Arc<self::BoardEvent>),
    #[talent(skip)]
    Heartbeat,
    #[talent(skip)]
    PriceChanged { _job: u64 },
}

#[test]
fn defaults_of_the_enum_hold_where_a_variant_says_nothing() {
    let event = sent(&BoardEvent::Listed { shown: vec!["1".into(), "2".into()] });
    assert_eq!((&*event.request_id, &*event.event_notes), ("", "from the board"));
    assert_eq!(jobs(&event).len(), 2);

    let event = sent(&BoardEvent::Opened { job: job("1"), position: 3 });
    assert_eq!(event.event_notes, "position 3");

    let saved =
        |why: Option<&str>| BoardEvent::Saved { job: job("1"), search: request_id("s"), why: why.map(str::to_owned) };
    let event = sent(&saved(Some("später")));
    assert_eq!((&*event.request_id, &*event.event_notes), ("s", "später"));
    assert_eq!(sent(&saved(None)).event_notes, "", "the field is the notes, also where it has none");

    let placed = BoardEvent::Placed("9".into(), "Ada");
    let event = sent(&placed);
    assert_eq!((&*event.request_id, &*event.event_notes), ("placement-9", "placed by Ada"));
    assert_eq!(placed.descriptor().request_id, RequestIdSource::Synthetic("placement-{0}"));
}

#[test]
fn expressions_of_a_variant_see_its_fields() {
    for (late, expected) in [(true, JobEventType::Hired), (false, JobEventType::InterviewGranted)] {
        let encoded = encode(&BoardEvent::Decided { posting: "7".into(), late }).unwrap().unwrap();
        assert_eq!(encoded.event_type(), expected);
        assert_eq!(encoded.to_client_event().job_event.jobs, [job("7")]);
    }
}

#[test]
fn a_transparent_variant_sends_what_is_inside() {
    let applied = || Applied { job: job("4"), search: request_id("s") };
    let event = sent(&BoardEvent::Applied(applied()));
    assert_eq!((&*event.request_id, &*event.event_notes), ("s", ""));
    assert_eq!(BoardEvent::Applied(applied()).descriptor(), applied().descriptor());

    let nested = BoardEvent::Boxed { inner: Box::new(BoardEvent::Applied(applied())) };
    for nested in [nested, BoardEvent::Shared(BoardEvent::Applied(applied()).into())] {
        assert_eq!(jobs(&sent(&nested)), ["projects/acme/tenants/board/jobs/4"]);
    }
    let nothing = BoardEvent::Boxed { inner: Box::new(BoardEvent::Heartbeat) };
    assert!(encode(&nothing).unwrap().is_none());
}

#[test]
fn a_skipped_variant_sends_nothing() {
    for event in [BoardEvent::Heartbeat, BoardEvent::PriceChanged { _job: 1 }] {
        assert!(encode(&event).unwrap().is_none());
        assert!(event.descriptor().skipped);
    }
    fn may_skip<E: SendPolicy<Answer = Maybe>>() {}
    may_skip::<BoardEvent>();
}

#[test]
fn errors_name_the_variant() {
    let error = refused(&BoardEvent::Opened { job: "projects/p/tenants/other/jobs/1".parse().unwrap(), position: 1 });
    assert!(error.starts_with("`BoardEvent::Opened` is not a valid event"), "{error}");
    assert_eq!(BoardEvent::Listed { shown: vec![] }.descriptor().doc, "A page.");
}

#[test]
fn an_enum_is_self_contained_if_every_variant_that_is_sent_is() {
    fn is_self_contained<E: SelfContained>() {}
    is_self_contained::<BoardEvent>();

    #[derive(TalentEvent)]
    enum Outer<E> {
        #[talent(transparent)]
        Inner(E),
        #[talent(skip)]
        Nothing,
    }
    is_self_contained::<Outer<Applied>>();
    assert!(encode(&Outer::<Applied>::Nothing).unwrap().is_none());
    assert!(encode(&Outer::Inner(Applied { job: job("1"), search: request_id("s") })).unwrap().is_some());
}
