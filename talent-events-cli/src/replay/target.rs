//! The service that a replay sends to.

use std::time::Duration;

use talent_events::delivery::Quota;
use talent_events::{TalentClient, TenantName};

use crate::Failure;
use crate::options::ReplayOptions;

const GOOGLE: &str = "https://jobs.googleapis.com";

/// The client, and the name of the service for people and for the progress file.
pub(super) async fn connect(options: &ReplayOptions) -> Result<(TalentClient, String), Failure> {
    // Each event goes to its own tenant, so the client's tenant makes no difference.
    let builder = TalentClient::builder(TenantName::new("projects/replay/tenants/replay")?);
    let variable = std::env::var("TALENT_EMULATOR_HOST").ok().filter(|host| !host.is_empty());
    let (builder, target) = match (options.google, options.emulator.clone().or(variable)) {
        (true, _) => (builder.endpoint(GOOGLE), GOOGLE.to_owned()),
        (false, Some(emulator)) => (builder.emulator(&emulator), emulator),
        (false, None) => {
            let words = "say where to send to: --emulator HOST:PORT, or the variable TALENT_EMULATOR_HOST, or --google";
            return Err(words.into());
        }
    };
    let builder = match options.quota {
        Some(quota) => builder.quota(per_minute(quota)?),
        None => builder,
    };
    Ok((builder.connect().await?, target))
}

fn per_minute(quota: talent_events_emulator::Quota) -> Result<Quota, Failure> {
    const MINUTE: Duration = Duration::from_secs(60);
    let calls = u128::from(quota.calls()) * MINUTE.as_nanos() / quota.period().as_nanos().max(1);
    match u32::try_from(calls) {
        Ok(0) => Err("--quota: expected at least one call a minute".into()),
        Ok(calls) => Ok(Quota::per_minute(calls)),
        Err(_) => Err("--quota: expected at most 60000000 calls a minute".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_rounded_down_to_calls_a_minute() {
        for (given, calls) in [("300/min", 300), ("1000/s", 60_000), ("4/1500ms", 160), ("2/90s", 1)] {
            assert_eq!(per_minute(given.parse().unwrap()).unwrap(), Quota::per_minute(calls), "{given}");
        }
        assert!(per_minute("1/90s".parse().unwrap()).is_err());
    }
}
