//! One call to the service.
//!
//! `event.track(&client).await` makes one gRPC call `CreateClientEvent`, once, and answers what the service answers. A
//! [`Tracker`](crate::Tracker) queues events in front of a client, limits their rate and retries them.
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
//! For the raw call, with protobuf's own types and a channel of your own, see
//! [`wire::event_service_client`](crate::wire::event_service_client).

mod builder;
mod call;
mod call_state;
mod causes;
mod codec;
mod connection;
mod connections;
mod credentials;
mod error;
mod headers;
pub(crate) mod meter;
mod proxy_answer;
mod quota;
pub(crate) mod rate_limiter;
mod stats;
mod status;
pub(crate) mod sync;
mod talent_client;
mod target;
mod tls;

pub use builder::TalentClientBuilder;
pub use error::ConnectError;
pub use quota::Quota;
pub use stats::ClientStats;
pub use talent_client::TalentClient;
