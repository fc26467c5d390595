//! Credentials, by Google's library, and its errors without their secrets.

use google_cloud_auth::credentials::{Builder, CacheableResource, Credentials};
use google_cloud_auth::errors::CredentialsError;
use http::{Extensions, HeaderMap};
use serde_json::Value;

use crate::TrackError;
use crate::track::Progress;

use super::causes::causes;
use super::error::ConnectError;
use super::tls;

/// The narrower of Google's two scopes for this call.
const SCOPE: &str = "https://www.googleapis.com/auth/jobs";

/// Application Default Credentials, in every form that Google's library knows: the file in
/// `GOOGLE_APPLICATION_CREDENTIALS`, gcloud's file, the metadata server.
pub(super) fn application_default() -> Result<Credentials, ConnectError> {
    // The library's HTTP client panics if either of these is missing.
    tls::check_provider()?;
    tls::system_roots()?;
    Builder::default().with_scopes([SCOPE]).build().map_err(ConnectError::Credentials)
}

/// Every header the credentials give.
pub(super) async fn headers(credentials: &Credentials) -> Result<HeaderMap, TrackError> {
    match credentials.headers(Extensions::new()).await.map_err(|e| no_credentials(&e))? {
        CacheableResource::New { data: mut headers, .. } => {
            // No log of the layers below may show a token, whoever wrote the provider.
            headers.values_mut().for_each(|value| value.set_sensitive(true));
            Ok(headers)
        }
        CacheableResource::NotModified => Err(TrackError::NotPermitted {
            message: "no credentials: expected headers, found `NotModified` from the provider".into(),
            source: None,
        }),
    }
}

/// The error for credentials that could not be had.
///
/// Google's library says whether a retry may help. After a permanent error it fetches no token any more.
///
/// The source holds the words of all layers, and not the library's error: its Debug form would show the bodies that
/// [`without_body`] removes. The layers repeat each other, so the message holds the innermost only.
fn no_credentials(error: &CredentialsError) -> TrackError {
    let mut layers: Vec<String> = Vec::new();
    for cause in causes(error) {
        let words = without_body(&cause.to_string());
        if !layers.iter().any(|layer| layer.contains(&words)) {
            layers.push(words);
        }
    }
    // The library gives this advice if it found no file and the metadata server of Google's machines did not answer.
    let nothing_found = layers.iter().any(|layer| layer.contains("gcloud auth application-default login"));
    let root = layers.last().map_or("", String::as_str);
    let message = match nothing_found {
        true => format!(
            "no credentials: found no file of Application Default Credentials and no metadata server ({root}); help: run \
             `gcloud auth application-default login`, or name a file in `GOOGLE_APPLICATION_CREDENTIALS` or an emulator \
             in `TALENT_EMULATOR_HOST`"
        ),
        false => format!("no credentials: {root}"),
    };
    let source = Some(layers.join(": ").into());
    match error.is_transient() {
        true => TrackError::Unavailable { message, retry_after: None, source, progress: Progress::NotSent },
        false => TrackError::NotPermitted { message: message + "; help: repair this, then make a new client", source },
    }
}

/// Removes a quoted body from the library's words, because the bodies of workload identity hold tokens. The messages in
/// OAuth's and Google's error bodies stay.
fn without_body(words: &str) -> String {
    let Some((said, body)) = words.split_once(", body=<") else { return words.to_owned() };
    let body: Value = body.rsplit_once('>').and_then(|(body, _)| serde_json::from_str(body).ok()).unwrap_or_default();
    let error = &body["error"];
    [error, &error["message"], &body["error_description"]]
        .into_iter()
        .filter_map(Value::as_str)
        .fold(said.to_owned(), |said, more| said + ": " + more)
}

#[cfg(test)]
mod tests {
    use google_cloud_auth::credentials::{CredentialsProvider, EntityTag};
    use http::HeaderValue;

    use super::*;

    /// Gives a token that it does not mark as sensitive.
    #[derive(Debug)]
    struct Careless;

    impl CredentialsProvider for Careless {
        async fn headers(&self, _: Extensions) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
            let data = HeaderMap::from_iter([(http::header::AUTHORIZATION, HeaderValue::from_static("Bearer s3cret"))]);
            Ok(CacheableResource::New { entity_tag: EntityTag::new(), data })
        }

        async fn universe_domain(&self) -> Option<String> {
            None
        }
    }

    #[tokio::test]
    async fn no_log_of_another_layer_shows_a_header() -> Result<(), TrackError> {
        let headers = headers(&Careless.into()).await?;
        assert_eq!(headers.len(), 1);
        assert!(!format!("{headers:?}").contains("s3cret"), "{headers:?}");
        Ok(())
    }

    #[test]
    fn bodies_are_removed_and_their_errors_stay() {
        for (words, kept) in [
            (
                "failed, body=<{\"error\":\"invalid_grant\",\"error_description\":\"expired\"}> and",
                "failed: invalid_grant: expired",
            ),
            ("failed, body=<{\"error\":{\"code\":403,\"message\":\"denied\"}}> and", "failed: denied"),
            ("failed to read `token`, body=<{\"id_token\":\"s3cret\"}> and", "failed to read `token`"),
            ("failed, body=<s3cret> and", "failed"),
            ("failed, body=<s3cret", "failed"),
            ("no body", "no body"),
        ] {
            assert_eq!(without_body(words), kept);
        }
    }

    #[test]
    fn a_permanent_error_is_not_retryable() {
        let transient = no_credentials(&CredentialsError::from_msg(true, "down"));
        assert!(transient.is_retryable() && transient.to_string().contains("down"), "{transient}");
        let permanent = no_credentials(&CredentialsError::from_msg(false, "revoked"));
        assert!(matches!(permanent, TrackError::NotPermitted { .. }), "{permanent}");
        assert!(permanent.to_string().contains("revoked"), "{permanent}");
    }
}
