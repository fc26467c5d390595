//! Exports and imports over HTTP.

use std::io::{self, Cursor};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream;
use serde_json::json;
use tonic::Status;

use crate::app::App;
use crate::files;
use crate::http::{self, Refused};

/// Maximum size of an import.
const MAX_IMPORT_BYTES: usize = 1024 * 1024 * 1024;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/emulator/v1/export", get(export)).route("/emulator/v1/import", post(import))
}

async fn export(State(app): State<Arc<App>>) -> Response {
    // A chunk is made when the previous one was sent, so that a slow reader takes little memory. An error closes the
    // connection, so that no reader takes an incomplete export for a complete one.
    let chunks = stream::try_unfold(files::Cursor::new(&app.records), move |cursor| {
        let records = Arc::clone(&app.records);
        async move {
            let chunk = files::blocking(move || Ok(files::next_chunk(&records, cursor)));
            let chunk = chunk.await.map_err(io::Error::other)??;
            Ok::<_, io::Error>(chunk.map(|(chunk, next)| (chunk.text, next)))
        }
    });
    ([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(chunks)).into_response()
}

async fn import(State(app): State<Arc<App>>, request: Request) -> Result<Response, Refused> {
    let body = http::read_body(request.into_body(), MAX_IMPORT_BYTES).await?;
    let read = move || files::read(&app.records, Cursor::new(body), Path::new("the body"));
    let imported = files::blocking(read).await.map_err(|e| Status::invalid_argument(e.to_string()))?;
    Ok(http::json(&json!({"imported": imported}), true)?)
}
