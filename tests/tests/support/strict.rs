//! A strict emulator and a recorder that are told the same.

use talent_events::event::rules::Defect;
use talent_events::event::{EncodedEvent, Envelope};
use talent_events::testing::Recorder;
use talent_events::{ClientEvent, Destination, RequestId, TalentClient, TenantName, TrackError};
use talent_events_emulator::Emulator;

/// Both know the request ids of some searches, and no others.
pub(crate) struct Strict {
    pub(crate) emulator: Emulator,
    pub(crate) to: Both,
}

/// Each event goes to both, or to neither.
#[derive(Clone)]
pub(crate) struct Both {
    recorder: Recorder,
    client: TalentClient,
}

impl Destination for Both {
    type Receipt = ClientEvent;

    fn envelope(&self) -> Envelope<'_> {
        self.recorder.envelope()
    }

    async fn deliver(&self, event: EncodedEvent) -> Result<ClientEvent, TrackError> {
        let answer = self.client.deliver(event.clone()).await?;
        let kept = self.recorder.deliver(event).await?;
        assert_eq!(answer, kept, "the service answers the event that it was sent");
        Ok(answer)
    }
}

impl Strict {
    pub(crate) async fn start<const N: usize>(tenant: TenantName, known: [&str; N]) -> Self {
        let recorder = Recorder::new(tenant.clone());
        let mut emulator = Emulator::builder().strict();
        for id in known.map(|id| RequestId::new(id).unwrap()) {
            recorder.know_request_id(id.clone());
            emulator = emulator.known_request_id(id);
        }
        let emulator = emulator.start().await.unwrap();
        let client = TalentClient::builder(tenant).emulator(emulator.host()).connect().await.unwrap();
        Self { emulator, to: Both { recorder, client } }
    }

    pub(crate) fn clear(&self) {
        self.emulator.clear();
        self.to.recorder.clear();
    }

    /// What both have got, in order of arrival.
    #[track_caller]
    pub(crate) fn events(&self) -> Vec<ClientEvent> {
        let events: Vec<_> = self.emulator.events().into_iter().map(|recorded| recorded.event).collect();
        assert_eq!(events, self.to.recorder.events());
        events
    }

    /// What both find wrong with it.
    #[track_caller]
    pub(crate) fn defects(&self) -> Vec<Defect> {
        let defects = self.emulator.defects();
        assert_eq!(defects, self.to.recorder.defects());
        defects
    }

    /// How many events count, and how many were discarded.
    pub(crate) fn kept_and_discarded(&self) -> (u64, u64) {
        let stats = self.emulator.stats();
        (stats.total_kept(), stats.total_discarded())
    }
}
