//! What is logged on a test's own thread, on which its runtime runs all it has.

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

use tracing::subscriber::{DefaultGuard, NoSubscriber, set_default};
use tracing::{Dispatch, Level};
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

/// Where `tracing` knows of a single subscriber, the thread that first comes by a log line decides for all, and that of
/// another test has none. So there is always a second one.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

impl Log {
    /// From now on, with the ends of spans.
    pub(crate) fn of_this_thread(&self, level: Level) -> DefaultGuard {
        LazyLock::force(&ANOTHER);
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(level).with_span_events(FmtSpan::CLOSE);
        set_default(subscriber.with_ansi(false).with_writer(move || log.clone()).finish())
    }

    /// What was logged since it was taken last.
    pub(crate) fn take(&self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut *self.0.lock().expect("no panic while it was held"))).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic while it was held").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
