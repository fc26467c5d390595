//! The console at `/`: pages to see what was recorded. Its routes are guarded as the control API's are.

use std::sync::Arc;

use axum::{Router, middleware};

use crate::app::App;
use crate::guard;

/// Live updates come from a [`Feed`](crate::Feed); a page that streams ends with `app.gate.stopped()`.
pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new().layer(middleware::from_fn_with_state(Arc::clone(app), guard::local))
}
