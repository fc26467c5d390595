//! The console at `/`: pages to see what was recorded. Its routes are guarded as the control API's are.
//!
//! The pages are static files of this crate, and ask for nothing that is not of the emulator. What they show they fetch
//! from `/console/v1/…`, which is theirs alone: programs ask `/emulator/v1/…`.

mod book;
mod dashboard;
mod defects;
mod filter;
mod live;
mod moments;
mod pages;
mod row;
mod stages;
mod timeline;

use std::sync::Arc;

use axum::{Router, middleware};
use talent_events::EventId;
use tokio::sync::Mutex;
use tonic::Status;

use crate::app::App;
use crate::records::Records;
use crate::rest::Refused;
use crate::{files, guard};
use book::Book;

/// What the pages are served from.
#[derive(Clone)]
struct Console {
    app: Arc<App>,
    /// Tells this emulator from one that listened here before it.
    run: EventId,
    /// Behind tokio's lock, so that who waits for it holds no thread.
    book: Arc<Mutex<Book>>,
}

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let console = Console { app: Arc::clone(app), run: EventId::generate(), book: Arc::default() };
    let questions = Router::new()
        .merge(live::routes())
        .merge(timeline::routes())
        .merge(dashboard::routes())
        .merge(defects::routes())
        .with_state(console)
        .route_layer(middleware::from_fn_with_state(Arc::clone(app), guard::local));
    let pages = pages::routes().route_layer(middleware::from_fn_with_state(Arc::clone(app), guard::page));
    // Around the guards, so that a refusal is confined too.
    questions.merge(pages).route_layer(middleware::map_response(pages::confine))
}

impl Console {
    /// Asks the book, brought up to date, off the runtime's own threads.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Book, &Records) -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let mut book = Arc::clone(&self.book).lock_owned().await;
        self.blocking(move |app| {
            book.catch_up(&app.records);
            question(&mut book, &app.records)
        })
        .await
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&App) -> T + Send + 'static) -> Result<T, Refused> {
        let app = Arc::clone(&self.app);
        let done = files::blocking(move || Ok(work(&app))).await;
        done.map_err(|e| Refused(Status::unavailable(e.to_string())))
    }
}
