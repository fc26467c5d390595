//! One call to the service.
//!
//! A [`TalentClient`] answers each event as the service does: `event.track(&client).await` is one gRPC call
//! `CreateClientEvent`, tried once. Queues, pacing and trying again stand in front of it.
//!
//! ```no_run
//! use talent_events::{ClientEvent, JobEvent, JobEventType, JobName, TalentClient, TenantName};
//!
//! # async fn view() -> Result<(), Box<dyn std::error::Error>> {
//! let tenant: TenantName = "projects/acme/tenants/board".parse()?;
//! let client = TalentClient::connect(tenant.clone()).await?;
//! let mut event = ClientEvent::new(JobEvent::new(JobEventType::View, [tenant.job("42")?]));
//! event.request_id = Some("search-7f".parse()?);
//! let recorded = client.create_client_event(&event).await?;
//! # Ok(()) }
//! ```
//!
//! The raw call, with protobuf's own types and a channel of one's own, is
//! [`wire::event_service_client`](crate::wire::event_service_client).

mod builder;
mod call_state;
mod channel;
mod codec;
mod credentials;
mod error;
mod headers;
pub(crate) mod meter;
mod proxy_answer;
pub(crate) mod rate_limiter;
mod stats;
mod status;
mod sync;
mod target;
mod tls;

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use google_cloud_auth::credentials::Credentials;
use http::{HeaderMap, HeaderValue, Uri};
use tokio::time::{Instant, timeout_at};

use crate::event::{EncodedEvent, Envelope};
use crate::track::Progress;
use crate::{ClientEvent, Destination, TenantName, TrackError};

use call_state::CallState;
use headers::Headers;
use rate_limiter::RateLimiter;

pub use builder::TalentClientBuilder;
pub use error::ConnectError;
pub use rate_limiter::Quota;
pub use stats::ClientStats;

/// The service, for one tenant: what is tracked to it is sent at once, and `Ok` means that the service answered OK.
///
/// The receipt is the event as the service has it. That it counts is another matter: Google discards events without a
/// valid request id, and how it answers those is not documented.
///
/// An event is sent once, within the deadline. Where [`TrackError::is_retryable`] says so it may be sent again with the
/// same event id; the service may then have it twice. Dropping the call half-way leaves open whether it arrived.
///
/// Cloning counts a reference; clones share connections and [`stats`](Self::stats). The connections live on the tokio
/// runtime in which the client was made.
#[derive(Clone)]
pub struct TalentClient {
    tenant: TenantName,
    params: HeaderValue,
    shared: Arc<Shared>,
}

struct Shared {
    channels: channel::Channels,
    endpoint: Uri,
    credentials: Option<Credentials>,
    deadline: Duration,
    /// The deadline as a header.
    timeout: HeaderValue,
    /// Of all who send over these connections, because the quota is the project's.
    limiter: Arc<RateLimiter>,
    counters: stats::Counters,
}

impl TalentClient {
    /// A client with all defaults: Google's endpoint and Application Default Credentials, or, where the environment's
    /// `TALENT_EMULATOR_HOST` is set and not empty (`host:port`), that emulator in plaintext and without credentials.
    ///
    /// `tenant` is a [`TenantName`], or text that is one's.
    ///
    /// # Errors
    ///
    /// See [`TalentClientBuilder::connect`].
    pub async fn connect<T>(tenant: T) -> Result<Self, ConnectError>
    where
        T: TryInto<TenantName, Error: Into<ConnectError>>,
    {
        Self::builder(tenant).connect().await
    }

    /// A client for this tenant, with settings.
    pub fn builder<T>(tenant: T) -> TalentClientBuilder
    where
        T: TryInto<TenantName, Error: Into<ConnectError>>,
    {
        TalentClientBuilder::new(tenant)
    }

    /// A client for another tenant, over the same connections and with the same credentials and counts.
    #[must_use]
    pub fn tenant(&self, tenant: TenantName) -> Self {
        Self { params: headers::request_params(&tenant), tenant, shared: Arc::clone(&self.shared) }
    }

    /// What came of the calls so far, of all clones together.
    pub fn stats(&self) -> ClientStats {
        self.shared.counters.read()
    }

    /// Sends a readable event, after [`ClientEvent::check`], and answers it as the service has it.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] where it breaks a rule, then nothing is sent; the rest is the service's or the way's.
    pub async fn create_client_event(&self, event: &ClientEvent) -> Result<ClientEvent, TrackError> {
        self.deliver(EncodedEvent::from_client_event(event, &self.tenant)?).await
    }

    /// One call whose answer nobody reads, because a queue only needs to know that it came. A
    /// [caller](RateLimiter::caller) of the rate limiter was admitted for it.
    ///
    /// An isolated call goes over a connection of its own, so that an event that breaks connections breaks no other
    /// call.
    pub(crate) async fn send(&self, event: EncodedEvent, isolated: bool) -> Result<(), TrackError> {
        let ended = self.call(event.clone(), isolated).await;
        match &ended {
            Ok(()) => self.shared.counters.delivered(&event),
            Err(_) => self.shared.counters.failed(),
        }
        ended
    }

    /// The rate limiter of all who send over these connections.
    pub(crate) fn limiter(&self) -> &Arc<RateLimiter> {
        &self.shared.limiter
    }

    /// The tenant whose events it encodes.
    pub(crate) fn tenant_name(&self) -> &TenantName {
        &self.tenant
    }

    async fn call<A: codec::Read>(&self, event: EncodedEvent, isolated: bool) -> Result<A, TrackError> {
        let Shared { channels, endpoint, credentials, deadline, timeout, .. } = &*self.shared;
        let end = Instant::now() + *deadline;
        let state = Arc::new(CallState::default());
        // Pinned where it is made: it is large, and whoever takes it by value would hold it once more.
        let call = pin!(async {
            let headers = Headers {
                credentials: match credentials {
                    Some(credentials) => credentials::headers(credentials).await?,
                    None => HeaderMap::new(),
                },
                params: match *event.tenant() == self.tenant {
                    true => self.params.clone(),
                    false => headers::request_params(event.tenant()),
                },
                timeout: timeout.clone(),
            };
            channels
                .create_client_event(event, headers, &state, isolated)
                .await
                .map_err(|status| status::track_error(status, endpoint, *deadline, state.was_sent()))
        });
        timeout_at(end, call).await.unwrap_or_else(|_| {
            let progress = if state.was_sent() { Progress::MaybeSent } else { Progress::NotSent };
            Err(TrackError::TimedOut { after: Some(*deadline), progress })
        })
    }
}

/// Events go to the tenant they were encoded for, which is this client's where they were tracked to it.
impl Destination for TalentClient {
    type Receipt = ClientEvent;

    fn envelope(&self) -> Envelope<'_> {
        Envelope::new(&self.tenant)
    }

    async fn deliver(&self, event: EncodedEvent) -> Result<ClientEvent, TrackError> {
        let sent = Instant::now();
        self.limiter().spend(sent);
        match self.call::<codec::Answer>(event.clone(), false).await {
            Ok(answer) => {
                self.limiter().accepted(sent);
                self.shared.counters.delivered(&event);
                Ok(answer.unwrap_or_else(|unreadable| {
                    tracing::debug!(
                        target: "talent_events::client",
                        event_id = event.event_id(),
                        "the service took the event and answered what is not one; the receipt is as sent: {unreadable}"
                    );
                    event.to_client_event()
                }))
            }
            Err(error) => {
                self.shared.counters.failed();
                match &error {
                    TrackError::OverQuota { retry_after, .. } => {
                        self.limiter().exhausted(sent, *retry_after, Instant::now());
                    }
                    TrackError::Rejected(_) => self.limiter().accepted(sent),
                    _ => {}
                }
                Err(error)
            }
        }
    }
}

/// Without the credentials.
impl fmt::Debug for TalentClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { channels, endpoint, credentials, deadline, .. } = &*self.shared;
        f.debug_struct("TalentClient")
            .field("tenant", &self.tenant.as_str())
            .field("endpoint", &format_args!("{endpoint}"))
            .field("credentials", &credentials.is_some())
            .field("deadline", deadline)
            .field("connections", &channels.len())
            .finish_non_exhaustive()
    }
}
