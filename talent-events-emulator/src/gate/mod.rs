//! The checks of a call before its event is read: scripted faults, then the token, then the quota.

pub mod faults;
mod quota;
mod script;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::time::{self, Instant};
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt};

use crate::http::ERROR_DOMAIN;
use faults::Fault;
pub use quota::Quota;
use quota::TokenBucket;
use script::{Effect, End, Script};

/// The reason in the `google.rpc.ErrorInfo` of a call over quota.
pub const QUOTA_REASON: &str = "RATE_LIMIT_EXCEEDED";

/// Closes the connection of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct CloseConnection(Arc<Notify>);

impl CloseConnection {
    fn close(&self) {
        self.0.notify_one();
    }

    /// Waits until the connection has to be closed.
    pub(crate) async fn requested(&self) {
        self.0.notified().await;
    }
}

#[derive(Debug)]
pub(crate) struct Gate {
    script: Mutex<Script>,
    bucket: Mutex<TokenBucket>,
    /// Its sender is dropped when the emulator stops.
    stop: watch::Receiver<()>,
}

/// What decides whether a call passes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) require_token: bool,
    pub(crate) quota: Option<Quota>,
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

    /// Lets a call pass or returns its refusal. It never returns if a fault closes the `connection` of the call.
    pub(crate) async fn pass(
        &self,
        policy: Policy,
        has_token: bool,
        connection: Option<&CloseConnection>,
    ) -> Result<(), Status> {
        let Effect { delay, end } = lock(&self.script).next_call();
        if !delay.is_zero() {
            time::sleep(delay).await;
        }
        match end {
            None => {}
            Some(End::Answer(status)) => return Err(status),
            Some(End::Disconnect) => return disconnect(connection).await,
            Some(End::BlackHole) => {
                self.stopped().await;
                return disconnect(connection).await;
            }
        }
        if policy.require_token && !has_token {
            return Err(Status::unauthenticated("expected a token, `authorization: Bearer …`, found none"));
        }
        match policy.quota {
            Some(quota) => self.charge(quota),
            None => Ok(()),
        }
    }

    fn charge(&self, quota: Quota) -> Result<(), Status> {
        lock(&self.bucket).take(quota, Instant::now()).map_err(|wait| {
            let mut details = ErrorDetails::with_error_info(QUOTA_REASON, ERROR_DOMAIN, []);
            details.set_retry_info(Some(wait));
            let message = format!("the emulator's quota of {quota} is used up: try again in {wait:?}");
            Status::with_error_details(tonic::Code::ResourceExhausted, message, details)
        })
    }

    /// Waits until the emulator stops.
    pub(crate) async fn stopped(&self) {
        let mut stop = self.stop.clone();
        while stop.changed().await.is_ok() {}
    }
}

async fn disconnect(connection: Option<&CloseConnection>) -> Result<(), Status> {
    match connection {
        Some(connection) => {
            connection.close();
            std::future::pending().await
        }
        None => Err(Status::unavailable("disconnected")),
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
    // No panic leaves a half-made change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
