//! Random sequences: the funnel at run time, the table, and the types go the same way, and break no rule that forbids.

use proptest::prelude::*;
use talent_events::JobEventType;
use talent_events::event::rules::{Severity, Stage, check};
use talent_events::event::{EventDescriptor, EventWriter};
use talent_events::{InvalidEvent, TalentEvent};

use super::cells::cells;
use super::{Shelf, search};

struct Happened(JobEventType);

impl TalentEvent for Happened {
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        w.event_type(self.0)?;
        w.job_from_funnel()?;
        w.request_id_from_session()
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        static DESCRIPTOR: EventDescriptor = EventDescriptor::new("Happened");
        &DESCRIPTOR
    }
}

proptest! {
    #[test]
    fn all_go_the_same_way(
        wanted in prop::collection::vec((prop::sample::select(JobEventType::ALL.to_vec()), any::<bool>()), 0..30),
    ) {
        let typed = cells();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let shelf = Shelf::new();
            let mut funnel = shelf.begin().into_any();
            let mut expected = Vec::new();
            let mut at = Stage::Open;
            for (event_type, rest) in wanted {
                // A rest on the way changes nothing.
                if rest {
                    let stored = serde_json::to_string(&funnel.checkpoint()).unwrap();
                    let stored: talent_events::Checkpoint = serde_json::from_str(&stored).unwrap();
                    funnel = stored.resume(&shelf).unwrap();
                }
                let cell = typed.iter().find(|c| (c.stage, c.event_type) == (at, event_type)).unwrap();
                funnel = match funnel.record_any(&Happened(event_type)).await {
                    Ok(funnel) => {
                        prop_assert!(cell.compiles, "{cell:?}");
                        expected.push(event_type);
                        funnel
                    }
                    Err(error) => {
                        prop_assert_eq!(error.refusal(), cell.refusal);
                        prop_assert!(!cell.compiles);
                        error.into_funnel()
                    }
                };
                at = cell.next.unwrap_or(at);
                prop_assert_eq!(funnel.stage(), at);
                prop_assert_eq!(funnel.request_id(), &search("search-7f"));
            }
            let sent = shelf.events();
            let types: Vec<_> = sent.iter().map(|e| e.job_event.r#type).collect();
            prop_assert_eq!(types, expected);
            let forbidden = check(&sent).into_iter().find(|d| d.rule.severity() == Severity::Forbidden);
            prop_assert!(forbidden.is_none(), "{:?}", forbidden);
            Ok(())
        })?;
    }
}
