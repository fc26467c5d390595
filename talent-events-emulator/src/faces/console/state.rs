//! The state of the console's data.

use std::sync::Arc;

use talent_events::EventId;
use tokio::sync::Mutex;
use tonic::Status;

use super::index::Index;
use crate::app::App;
use crate::files;
use crate::http::Refused;
use crate::store::Records;

#[derive(Clone)]
pub(super) struct Console {
    pub(super) app: Arc<App>,
    /// Distinguishes this emulator from one that listened here before.
    pub(super) run: EventId,
    /// Has tokio's lock, so that a waiting request holds no thread.
    index: Arc<Mutex<Index>>,
}

impl Console {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app, run: EventId::generate(), index: Arc::default() }
    }

    /// Updates the index and queries it, on a thread for blocking work.
    pub(super) async fn query<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Index, &Records) -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let mut index = Arc::clone(&self.index).lock_owned().await;
        self.blocking(move |app| {
            index.update(&app.records);
            query(&mut index, &app.records)
        })
        .await
    }

    /// Runs `work` on a thread for blocking work.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&App) -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let app = Arc::clone(&self.app);
        let done = files::blocking(move || Ok(work(&app))).await;
        done.map_err(|e| Refused(Status::unavailable(e.to_string())))
    }
}
