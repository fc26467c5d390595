//! The services, in a process of their own, so that CPU time is the client's alone.
//!
//! Orders come line by line by standard input, and each is answered by a line of standard output.

use std::collections::HashMap;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use talent_events_tests_service::{Call, Service, Then};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, stdin, stdout};

use crate::Result;
use crate::sample::{GOOD, HANGS, RESETS};

const ROLE: &str = "TALENT_BENCH_SERVES";
const UNAVAILABLE: &str = "14";
/// A call that arrives so soon after a failure was answered may have begun before the client knew of it.
const TRANSIT: Duration = Duration::from_millis(5);

/// The other process, seen from the measurement.
pub(crate) struct Remote(Mutex<Ends>);

struct Ends {
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// One of its services.
#[derive(Clone)]
pub(crate) struct Remotely<'r> {
    remote: &'r Remote,
    number: usize,
    pub(crate) address: String,
}

impl Remote {
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        let mut process = command.env(ROLE, "1").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let orders = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().ok_or("no standard output")?);
        Ok(Self(Mutex::new(Ends { process, orders, answers })))
    }

    /// A new service that answers as each event says.
    pub(crate) fn service(&self) -> Result<Remotely<'_>> {
        let said = self.say("new")?;
        let (number, address) = said.split_once(' ').ok_or("no address")?;
        Ok(Remotely { remote: self, number: number.parse()?, address: address.into() })
    }

    fn say(&self, order: &str) -> Result<String> {
        let mut ends = lock(&self.0);
        writeln!(ends.orders.as_mut().ok_or("no standard input")?, "{order}")?;
        let mut line = String::new();
        ends.answers.read_line(&mut line)?;
        match line.trim_end_matches('\n').split_once(' ') {
            Some(("ok", said)) => Ok(said.into()),
            _ => Err(format!("the service on `{order}`: {line}").into()),
        }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        let mut ends = lock(&self.0);
        drop(ends.orders.take());
        let _ = ends.process.wait();
    }
}

impl Remotely<'_> {
    /// From now on it does this: see [`Mode`].
    pub(crate) fn set(&self, mode: &str) -> Result {
        self.remote.say(&format!("{} {mode}", self.number)).map(drop)
    }

    /// The most sends of one event, of those that never were accepted, while others were.
    pub(crate) fn sends(&self) -> Result<f64> {
        Ok(self.remote.say(&format!("{} sends", self.number))?.parse()?)
    }
}

/// What a service does with its calls.
#[derive(Clone, Copy, Debug, Default)]
enum Mode {
    /// `normal`: as the event says.
    #[default]
    Normal,
    /// `random P`: so many in a hundred are unavailable.
    Random(u64),
    /// `unavailable`: all are.
    Unavailable,
    /// `hang`: nothing is answered.
    Hang,
    /// `silent`: nothing moves any more on the connections that there are now.
    Silent(u64),
    /// `retry CODE SECONDS`: each call ends with this code, and a RetryInfo.
    Retry(u16, i64),
}

/// A service, or the address of one that is stopped.
struct Serving {
    service: Option<Service>,
    address: std::net::SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    mode: Mode,
    /// When the latest of the accepted calls began.
    accepted: Option<Instant>,
    failing: HashMap<String, Failing>,
}

/// An event that was not accepted.
struct Failing {
    last: Instant,
    sends: u64,
}

/// Whether this process is the service; then it has served until its standard input ended. `main` calls it first.
pub(crate) fn served() -> Result<bool> {
    if env::var_os(ROLE).is_none() {
        return Ok(false);
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())?;
    Ok(true)
}

async fn serve() -> Result {
    let mut all: Vec<Serving> = Vec::new();
    let mut orders = tokio::io::BufReader::new(stdin()).lines();
    while let Some(order) = orders.next_line().await? {
        let said = match obey(&mut all, &order).await {
            Ok(said) => format!("ok {said}\n"),
            Err(error) => format!("error {error}\n"),
        };
        stdout().write_all(said.as_bytes()).await?;
        stdout().flush().await?;
    }
    Ok(())
}

async fn obey(all: &mut Vec<Serving>, order: &str) -> Result<String> {
    if order == "new" {
        let number = all.len();
        // An address of its own, so that nobody takes the port while it is stopped.
        let at = format!("127.88.{}.{}:0", number / 250, number % 250 + 1).parse()?;
        let state = Arc::default();
        let service = start(at, &state).await?;
        let address = service.address();
        all.push(Serving { service: Some(service), address, state });
        return Ok(format!("{number} {address}"));
    }
    let (number, order) = order.split_once(' ').ok_or("no order")?;
    let serving = all.get_mut(number.parse::<usize>()?).ok_or("no such service")?;
    let words: Vec<_> = order.split(' ').collect();
    let mode = match *words {
        ["normal"] => Mode::Normal,
        ["random", percent] => Mode::Random(percent.parse()?),
        ["unavailable"] => Mode::Unavailable,
        ["hang"] => Mode::Hang,
        ["silent"] => Mode::Silent(serving.service.as_ref().map_or(0, Service::connections)),
        ["retry", code, seconds] => Mode::Retry(code.parse()?, seconds.parse()?),
        ["down"] => {
            if let Some(service) = serving.service.take() {
                service.stop().await;
            }
            return Ok(String::new());
        }
        ["up"] => {
            serving.service = Some(start(serving.address, &serving.state).await?);
            return Ok(String::new());
        }
        ["sends"] => return Ok(lock(&serving.state).failing.values().map(|f| f.sends).max().unwrap_or(0).to_string()),
        _ => return Err("an order that does not exist".into()),
    };
    lock(&serving.state).mode = mode;
    Ok(String::new())
}

async fn start(address: std::net::SocketAddr, state: &Arc<Mutex<State>>) -> Result<Service> {
    let state = Arc::clone(state);
    Service::start_at(address, move |call| lock(&state).then(call)).await
}

impl State {
    fn then(&mut self, call: &Call) -> Then {
        let then = match self.mode {
            Mode::Normal => self.by_fate(&call.event.event_id),
            Mode::Random(percent) if scattered(call.number) % 100 < percent => Then::Status(UNAVAILABLE),
            Mode::Silent(connections) if call.connection < connections => Then::HalfOpen,
            Mode::Random(_) | Mode::Silent(_) => Then::Answer,
            Mode::Unavailable => Then::Status(UNAVAILABLE),
            Mode::Hang => Then::Hang,
            Mode::Retry(code, seconds) => Then::RetryInfo(code, seconds),
        };
        // All answers are given as soon as the call is there, so that it begins and ends now.
        if let Then::Answer = then {
            self.accepted = Some(Instant::now());
        } else {
            self.failed(&call.event.event_id);
        }
        then
    }

    fn by_fate(&self, event_id: &str) -> Then {
        const CODES: [&str; 2] = [crate::sample::INTERNAL, crate::sample::NOT_FOUND];
        match event_id.split_once('-') {
            Some((GOOD, _)) | None => Then::Answer,
            Some((HANGS, _)) => Then::Hang,
            Some((RESETS, _)) => Then::Reset,
            Some((code, _)) => {
                CODES.iter().find(|known| **known == code).map_or(Then::Answer, |code| Then::Status(code))
            }
        }
    }

    /// Counts the first send, and each one if a call of another event was accepted that began after the last one failed.
    fn failed(&mut self, event_id: &str) {
        let now = Instant::now();
        match self.failing.get_mut(event_id) {
            None => drop(self.failing.insert(event_id.into(), Failing { last: now, sends: 1 })),
            Some(failing) => {
                failing.sends += u64::from(self.accepted.is_some_and(|accepted| accepted > failing.last + TRANSIT));
                failing.last = now;
            }
        }
    }
}

/// As good as random, and the same in each run (SplitMix64).
fn scattered(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
