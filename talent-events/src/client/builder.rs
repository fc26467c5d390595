//! The settings of a client, and making it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use google_cloud_auth::credentials::Credentials;
use http::HeaderValue;

use crate::{InvalidField, TenantName};

use super::connection::endpoint;
use super::connections::Connections;
use super::error::ConnectError;
use super::quota::Quota;
use super::rate_limiter::RateLimiter;
use super::talent_client::{Shared, TalentClient};
use super::target::Target;
use super::{credentials, headers, tls};

/// As in Google's own clients.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);
const MAX_DEADLINE: Duration = Duration::from_secs(60 * 60);
const MAX_CONNECTIONS: usize = 256;
const USER_AGENT: &str = concat!("talent-events/", env!("CARGO_PKG_VERSION"));

/// The settings of a [`TalentClient`]. All except the tenant have defaults. [`connect`](Self::connect) checks them.
#[must_use = "settings do nothing until `connect` is called"]
pub struct TalentClientBuilder {
    tenant: Result<TenantName, ConnectError>,
    target: Option<Named>,
    credentials: Option<Credentials>,
    roots: Vec<Vec<u8>>,
    deadline: Duration,
    connections: usize,
    quota: Option<Quota>,
    user_agent: Option<String>,
}

enum Named {
    Endpoint(String),
    Emulator(String),
}

impl TalentClient {
    /// A client with all defaults: Google's endpoint and Application Default Credentials. If the environment variable
    /// `TALENT_EMULATOR_HOST` is set and not empty (`host:port`), the client speaks to that emulator instead, in plaintext
    /// and without credentials.
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

    /// The settings of a client for this tenant.
    pub fn builder<T>(tenant: T) -> TalentClientBuilder
    where
        T: TryInto<TenantName, Error: Into<ConnectError>>,
    {
        TalentClientBuilder::new(tenant)
    }
}

impl TalentClientBuilder {
    fn new<T>(tenant: T) -> Self
    where
        T: TryInto<TenantName, Error: Into<ConnectError>>,
    {
        Self {
            tenant: tenant.try_into().map_err(Into::into),
            target: None,
            credentials: None,
            roots: Vec::new(),
            deadline: DEFAULT_DEADLINE,
            connections: 1,
            quota: None,
            user_agent: None,
        }
    }

    /// Sets the service's address: `https://host` or `https://host:port`. Default: `https://jobs.googleapis.com`
    /// (Google's).
    ///
    /// `http://` is allowed for this machine only (a loopback address or `localhost`), because the client sends credentials
    /// there. Use it for a sidecar that adds TLS, or for a test. The client does not use the environment's proxies
    /// (`HTTPS_PROXY`). If this and [`emulator`](Self::emulator) are called several times, the last call wins, and
    /// `TALENT_EMULATOR_HOST` is not read.
    pub fn endpoint(mut self, uri: impl Into<String>) -> Self {
        self.target = Some(Named::Endpoint(uri.into()));
        self
    }

    /// Sets an emulator's address: `host:port`, on any machine. The client speaks plaintext to it. It neither looks for
    /// credentials nor sends any, not even those of [`credentials`](Self::credentials).
    pub fn emulator(mut self, address: impl Into<String>) -> Self {
        self.target = Some(Named::Emulator(address.into()));
        self
    }

    /// Sets the credentials. Default: Application Default Credentials with the scope
    /// `https://www.googleapis.com/auth/jobs`. The client sends every header that they give.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Adds certificate authorities, as PEM, to trust for TLS *instead of* the system's. Several calls add up.
    pub fn root_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.roots.push(pem.as_ref().to_vec());
        self
    }

    /// Sets how long a call may take, including credentials and connecting: 1 ms to 1 hour (our limits). Default: 30 s, as
    /// in Google's clients. The client tells the service.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets the number of HTTP/2 connections: 1 to 256 (our limits). Default: 1. A call takes the connection with the
    /// fewest calls in flight.
    ///
    /// One connection carries as many calls at a time as the server allows. More connections help if one of the client's
    /// cores, or the server's bound for a connection, limits the rate.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// Sets the quota. All clones of the client, all its tenants and every [`Tracker`](crate::Tracker) share it. Default:
    /// none, and the rate is unlimited until the service answers that the quota is used up.
    ///
    /// The client sends an event that is tracked to itself at once. The call counts, so the trackers wait longer.
    pub fn quota(mut self, quota: Quota) -> Self {
        self.quota = Some(quota);
        self
    }

    /// Sets the program's name and version, e.g. `board/1.2`. This library's follow in the header.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Checks the settings and makes the client.
    ///
    /// It reads the system's roots and the credentials' file if it needs them. It does not wait for the network: the first
    /// call opens the connection, so an app starts while the service is down.
    ///
    /// Without [`endpoint`](Self::endpoint) and [`emulator`](Self::emulator), the environment variable
    /// `TALENT_EMULATOR_HOST` decides. If it is set and not empty (`host:port`), it names an emulator. Otherwise the client
    /// speaks to Google.
    ///
    /// # Errors
    ///
    /// A [`ConnectError`] names the setting at fault and says what to do.
    pub async fn connect(self) -> Result<TalentClient, ConnectError> {
        let tenant = self.tenant?;
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(ConnectError::NoRuntime);
        }
        let target = match &self.target {
            Some(Named::Endpoint(uri)) => Target::service(uri)?,
            Some(Named::Emulator(address)) => Target::emulator(address, "emulator")?,
            None => Target::from_environment()?,
        };
        let deadline = check("deadline", self.deadline, Duration::from_millis(1)..=MAX_DEADLINE)?;
        let connections = check("connections", self.connections, 1..=MAX_CONNECTIONS)?;
        let quota = self.quota.map(Quota::check).transpose()?;

        let mut endpoint = endpoint(target.uri().clone())
            .user_agent(user_agent(self.user_agent.as_deref())?)
            .map_err(|e| InvalidField::new("user_agent", e.to_string(), USER_AGENT_FORM))?;
        let own_roots = tls::own_roots(&self.roots)?;
        if target.is_tls() {
            tls::check_provider()?;
            let roots = if own_roots.is_empty() { tls::system_roots()? } else { own_roots };
            endpoint = tls::secure(endpoint, roots, target.uri())?;
        }
        let credentials = match (&target, self.credentials) {
            (Target::Emulator(_), _) => None,
            (Target::Service(_), Some(given)) => Some(given),
            (Target::Service(_), None) => Some(credentials::application_default()?),
        };
        let shared = Shared {
            connections: Connections::new(endpoint, connections),
            endpoint: target.uri().clone(),
            is_emulator: matches!(target, Target::Emulator(_)),
            credentials,
            timeout: headers::timeout(deadline),
            deadline,
            limiter: Arc::new(RateLimiter::new(quota)),
            counters: Default::default(),
        };
        Ok(TalentClient::new(tenant, Arc::new(shared)))
    }
}

const USER_AGENT_FORM: &str = "visible ASCII, e.g. board/1.2";

fn user_agent(own: Option<&str>) -> Result<HeaderValue, ConnectError> {
    let Some(own) = own else { return Ok(HeaderValue::from_static(USER_AGENT)) };
    let visible = !own.is_empty() && own.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    (visible.then(|| HeaderValue::try_from(format!("{own} {USER_AGENT}"))))
        .and_then(Result::ok)
        .ok_or_else(|| InvalidField::new("user_agent", InvalidField::quote(own), USER_AGENT_FORM).into())
}

fn check<T: PartialOrd + fmt::Debug>(
    setting: &'static str,
    value: T,
    allowed: std::ops::RangeInclusive<T>,
) -> Result<T, ConnectError> {
    if allowed.contains(&value) {
        return Ok(value);
    }
    let allowed = format!("{:?} to {:?}", allowed.start(), allowed.end());
    Err(InvalidField::new(setting, format!("{value:?}"), allowed).into())
}

/// Without the credentials, and without the endpoint: nobody has checked yet whether it holds a password.
impl fmt::Debug for TalentClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TalentClientBuilder")
            .field("tenant", &self.tenant.as_ref().map(TenantName::as_str).ok())
            .field("deadline", &self.deadline)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
