//! Why there is no client.

use std::convert::Infallible;

use crate::InvalidField;

/// Why a [`TalentClient`](super::TalentClient) could not be made. Nothing was sent to the service.
///
/// That the service is out of reach is not among the reasons: connections are opened when the first event is sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The tenant or a setting is malformed; the field is the builder's method, or the environment's variable.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// Credentials would travel in plaintext to another machine.
    #[error(
        "refusing to send credentials in plaintext to `{host}`, which is not this machine: write `https://`, or \
         `.emulator(\"host:port\")` for a server that wants no credentials"
    )]
    Plaintext {
        /// The endpoint's host.
        host: String,
    },
    /// rustls has no cryptography to work with.
    #[error(
        "TLS needs a crypto provider and none is installed: turn on the feature `tls-aws-lc`, or call \
         `rustls::crypto::ring::default_provider().install_default()` when the program starts"
    )]
    NoCryptoProvider,
    /// The system trusts no certificate authority.
    #[error(
        "no root certificates found on this system{}: install them (Debian: ca-certificates), or name a bundle in \
         SSL_CERT_FILE", .0.as_deref().map(|e| format!(" ({e})")).unwrap_or_default()
    )]
    NoSystemRoots(Option<String>),
    /// TLS could not be set up with these roots and this host.
    #[error("TLS can not be set up: {0}")]
    Tls(String),
    /// Application Default Credentials were looked for, and what was found can not be used.
    #[error(
        "Application Default Credentials can not be used: {0}. Correct the file that GOOGLE_APPLICATION_CREDENTIALS \
         names, or run `gcloud auth application-default login`, or give `.credentials(…)`"
    )]
    Credentials(#[source] google_cloud_auth::build_errors::Error),
    /// There is no tokio runtime to run connections on.
    #[error(
        "a client is made inside of a tokio runtime, which runs its connections: call this from async code of tokio, or use \
         `Tracker::spawn_thread`, which needs no runtime"
    )]
    NoRuntime,
}

/// For a tenant that was checked before.
impl From<Infallible> for ConnectError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
