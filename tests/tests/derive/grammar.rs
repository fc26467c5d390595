use talent_events::event::AsJob;
use talent_events::{JobName, RequestId, TalentEvent};

use super::{encode, job, jobs, refused, request_id, sent};

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
    assert!(error.contains("`event_notes`: found more than 1000 characters"), "{error}");

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

    for event in [sent(&FullName), sent(&BareId)] {
        assert_eq!(jobs(&event), ["projects/acme/tenants/board/jobs/campaign"]);
    }
    assert_eq!(BareId.descriptor().jobs, r#""campaign""#);
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
