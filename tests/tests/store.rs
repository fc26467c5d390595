//! The in-memory store keeps the rules that every store keeps.

use talent_events::EncodedEvent;
use talent_events::testing::{MemoryStore, StoreFixture, Uncommitted, store_conformance};

struct InMemory(MemoryStore);

impl StoreFixture for InMemory {
    type Store = MemoryStore;
    type Transaction = Uncommitted;

    async fn new() -> Self {
        Self(MemoryStore::new())
    }

    async fn open(&self) -> MemoryStore {
        self.0.clone()
    }

    async fn begin(&self, event: EncodedEvent) -> Uncommitted {
        self.0.begin(event)
    }

    async fn commit(&self, transaction: Uncommitted) {
        transaction.commit();
    }

    async fn dead_letters(&self) -> Vec<(String, String)> {
        let letters = self.0.dead_letters();
        letters.iter().map(|letter| (letter.event.event_id().to_owned(), letter.reason.to_owned())).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn the_store_in_memory_conforms() {
    store_conformance::<InMemory>().await;
}
