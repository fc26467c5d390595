use std::borrow::Cow;

use talent_events::event::AsJob;
use talent_events::{JobEventType, JobName, RequestId, TalentEvent};

use super::{encode, job, job_event, jobs, refused, request_id, sent};

#[derive(TalentEvent)]
#[talent(event = Bookmark, request_id = none, notes = "because {why}", notes_overflow = error)]
struct Saved<'a> {
    #[talent(job)]
    job: JobName,
    why: &'a str,
}

#[test]
fn long_notes_are_an_error_where_that_is_said() {
    let fits = "x".repeat(1000 - "because ".len());
    assert_eq!(sent(&Saved { job: job("1"), why: &fits }).event_notes.len(), 1000);
    let error = refused(&Saved { job: job("1"), why: &(fits + "x") });
    assert!(error.contains("`event_notes`: expected at most 1000 characters"), "{error}");

    #[derive(TalentEvent)]
    #[talent(request_id = none, notes_overflow = error)]
    enum Board {
        #[talent(event = View)]
        Opened {
            #[talent(job)]
            job: JobName,
            #[talent(notes)]
            why: String,
        },
        #[talent(event = View, notes_overflow = truncate)]
        Glanced {
            #[talent(job)]
            job: JobName,
            #[talent(notes)]
            why: String,
        },
        #[talent(event = Hired)]
        Hired(#[talent(job)] JobName),
    }
    let why = "x".repeat(1001);
    assert!(refused(&Board::Opened { job: job("1"), why: why.clone() }).contains("`event_notes`"));
    assert!(encode(&Board::Glanced { job: job("1"), why }).unwrap().unwrap().notes_truncated());
    assert_eq!(sent(&Board::Hired(job("1"))).event_notes, "");
}

/// Names a job by what it is inside.
trait Posting {
    type Name: AsJob;

    fn name(&self) -> Self::Name;
}

struct Ad(u32);

impl Posting for Ad {
    type Name = String;

    fn name(&self) -> String {
        self.0.to_string()
    }
}

/// By what is inferred, `P::Name: AsJob` alone would be asked, and `self.posting.name()` not be found.
#[derive(TalentEvent)]
#[talent(event = View, job = self.posting.name(), bound(P: Posting))]
struct Opened<P> {
    posting: P,
    #[talent(request_id)]
    search: RequestId,
}

/// The bound on the field's type would be wrong: `T` need not be `Display`.
#[derive(TalentEvent)]
#[talent(event = Hired, request_id = none, notes = "{label}", bound())]
struct Labelled<T> {
    #[talent(job)]
    job: JobName,
    label: Label<T>,
}

struct Label<T>(&'static str, std::marker::PhantomData<T>);

impl<T> std::fmt::Display for Label<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

#[test]
fn bounds_of_ones_own() {
    let event = sent(&Opened { posting: Ad(7), search: request_id("s") });
    assert_eq!(jobs(&event), ["projects/acme/tenants/board/jobs/7"]);

    struct NotDisplay;
    let labelled = Labelled::<NotDisplay> { job: job("1"), label: Label("hot", std::marker::PhantomData) };
    assert_eq!(sent(&labelled).event_notes, "hot");
}

#[test]
fn a_job_that_is_always_the_same() {
    #[derive(TalentEvent)]
    #[talent(event = View, job = "projects/acme/tenants/board/jobs/campaign", request_id = none)]
    struct FullName;

    #[derive(TalentEvent)]
    #[talent(event = View, job = "campaign", request_id = none)]
    struct BareId;

    const CAMPAIGN: &str = "campaign";

    #[derive(TalentEvent)]
    #[talent(event = View, job = CAMPAIGN, request_id = none)]
    struct Constant;

    for event in [sent(&FullName), sent(&BareId), sent(&Constant)] {
        assert_eq!(jobs(&event), ["projects/acme/tenants/board/jobs/campaign"]);
    }
    assert_eq!(BareId.descriptor().jobs, r#""campaign""#);

    /// No field of a tuple is meant by a number in quotes.
    #[derive(TalentEvent)]
    #[talent(event = View, job = "0", request_id = none, notes = "position {0}")]
    struct Numbered(u32);

    assert_eq!(jobs(&sent(&Numbered(3))), ["projects/acme/tenants/board/jobs/0"]);
}

#[test]
fn an_expression_may_hold_an_equals_sign() {
    enum Kind {
        Early,
        Late,
    }

    impl Kind {
        fn name<T: ?Sized>(&self) -> &'static str {
            if std::any::type_name::<T>().contains("Item = u8") { "42" } else { "0" }
        }
    }

    #[derive(TalentEvent)]
    #[talent(
        event = if let Kind::Late = self.kind { JobEventType::Hired } else { JobEventType::View },
        job = self.kind.name::<dyn Iterator<Item = u8>>(),
        request_id = none
    )]
    struct Computed {
        kind: Kind,
    }

    for (kind, event_type) in [(Kind::Early, JobEventType::View), (Kind::Late, JobEventType::Hired)] {
        let event = sent(&Computed { kind });
        assert_eq!(job_event(&event).r#type, event_type.number());
        assert_eq!(jobs(&event), ["projects/acme/tenants/board/jobs/42"]);
    }
}

#[test]
fn an_array_as_long_as_an_event_can_hold() {
    const MOST: usize = 500;

    #[derive(TalentEvent)]
    #[talent(event = Impression, request_id = none)]
    struct Page<'a> {
        #[talent(jobs)]
        shown: &'a [&'a str; MOST],
    }
    assert_eq!(jobs(&sent(&Page { shown: &["1"; MOST] })).len(), 500);
}

#[test]
fn jobs_that_may_be_borrowed() {
    #[derive(TalentEvent)]
    #[talent(event = Impression, request_id = none)]
    struct Page<'a> {
        #[talent(jobs)]
        shown: Cow<'a, [&'a str]>,
    }
    for shown in [Cow::Borrowed(&["1", "2"][..]), Cow::Owned(vec!["1", "2"])] {
        assert_eq!(jobs(&sent(&Page { shown })).len(), 2);
    }
}

#[test]
fn a_parameter_is_bound_by_the_format_it_is_written_in() {
    #[derive(TalentEvent)]
    #[talent(event = View, job = "7", request_id = none, notes = "{id:#x} {mask:08b} {share:.1e} {name:x>3} {all:x?}")]
    struct Opened<I, M, S, N, A> {
        id: I,
        mask: M,
        share: S,
        name: N,
        all: A,
    }
    let event = sent(&Opened { id: 255, mask: 5, share: 1234.5, name: "n", all: [10] });
    assert_eq!(event.event_notes, "0xff 00000101 1.2e3 xxn [a]");
}

/// Lengths of arrays that the derive reads as they stand: an item of its own is no reason to fail.
#[test]
fn any_expression_is_the_length_of_an_array() {
    #[derive(TalentEvent)]
    #[talent(event = Impression, request_id = none)]
    struct Page<'a> {
        #[talent(jobs)]
        shown: [&'a str; if cfg!(any()) { 1 } else { 2 }],
        _pad: [[u8; 2]; match cfg!(any()) {
            true => 1,
            false => 2,
        }],
    }
    assert_eq!(jobs(&sent(&Page { shown: ["1", "2"], _pad: [[0; 2]; 2] })).len(), 2);
}
