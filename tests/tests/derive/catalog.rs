//! The tracking plan: what of the descriptors is there without a value.

use talent_events::event::{Always, EventDescriptor, EventWriter};
use talent_events::{
    InvalidEvent, JobEventType, JobName, RequestId, SelfContained, SendPolicy, TalentContext, TalentEvent, catalog,
};

/// Somebody applied.
///
/// By the form | by post.
#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, notes = "via {channel:?}")]
struct Applied {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    channel: &'static str,
}

#[derive(TalentContext)]
struct Visit<'a> {
    #[talent(request_id)]
    search: &'a str,
}

#[derive(TalentEvent)]
#[talent(event = Hired, job = self.job.trim())]
struct Hire<'a, C: TalentContext> {
    job: String,
    #[talent(flatten)]
    visit: Visit<'a>,
    #[talent(flatten)]
    more: C,
}

#[derive(TalentContext)]
struct Why {
    #[talent(notes)]
    why: String,
}

#[derive(TalentEvent)]
#[talent(request_id = none)]
enum Board {
    #[talent(event = Impression, request_id = from_session)]
    Listed(#[talent(jobs)] Vec<String>),
    #[talent(transparent)]
    Applied(Box<Applied>),
    #[talent(transparent)]
    Again { earlier: Box<Board> },
    /// Nobody's business.
    #[talent(skip)]
    Heartbeat,
    #[talent(event = *kind, request_id = "{job}`s")]
    Computed {
        #[talent(job)]
        job: String,
        kind: JobEventType,
    },
}

#[derive(TalentEvent)]
enum Outer<E> {
    #[talent(transparent)]
    Board(&'static Board),
    #[talent(transparent)]
    Any(Box<dyn SelfContained + Send>),
    #[talent(transparent)]
    Other(E),
    #[talent(transparent)]
    Hand(ByHand),
}

/// Without `SendPolicy`, which a transparent variant does not ask for.
struct ByHand;

impl TalentEvent for ByHand {
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        w.skip();
        Ok(())
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        const { &EventDescriptor::new("ByHand") }
    }
}

impl SelfContained for ByHand {}

struct WithAnswers;

impl TalentEvent for WithAnswers {
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        ByHand.write(w)
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        ByHand.descriptor()
    }
}

impl SendPolicy for WithAnswers {
    type Answer = Always;
}

const BOARD: &str = r#"| event | type | jobs | request id | notes | meaning |
|---|---|---|---|---|---|
| `Board::Listed` | `IMPRESSION` | `0` | the session's |  |  |
| `Applied` | `APPLICATION_FINISH` | `job` | `search` | `"via {channel:?}"` | Somebody applied.<br>By the form \| by post. |
| `Board::Heartbeat` | not sent |  |  |  | Nobody's business. |
| `Board::Computed` | known at run time | `job` | `` "{job}`s" ``, made up: does not count |  |  |
"#;

#[test]
fn an_enum_is_listed_with_all_that_is_in_it() {
    assert_eq!(catalog![Board].to_string(), BOARD);
    assert_eq!(catalog![Board, Applied, Box<Board>, &Applied].to_string(), BOARD, "nothing is listed twice");
}

#[test]
fn contexts_give_their_parts() {
    let plan = catalog![Hire<'static, Why>].to_string();
    let row = "\n| `Hire` | `HIRED` | `self.job.trim()` | `search` | `why` |  |\n";
    assert!(plan.ends_with(row), "{plan}");
}

#[test]
fn what_is_known_at_run_time_only_is_named() {
    let plan = catalog![Outer<Applied>, WithAnswers, dyn TalentEvent];
    let names: Vec<_> = plan.events().map(|event| event.name).collect();
    assert_eq!(names, ["Board::Listed", "Applied", "Board::Heartbeat", "Board::Computed"]);
    let unknown: Vec<_> = plan.unknown().map(|name| name.rsplit("::").next().unwrap()).collect();
    assert_eq!(unknown.len(), 5, "{unknown:?}");
    assert_eq!([unknown[1], unknown[2], unknown[3]], ["Applied", "ByHand", "WithAnswers"]);
    let text = plan.to_string();
    assert!(text.contains("\n\nKnown at run time only: what `dyn talent_events::"), "{text}");
    assert!(text.contains("`dyn talent_events::event::traits::TalentEvent`"), "{text}");
}

#[test]
fn a_value_has_the_descriptor_that_is_listed() {
    let applied = Applied { job: super::job("1"), search: super::request_id("s"), channel: "post" };
    let hire = Hire { job: "1".into(), visit: Visit { search: "s" }, more: Why { why: "skill".into() } };
    assert_eq!(catalog![Hire<'_, Why>].events().collect::<Vec<_>>(), [hire.descriptor()]);
    let listed: Vec<_> = catalog![Board].events().collect();
    let again = Board::Again { earlier: Box::new(Board::Heartbeat) };
    let computed = Board::Computed { job: "1".into(), kind: JobEventType::View };
    let values = [Board::Listed(vec![]), Board::Applied(Box::new(applied)), again, computed];
    assert_eq!(listed, values.each_ref().map(TalentEvent::descriptor));
    let outer =
        [Outer::Board(&Board::Heartbeat), Outer::Any(Box::new(ByHand)), Outer::Other(ByHand), Outer::Hand(ByHand)];
    let names = outer.each_ref().map(|event| event.descriptor().name);
    assert_eq!(names, ["Board::Heartbeat", "ByHand", "ByHand", "ByHand"]);
}

#[test]
fn as_json() {
    let json: serde_json::Value = serde_json::from_str(&catalog![Board, WithAnswers].to_json()).unwrap();
    let event = |n: usize| &json["events"][n];
    assert_eq!(json["events"].as_array().unwrap().len(), 4);
    assert_eq!(
        *event(0),
        serde_json::json!({
            "name": "Board::Listed", "sent": true, "doc": "", "type": "IMPRESSION", "jobs": "0",
            "requestId": { "source": "session" }, "notes": null,
        })
    );
    assert_eq!(event(1)["requestId"], serde_json::json!({ "source": "given", "from": "search" }));
    assert_eq!(event(1)["notes"], "\"via {channel:?}\"");
    assert_eq!(
        *event(2),
        serde_json::json!({ "name": "Board::Heartbeat", "sent": false, "doc": "Nobody's business." })
    );
    assert_eq!(event(3)["type"], serde_json::Value::Null);
    assert_eq!(event(3)["requestId"], serde_json::json!({ "source": "synthetic", "from": "{job}`s" }));
    assert!(json["unknown"][0].as_str().unwrap().ends_with("::WithAnswers"), "{json}");
}
