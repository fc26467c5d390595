//! `talent-events emulator`.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};

use futures_util::future::OptionFuture;
use talent_events_emulator::faults::{self, Fault};
use talent_events_emulator::replace::Replacement;
use talent_events_emulator::{Emulator, StartError};
use tokio::net::lookup_host;

use crate::options::EmulatorOptions;
use crate::{End, Failure, count, say, unless_nobody_reads};

/// Maximum size of a file of faults.
const MAX_FAULTS_BYTES: u64 = 1024 * 1024;

pub(crate) async fn run(options: EmulatorOptions) -> Result<End, Failure> {
    // First of all, so that an early signal stops the emulator gracefully.
    let mut stop = Stop::new()?;
    if let Some(path) = &options.export_at_exit {
        // At exit the user cannot choose another file.
        Replacement::try_at(path).map_err(|e| format!("cannot export to {}: {e}", path.display()))?;
    }
    let emulator = tokio::select! {
        emulator = start(&options) => emulator?,
        () = stop.wait() => {
            say("interrupted before the emulator was ready");
            return Ok(End::Unfinished);
        }
    };
    if let Some(path) = &options.import {
        let stats = emulator.stats();
        say(&format!(
            "{} imported from {}",
            count(stats.total_kept() + stats.total_discarded(), "event"),
            path.display()
        ));
    }
    unless_nobody_reads(greet(&emulator, &options))?;
    stop.wait().await;
    say("stopping");
    match &options.export_at_exit {
        None => emulator.shutdown().await,
        Some(path) => {
            let exported = emulator.shutdown_and_export(path).await;
            let events = exported.map_err(|e| format!("cannot export to {e}"))?;
            say(&format!("{} exported to {}", count(events as u64, "event"), path.display()));
        }
    }
    Ok(End::Clean)
}

async fn start(options: &EmulatorOptions) -> Result<Emulator, Failure> {
    let EmulatorOptions { host, port, .. } = options;
    let address = match host.parse::<IpAddr>() {
        Ok(address) => SocketAddr::new(address, *port),
        Err(_) => lookup_host((host.as_str(), *port))
            .await
            .map_err(|e| format!("`--host`: expected an address or a name of this machine, found {host:?}: {e}"))?
            .next()
            .ok_or_else(|| format!("`--host`: {host:?} has no address"))?,
    };
    let mut builder = Emulator::builder().address(address).faults(read_faults(options)?);
    if options.strict {
        builder = builder.strict();
    }
    if options.require_token {
        builder = builder.require_token();
    }
    if options.idempotent {
        builder = builder.idempotent();
    }
    if let Some(quota) = options.quota {
        builder = builder.quota(quota);
    }
    for name in &options.allow_host {
        builder = builder.allow_host(name);
    }
    if let Some(path) = &options.import {
        builder = builder.import(path);
    }
    builder.start().await.map_err(|e| match &e {
        StartError::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
            format!("{e}; help: if another emulator is running, choose another port with `--port`, or 0 for a free one")
                .into()
        }
        _ => e.into(),
    })
}

fn read_faults(options: &EmulatorOptions) -> Result<Vec<Fault>, Failure> {
    let Some(path) = &options.faults else { return Ok(Vec::new()) };
    let shown = path.display();
    let length = std::fs::metadata(path).map_err(|e| format!("cannot read {shown}: {e}"))?.len();
    if length > MAX_FAULTS_BYTES {
        return Err(format!("cannot read {shown}: expected at most {MAX_FAULTS_BYTES} bytes, found {length}").into());
    }
    let text = std::fs::read_to_string(path).map_err(|e| format!("cannot read {shown}: {e}"))?;
    Ok(faults::parse(&text).map_err(|e| format!("{shown}: {e}"))?)
}

/// Prints the variables to the standard output, and the rest to the standard error.
fn greet(emulator: &Emulator, options: &EmulatorOptions) -> io::Result<()> {
    let mut address = emulator.address();
    if !address.ip().is_loopback() {
        say(&format!("warning: anybody in the network can send events to {address} and read the recorded events"));
    }
    if address.ip().is_unspecified() {
        // It listens on all addresses. Programs on this machine use the loopback address.
        let local: IpAddr = if address.is_ipv4() { [127, 0, 0, 1].into() } else { [0, 0, 0, 0, 0, 0, 0, 1].into() };
        address.set_ip(local);
    }
    say(&format!("console: http://{address}/"));
    say("events are kept in memory, and Ctrl-C stops the emulator; in the shell of your program:");
    let mut out = io::stdout().lock();
    writeln!(out, "export TALENT_EMULATOR_HOST={address}\nexport TALENT_TENANT='{}'", options.tenant)?;
    out.flush()
}

/// The signals that stop the program: Ctrl-C, SIGTERM, or a closed terminal.
pub(crate) struct Stop {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Stop {
    pub(crate) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: if outlives_its_terminal() { None } else { Some(signal(SignalKind::hangup())?) },
        })
    }

    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            Some(_) = OptionFuture::from(self.hangup.as_mut().map(|hangup| hangup.recv())) => {}
        }
    }
}

/// Whether SIGHUP is ignored, as `nohup` does. `false` if the system does not tell.
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // SIGHUP is number 1, the first bit.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
impl Stop {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    pub(crate) async fn wait(&mut self) {
        // If the signal cannot be received, the wait never ends.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
