//! Why a client could not be made.

use std::convert::Infallible;

use crate::InvalidField;

/// Why a [`TalentClient`](super::TalentClient) could not be made. Nothing was sent to the service.
///
/// An unreachable service is no reason: the first call opens the connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The tenant or a setting is malformed. The field names the builder's method, or the environment variable.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// Credentials would travel in plaintext to another machine.
    #[error(
        "credentials would travel in plaintext to `{host}`, which is another machine; help: write `https://`, or \
         `.emulator(\"host:port\")` for a server that needs no credentials"
    )]
    Plaintext {
        /// The endpoint's host.
        host: String,
    },
    /// rustls has no crypto provider.
    #[error(
        "no crypto provider for TLS is installed; help: enable the feature `tls-aws-lc`, or call \
         `rustls::crypto::ring::default_provider().install_default()` when the program starts"
    )]
    NoCryptoProvider,
    /// The system has no root certificates.
    #[error(
        "found no root certificates on this system{}; help: install them (Debian: ca-certificates), or name a bundle in \
         `SSL_CERT_FILE`", .0.as_deref().map(|e| format!(" ({e})")).unwrap_or_default()
    )]
    NoSystemRoots(Option<String>),
    /// TLS cannot be set up with these roots and this host.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
    /// The Application Default Credentials that were found are not usable.
    #[error(
        "cannot use the Application Default Credentials: {0}; help: correct the file in \
         `GOOGLE_APPLICATION_CREDENTIALS`, run `gcloud auth application-default login`, or call `.credentials(…)`"
    )]
    Credentials(#[source] google_cloud_auth::build_errors::Error),
    /// The client was made outside of a tokio runtime, which would run its connections.
    #[error(
        "expected a tokio runtime, found none; help: make the client in async code of tokio, or use \
         `Tracker::spawn_thread`, which needs no runtime"
    )]
    NoRuntime,
}

/// For a [`TenantName`](crate::TenantName), which is checked already.
impl From<Infallible> for ConnectError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
