//! Exports and imports over HTTP.

use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::{TryStreamExt, stream};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio_util::io::{StreamReader, SyncIoBridge};
use tonic::Status;

use crate::app::App;
use crate::files;
use crate::http::{self, Refused};

/// Maximum size of an import, decompressed.
const MAX_IMPORT_BYTES: u64 = 1024 * 1024 * 1024;

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

/// Reads the body line by line as it arrives, so that a compressed body does not fill the memory.
async fn import(State(app): State<Arc<App>>, request: Request) -> Result<Response, Refused> {
    let body = request.into_body().into_data_stream().map_err(io::Error::other);
    let body = SyncIoBridge::new(StreamReader::new(body).take(MAX_IMPORT_BYTES + 1));
    let read = move || files::read(&app.records, body, MAX_IMPORT_BYTES, Path::new("the body"));
    let imported = files::blocking(read).await.map_err(|e| Status::invalid_argument(e.to_string()))?;
    Ok(http::json(&json!({"imported": imported}), true)?)
}
