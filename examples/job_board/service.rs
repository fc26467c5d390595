//! Who is told of the events.

use std::env;

use talent_events::{TalentClient, TenantName};
use talent_events_emulator::Emulator;

use crate::Failure;

/// Whose events they are where nobody says otherwise.
const DEMO_TENANT: &str = "projects/demo/tenants/board";

/// A client, and the emulator where it is our own.
pub(crate) struct Service {
    tenant: TenantName,
    client: TalentClient,
    emulator: Option<Emulator>,
}

impl Service {
    /// The service that the environment names, or else an emulator of our own.
    pub(crate) async fn from_env() -> Result<Self, Failure> {
        let emulator_host = variable("TALENT_EMULATOR_HOST")?;
        let tenant = variable("TALENT_TENANT")?;
        let is_named = emulator_host.is_some() || tenant.is_some();

        let tenant = TenantName::new(tenant.as_deref().unwrap_or(DEMO_TENANT))
            .map_err(|e| format!("the variable TALENT_TENANT names no tenant: {e}"))?;
        if is_named {
            let client = TalentClient::connect(tenant.clone()).await?;
            return Ok(Self { tenant, client, emulator: None });
        }
        let emulator = Emulator::start().await?;
        let client = TalentClient::builder(tenant.clone()).emulator(emulator.host()).connect().await?;
        Ok(Self { tenant, client, emulator: Some(emulator) })
    }

    /// Whose events they are.
    pub(crate) fn tenant(&self) -> &TenantName {
        &self.tenant
    }

    pub(crate) fn client(&self) -> &TalentClient {
        &self.client
    }

    /// Where it can be asked what it has recorded.
    pub(crate) fn emulator(&self) -> Option<&Emulator> {
        self.emulator.as_ref()
    }
}

/// Empty means unset.
fn variable(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|v| !v.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(format!("the variable {name} is no Unicode text")),
    }
}
