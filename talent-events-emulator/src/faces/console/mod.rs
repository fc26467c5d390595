//! The console at `/`: pages that show the recorded events. The control API's guard protects them too.
//!
//! The pages are static files of this crate, and they request nothing from elsewhere. Their data comes from
//! `/console/v1/…`, which is only for them. Programs use `/emulator/v1/…`.

mod buckets;
mod dashboard;
mod defects;
mod event;
mod filter;
mod index;
mod pages;
mod row;
mod rules;
mod stages;
mod state;
mod stream;
mod timeline;

use std::sync::Arc;

use axum::{Router, middleware};

use crate::app::App;
use crate::http;
use state::Console;

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let data = Router::new()
        .merge(stream::routes())
        .merge(event::routes())
        .merge(timeline::routes())
        .merge(dashboard::routes())
        .merge(defects::routes())
        .with_state(Console::new(Arc::clone(app)))
        .route_layer(middleware::from_fn_with_state(app.hosts.clone(), http::local_only));
    let pages = pages::routes().route_layer(middleware::from_fn_with_state(app.hosts.clone(), http::pages_too));
    // The outermost layer, so that a refusal has these headers too.
    data.merge(pages).route_layer(middleware::map_response(pages::confine))
}
