//! The client: one call for each event.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use google_cloud_auth::credentials::Credentials;
use http::{HeaderMap, HeaderValue, Uri};
use tokio::time::{Instant, timeout_at};

use crate::event::{EncodedEvent, Envelope, InvalidEvent};
use crate::track::Progress;
use crate::{ClientEvent, Destination, InvalidField, TenantName, TrackError};

use super::call::Failure;
use super::call_state::CallState;
use super::codec::Receipt;
use super::connections::Connections;
use super::headers::Headers;
use super::rate_limiter::RateLimiter;
use super::stats::{ClientStats, Counters};
use super::{credentials, headers, status};

/// The service, for one tenant: it sends each event at once, and `Ok` means that the service answered OK.
///
/// The receipt is the event as the service has it. It is no promise that the event counts: Google discards events without
/// a valid request id, and does not document how it answers them.
///
/// The client sends an event once, within the deadline. If [`TrackError::is_retryable`] says so, you can send the event
/// again with the same event id. The service may then have it twice, unless [`TrackError::may_have_arrived`] denies it.
/// If you drop a call half-way, the event may have arrived or not.
///
/// Two calls that time out while their connection receives nothing replace that connection. The answer to another event
/// is an error ([`TrackError::Unavailable`]), and never a receipt.
///
/// Cloning counts a reference; clones share connections and [`stats`](Self::stats). The connections live on the tokio
/// runtime in which the client was made.
#[derive(Clone)]
pub struct TalentClient {
    tenant: TenantName,
    params: HeaderValue,
    shared: Arc<Shared>,
}

/// What all clones and tenants of a client share.
pub(super) struct Shared {
    pub(super) connections: Connections,
    pub(super) endpoint: Uri,
    pub(super) is_emulator: bool,
    pub(super) credentials: Option<Credentials>,
    pub(super) deadline: Duration,
    /// The deadline as a header.
    pub(super) timeout: HeaderValue,
    /// The quota is the project's, so that all tenants share its rate.
    pub(super) limiter: Arc<RateLimiter>,
    pub(super) counters: Counters,
}

impl TalentClient {
    pub(super) fn new(tenant: TenantName, shared: Arc<Shared>) -> Self {
        Self { params: headers::request_params(&tenant), tenant, shared }
    }

    /// A client for another tenant, over the same connections and with the same credentials and counts.
    #[must_use]
    pub fn tenant(&self, tenant: TenantName) -> Self {
        Self::new(tenant, Arc::clone(&self.shared))
    }

    /// The outcomes of the calls so far, of all clones together.
    pub fn stats(&self) -> ClientStats {
        self.shared.counters.read()
    }

    /// Sends a readable event after [`ClientEvent::check`], and answers the event as the service has it.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] if the event breaks a rule; then nothing is sent. All other errors come from the service or
    /// from the way to it.
    pub async fn create_client_event(&self, event: &ClientEvent) -> Result<ClientEvent, TrackError> {
        self.deliver(EncodedEvent::from_client_event(event, &self.tenant)?).await
    }

    /// Makes one call for a queue, which needs no receipt. A [caller](RateLimiter::caller) of the rate limiter was admitted
    /// for it.
    ///
    /// An isolated call goes over a connection of its own: if the event breaks the connection, no other call suffers.
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

    async fn call<R: Receipt>(&self, event: EncodedEvent, isolated: bool) -> Result<R, TrackError> {
        let Shared { connections, endpoint, is_emulator, credentials, deadline, timeout, .. } = &*self.shared;
        let end = Instant::now() + *deadline;
        let timed_out = |was_sent| {
            let progress = if was_sent { Progress::MaybeSent } else { Progress::NotSent };
            TrackError::TimedOut { after: Some(*deadline), progress }
        };
        let headers = Headers {
            credentials: match credentials {
                Some(credentials) => {
                    timeout_at(end, credentials::headers(credentials)).await.map_err(|_| timed_out(false))??
                }
                None => HeaderMap::new(),
            },
            params: match *event.tenant() == self.tenant {
                true => self.params.clone(),
                false => headers::request_params(event.tenant()),
            },
            timeout: timeout.clone(),
            synthetic_request_id: *is_emulator && event.synthetic_request_id(),
        };
        let state = Arc::new(CallState::new(event));
        // The future is large. Pinned here, it is not moved again.
        let call = pin!(connections.call(headers, &state, isolated, end));
        call.await.map_err(|failure| match failure {
            Failure::TimedOut => timed_out(state.was_sent()),
            Failure::Foreign(id) => foreign_answer(&state.event, &id),
            Failure::Status(status) => status::track_error(status, endpoint, state.was_sent()),
        })
    }
}

/// The service, or a proxy, mixed up two calls. This event may have arrived or not, so it is to be sent again.
fn foreign_answer(sent: &EncodedEvent, found: &str) -> TrackError {
    let [sent, found] = [sent.event_id(), found].map(InvalidField::quote);
    TrackError::Unavailable {
        message: format!("expected the answer to event {sent}, found the answer to event {found}"),
        retry_after: None,
        source: None,
        progress: Progress::MaybeSent,
    }
}

/// Sends events to the tenant they were encoded for. For an event that is tracked to the client, that is the client's
/// tenant.
impl Destination for TalentClient {
    type Receipt = ClientEvent;

    fn envelope(&self) -> Envelope<'_> {
        Envelope::new(&self.tenant)
    }

    async fn deliver(&self, event: EncodedEvent) -> Result<ClientEvent, TrackError> {
        let sent = Instant::now();
        self.limiter().spend(sent);
        let answer = self.call::<Result<ClientEvent, InvalidEvent>>(event.clone(), false).await;
        match &answer {
            Ok(_) => self.shared.counters.delivered(&event),
            Err(_) => self.shared.counters.failed(),
        }
        match &answer {
            Ok(_) | Err(TrackError::Rejected(_)) => self.limiter().accepted(sent),
            Err(TrackError::OverQuota { retry_after, .. }) => {
                self.limiter().exhausted(sent, *retry_after, Instant::now());
            }
            Err(_) => {}
        }
        Ok(answer?.unwrap_or_else(|unreadable| {
            tracing::debug!(
                target: "talent_events::client",
                event_id = event.event_id(),
                error = %unreadable,
                "the service took the event and answered no valid event; the receipt is the event as sent"
            );
            event.to_client_event()
        }))
    }
}

/// Without the credentials.
impl fmt::Debug for TalentClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { connections, endpoint, credentials, deadline, .. } = &*self.shared;
        f.debug_struct("TalentClient")
            .field("tenant", &self.tenant.as_str())
            .field("endpoint", &format_args!("{endpoint}"))
            .field("credentials", &credentials.is_some())
            .field("deadline", deadline)
            .field("connections", &connections.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    use super::*;
    use crate::{JobEvent, JobEventType};

    /// The service hangs, and both calls wait: the one does not use the other's connection.
    #[tokio::test]
    async fn an_isolated_call_has_a_connection_of_its_own() -> Result<(), Box<dyn std::error::Error>> {
        let service = TcpListener::bind("127.0.0.1:0").await?;
        let tenant: TenantName = "projects/acme/tenants/board".parse()?;
        let client =
            TalentClient::builder(tenant.clone()).emulator(service.local_addr()?.to_string()).connect().await?;
        let viewed = ClientEvent::new(JobEvent::new(JobEventType::View, [tenant.job("42")?]));
        let event = EncodedEvent::from_client_event(&viewed, &tenant)?;
        let mut connections = Vec::new();
        let mut calls = tokio::task::JoinSet::new();
        for isolated in [false, true] {
            let (client, event) = (client.clone(), event.clone());
            calls.spawn(async move { client.send(event, isolated).await });
            connections.push(timeout(Duration::from_secs(60), service.accept()).await??);
        }
        assert!(calls.try_join_next().is_none());
        Ok(())
    }
}
