//! What a call has to pass before its event is looked at: scripted faults, then the token, then the quota.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::time::{self, Instant};
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt};

use crate::faults::{End, Fault, Script, Strike};
use crate::quota::Bucket;
use crate::refusal::ERROR_DOMAIN;
use crate::{Quota, Settings};

/// The reason in the `google.rpc.ErrorInfo` of a call beyond the quota.
pub const QUOTA_REASON: &str = "RATE_LIMIT_EXCEEDED";

/// Cuts the connection that a request came by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cut(pub(crate) Arc<Notify>);

#[derive(Debug)]
pub(crate) struct Gate {
    script: Mutex<Script>,
    bucket: Mutex<Bucket>,
    /// Its other end is gone when the emulator stops.
    stop: watch::Receiver<()>,
}

impl Gate {
    pub(crate) fn new(faults: Vec<Fault>, stop: watch::Receiver<()>) -> Self {
        Self { script: Mutex::new(Script::new(faults)), bucket: Mutex::default(), stop }
    }

    pub(crate) fn faults(&self) -> Vec<Fault> {
        lock(&self.script).faults()
    }

    pub(crate) fn set_faults(&self, faults: Vec<Fault>) {
        *lock(&self.script) = Script::new(faults);
    }

    /// `cut` is the request's connection. It does not return where a fault ends that.
    pub(crate) async fn pass(&self, settings: Settings, has_token: bool, cut: Option<&Cut>) -> Result<(), Status> {
        let Strike { delay, end } = lock(&self.script).strike();
        if !delay.is_zero() {
            time::sleep(delay).await;
        }
        match end {
            None => {}
            Some(End::Answer(status)) => return Err(status),
            Some(End::Disconnect) => return self.disconnect(cut).await,
            Some(End::BlackHole) => {
                self.stopped().await;
                return self.disconnect(cut).await;
            }
        }
        if settings.require_token && !has_token {
            let words = "the call has no token: the emulator was told to require one, `authorization: Bearer …`";
            return Err(Status::unauthenticated(words));
        }
        match settings.quota {
            Some(quota) => self.charge(quota),
            None => Ok(()),
        }
    }

    fn charge(&self, quota: Quota) -> Result<(), Status> {
        lock(&self.bucket).take(quota, Instant::now()).map_err(|wait| {
            let mut details = ErrorDetails::with_error_info(QUOTA_REASON, ERROR_DOMAIN, []);
            details.set_retry_info(Some(wait));
            let words = format!("the emulator's quota of {quota} is used up: try again in {wait:?}");
            Status::with_error_details(tonic::Code::ResourceExhausted, words, details)
        })
    }

    async fn disconnect(&self, cut: Option<&Cut>) -> Result<(), Status> {
        match cut {
            Some(Cut(cut)) => {
                cut.notify_one();
                std::future::pending().await
            }
            None => Err(Status::unavailable("disconnected")),
        }
    }

    /// Waits until the emulator stops.
    pub(crate) async fn stopped(&self) {
        let mut stop = self.stop.clone();
        while stop.changed().await.is_ok() {}
    }
}

/// Whether an `authorization` header holds a token.
pub(crate) fn is_token(header: Option<&[u8]>) -> bool {
    let Some((scheme, token)) = header.and_then(|header| header.split_at_checked("bearer ".len())) else {
        return false;
    };
    scheme.eq_ignore_ascii_case(b"bearer ") && !token.trim_ascii().is_empty()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics between two changes that belong together.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
