use std::sync::Arc;

use talent_events::event::{ContextDescriptor, Envelope, RequestIdSource, SelfContainedContext};
use talent_events::{
    EncodedEvent, JobName, RequestId, SelfContained, TalentContext, TalentEvent, Timestamp, TypedEvent,
};

use super::{encode, job, job_event, jobs, refused, request_id, sent, tenant};

/// What all events of a visit have in common.
#[derive(Clone, TalentContext)]
#[talent(notes = "from {device}", event_id = "{visit}-{step}")]
struct Visit {
    #[talent(request_id)]
    search: Option<RequestId>,
    #[talent(create_time)]
    at: Timestamp,
    #[talent(private)]
    _user: String,
    visit: u32,
    step: u8,
    device: &'static str,
}

fn visit() -> Visit {
    Visit {
        search: Some(request_id("s")),
        at: Timestamp::new(7, 0).unwrap(),
        _user: "ada@example.org".into(),
        visit: 12,
        step: 3,
        device: "a phone",
    }
}

#[derive(TalentEvent)]
#[talent(event = View)]
struct Opened<'a> {
    #[talent(job)]
    job: &'a str,
    #[talent(flatten)]
    visit: Visit,
}

#[test]
fn an_event_takes_the_roles_of_its_context() {
    let opened = Opened { job: "1", visit: visit() };
    let event = sent(&opened);
    assert_eq!((&*event.request_id, &*event.event_id, &*event.event_notes), ("s", "12-3", "from a phone"));
    assert_eq!(event.create_time.unwrap().seconds, 7);
    assert_eq!((job_event(&event).r#type, jobs(&event)), (2, vec!["projects/acme/tenants/board/jobs/1"]));

    let descriptor = opened.descriptor();
    assert_eq!((descriptor.name, descriptor.jobs), ("Opened", "job"));
    assert_eq!(descriptor.request_id, RequestIdSource::Given("search"));
    assert_eq!(descriptor.notes, Some(r#""from {device}""#));

    let lost = Opened { job: "1", visit: Visit { search: None, ..visit() } };
    assert!(
        refused(&lost)
            .starts_with("`Opened` is not a valid event: `request_id`: expected the request id of the search")
    );

    fn typed_and_self_contained<E: SelfContained + TypedEvent<Type = talent_events::types::View>>(_: &E) {}
    typed_and_self_contained(&opened);
}

#[test]
fn a_context_says_what_it_gives() {
    let mut gives = ContextDescriptor::new();
    gives.request_id = Some(RequestIdSource::Given("search"));
    gives.notes = Some(r#""from {device}""#);
    (gives.event_id, gives.create_time) = (true, true);
    assert_eq!(Visit::CONTEXT, gives);
    assert_eq!(<Arc<Visit> as TalentContext>::CONTEXT, gives);
}

/// Several contexts, behind pointers and references, with and without type parameters.
#[derive(TalentContext)]
#[talent(request_id = none)]
struct Shown<'a, J> {
    #[talent(jobs)]
    page: &'a [J],
}

#[derive(TalentContext)]
struct Timed<C> {
    #[talent(create_time)]
    at: Timestamp,
    #[talent(flatten)]
    more: C,
}

#[derive(TalentEvent)]
#[talent(event = Impression, notes = "page {number}")]
struct Page<'a, C> {
    #[talent(flatten)]
    shown: Arc<Shown<'a, JobName>>,
    #[talent(flatten)]
    timed: &'a C,
    number: u8,
}

#[derive(TalentContext)]
struct Numbered {
    #[talent(event_id)]
    id: String,
}

#[test]
fn contexts_within_contexts() {
    let page = [job("2"), job("1")];
    let timed = Timed { at: Timestamp::new(9, 0).unwrap(), more: Numbered { id: "p-1".into() } };
    let event = Page { shown: Arc::new(Shown { page: &page }), timed: &timed, number: 4 };
    let sent = sent(&event);
    assert_eq!((&*sent.request_id, &*sent.event_id, &*sent.event_notes), ("", "p-1", "page 4"));
    assert_eq!(sent.create_time.unwrap().seconds, 9);
    assert_eq!(jobs(&sent), [page[0].as_str(), page[1].as_str()]);
    assert_eq!(event.descriptor().jobs, "page");
    assert_eq!(event.descriptor().request_id, RequestIdSource::None);
    let timed = Timed::<Numbered>::CONTEXT;
    assert_eq!((timed.event_id, timed.create_time, timed.request_id), (true, true, None));
}

#[derive(TalentContext)]
#[talent(request_id = from_session, job = from_funnel)]
struct Step {
    #[talent(notes)]
    why: String,
}

#[derive(TalentEvent)]
enum Board {
    #[talent(event = Bookmark)]
    Saved {
        #[talent(flatten)]
        step: Step,
    },
    #[talent(event = View)]
    Opened(#[talent(job)] JobName, #[talent(flatten)] Visit),
    #[talent(skip)]
    Heartbeat,
}

#[test]
fn what_the_context_leaves_to_a_session_the_session_gives() {
    let saved = Board::Saved { step: Step { why: "later".into() } };
    assert!(refused(&saved).contains("`from_funnel`, but no funnel sends this event"));

    let (tenant, search, shown) = (tenant(), request_id("s"), job("1"));
    let envelope = Envelope::new(&tenant).with_request_id(&search).with_job(&shown);
    let event = EncodedEvent::encode(&saved, envelope).unwrap().unwrap().to_client_event();
    assert_eq!((event.request_id, &*event.event_notes), (Some(search), "later"));
    assert_eq!(event.job_event.jobs, [shown]);

    assert_eq!(jobs(&sent(&Board::Opened(job("1"), visit()))).len(), 1);
    assert!(encode(&Board::Heartbeat).unwrap().is_none());
}

#[test]
fn a_context_by_hand() {
    struct Fixed;

    impl TalentContext for Fixed {
        const CONTEXT: ContextDescriptor = {
            let mut gives = ContextDescriptor::new();
            gives.request_id = Some(RequestIdSource::Given("fixed"));
            gives
        };

        fn write_context(
            &self,
            w: &mut talent_events::event::EventWriter<'_>,
        ) -> Result<(), talent_events::InvalidEvent> {
            w.request_id("fixed")
        }
    }
    impl SelfContainedContext for Fixed {}

    #[derive(TalentEvent)]
    #[talent(event = Hired)]
    struct Hired<C>(#[talent(job)] JobName, #[talent(flatten)] C);
    let event = Hired(job("1"), Fixed);
    assert_eq!(sent(&event).request_id, "fixed");
    assert_eq!(event.descriptor().request_id, RequestIdSource::Given("fixed"));
}

/// What only a type parameter decides is looked at where the event is written.
#[test]
fn the_job_is_that_of_a_context_given_as_a_parameter() {
    #[derive(TalentContext)]
    struct Shown<T: talent_events::event::AsJob>(#[talent(job)] T);

    #[derive(TalentEvent)]
    #[talent(event = View, request_id = none)]
    struct Seen<C> {
        #[talent(flatten)]
        shown: C,
    }

    fn typed_and_self_contained<E: SelfContained + TypedEvent<Type = talent_events::types::View>>(_: &E) {}
    let seen = Seen { shown: Shown("1") };
    typed_and_self_contained(&seen);
    assert_eq!(jobs(&sent(&seen)), [job("1").as_str()]);
}

/// Notes that name a flattened field have that context's notes in their place.
mod in_notes {
    use super::*;

    #[derive(TalentContext)]
    struct Campaign<'a> {
        #[talent(notes)]
        name: Option<&'a str>,
    }

    #[derive(TalentContext)]
    #[talent(notes = "{device}, {campaign}")]
    struct Arrival<'a> {
        #[talent(flatten)]
        campaign: Campaign<'a>,
        device: &'a str,
    }

    #[derive(TalentEvent)]
    #[talent(event = View, request_id = none, notes = "position {position}, {arrival}; {visit:>14}")]
    struct Looked<'a> {
        #[talent(job)]
        job: &'a str,
        #[talent(flatten)]
        arrival: Arrival<'a>,
        #[talent(flatten)]
        visit: &'a ByHand,
        position: u32,
    }

    /// A context written by hand gives its notes to the writer, like any other.
    struct ByHand(&'static str);

    impl TalentContext for ByHand {
        const CONTEXT: ContextDescriptor = {
            let mut context = ContextDescriptor::new();
            context.notes = Some("by hand");
            context
        };

        fn write_context(
            &self,
            w: &mut talent_events::event::EventWriter<'_>,
        ) -> Result<(), talent_events::InvalidEvent> {
            w.notes_text(self.0)
        }
    }

    fn looked(campaign: Option<&'static str>, by_hand: &'static str) -> String {
        let arrival = Arrival { campaign: Campaign { name: campaign }, device: "a phone" };
        let looked = Looked { job: "1", arrival, visit: &ByHand(by_hand), position: 3 };
        sent(&looked).event_notes
    }

    #[test]
    fn they_stand_for_the_contexts_own() {
        assert_eq!(looked(Some("spring"), "from the mail"), "position 3, a phone, spring;  from the mail");
    }

    #[test]
    fn a_context_without_notes_stands_for_nothing() {
        assert_eq!(looked(None, ""), "position 3, a phone, ;               ");
    }

    #[test]
    fn together_they_are_cut_once() {
        let long: &'static str = "x".repeat(5000).leak();
        let notes = looked(Some(long), "end");
        assert_eq!(notes.chars().count(), 1000);
        assert!(notes.starts_with("position 3, a phone, xxx") && notes.ends_with("x…"));
    }

    #[test]
    fn the_descriptor_has_the_events_template() {
        let looked = Looked {
            job: "1",
            arrival: Arrival { campaign: Campaign { name: None }, device: "" },
            visit: &ByHand(""),
            position: 0,
        };
        assert_eq!(looked.descriptor().notes, Some(r#""position {position}, {arrival}; {visit:>14}""#));
        assert_eq!(Arrival::CONTEXT.notes, Some(r#""{device}, {campaign}""#));
    }

    #[derive(TalentEvent)]
    #[talent(event = View, request_id = none, notes = "{1} {0}")]
    struct Tuple(#[talent(job)] &'static str, #[talent(flatten)] ByHand);

    #[test]
    fn fields_without_names_too() {
        assert_eq!(sent(&Tuple("1", ByHand("from the mail"))).event_notes, "from the mail 1");
    }

    #[derive(TalentEvent)]
    #[talent(event = View, request_id = none, notes = "via {context}")]
    struct Generic<C> {
        #[talent(job)]
        job: &'static str,
        #[talent(flatten)]
        context: C,
    }

    #[test]
    fn a_context_that_is_a_parameter_too() {
        assert_eq!(sent(&Generic { job: "1", context: ByHand("the mail") }).event_notes, "via the mail");
    }
}
