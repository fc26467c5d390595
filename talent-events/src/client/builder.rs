//! How a client is made.

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

/// Google's own clients give the call as long.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);
const MAX_DEADLINE: Duration = Duration::from_secs(60 * 60);
const MAX_CONNECTIONS: usize = 256;
const USER_AGENT: &str = concat!("talent-events/", env!("CARGO_PKG_VERSION"));

/// The settings of a [`TalentClient`]; all but the tenant have defaults. Nothing is checked before
/// [`connect`](Self::connect).
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

    /// Where the service is: `https://host` or `https://host:port`. Default: `https://jobs.googleapis.com` (Google's).
    ///
    /// `http://` is for this machine alone (a loopback address or `localhost`), because credentials are sent there: a
    /// sidecar that adds TLS, or a test. Proxies of the environment (`HTTPS_PROXY`) are not used. Of several calls of
    /// this and [`emulator`](Self::emulator) the last holds; `TALENT_EMULATOR_HOST` is then not read.
    pub fn endpoint(mut self, uri: impl Into<String>) -> Self {
        self.target = Some(Named::Endpoint(uri.into()));
        self
    }

    /// An emulator: `host:port`, anywhere. It is spoken to in plaintext, and credentials are neither looked for nor
    /// sent, those of [`credentials`](Self::credentials) included.
    pub fn emulator(mut self, address: impl Into<String>) -> Self {
        self.target = Some(Named::Emulator(address.into()));
        self
    }

    /// These credentials, instead of Application Default Credentials with the scope
    /// `https://www.googleapis.com/auth/jobs`. Whatever headers they give are sent.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Certificate authorities to trust for TLS *instead of* the system's, as PEM. Several calls add up.
    pub fn root_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.roots.push(pem.as_ref().to_vec());
        self
    }

    /// How long a call may take, credentials and connecting included: 1 ms to 1 hour (our limits). Default: 30 s (as
    /// Google's clients). The service is told of it.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many HTTP/2 connections there are: 1 to 256 (our limits). Default: 1. A call takes the one with the fewest
    /// under way.
    ///
    /// One carries many calls at a time, as many as the server allows; more help where one of the client's cores, or
    /// the server's bound for a connection, is what limits.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// The quota that all who send over this client share, clones and other tenants included: every
    /// [`Tracker`](crate::Tracker) of it keeps the pace together with the others. Default: none, and no pace is kept
    /// until the service says that it is over quota.
    ///
    /// An event tracked to the client itself is sent at once, and the others then wait a little longer.
    pub fn quota(mut self, quota: Quota) -> Self {
        self.quota = Some(quota);
        self
    }

    /// The program's name and version, `board/1.2`; this library's follow it in the header.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Checks the settings and makes the client. It reads the system's roots and the credentials' file, as the case
    /// may be, but does not wait for the network: connections are opened by the calls that need them, and an app
    /// starts while the service is down.
    ///
    /// Where neither an endpoint nor an emulator was named, `TALENT_EMULATOR_HOST` is read: set and not empty
    /// (`host:port`), it names an emulator, and else it is Google.
    ///
    /// # Errors
    ///
    /// [`ConnectError`], which says what to do.
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

/// Without the credentials, and without an endpoint that was not checked for a password.
impl fmt::Debug for TalentClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TalentClientBuilder")
            .field("tenant", &self.tenant.as_ref().map(TenantName::as_str).ok())
            .field("deadline", &self.deadline)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
