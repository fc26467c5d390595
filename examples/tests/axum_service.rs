//! The service, run and stopped as an orchestrator does it.
#![cfg(unix)]

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use talent_events_emulator::Emulator;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const LONG: Duration = Duration::from_secs(60);
const UNDELIVERED: &str = "left.ndjson";

struct Service {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    address: String,
}

/// The program, to keep what is left in this folder, and with so many seconds to end.
fn command(emulator: &str, folder: &TempDir, grace: &str) -> Result<Command> {
    // Tests lie in `deps`, beside `examples`.
    let target: PathBuf = std::env::current_exe()?.ancestors().nth(2).ok_or("a target directory")?.into();
    let program = target.join("examples").join("axum_service");
    assert!(program.exists(), "{} is not built: run `cargo build --example axum_service`", program.display());
    let mut command = Command::new(program);
    command
        .env_remove("TALENT_TENANT")
        .env("TALENT_EMULATOR_HOST", emulator)
        .env("ADDRESS", "127.0.0.1:0")
        .env("GRACE_SECONDS", grace)
        .env("UNDELIVERED", folder.path().join(UNDELIVERED))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    Ok(command)
}

impl Service {
    /// Keeps what is left in this folder, and has so many seconds to end.
    async fn start(emulator: &str, folder: &TempDir, grace: &str) -> Result<Self> {
        let mut child = command(emulator, folder, grace)?.spawn()?;
        let mut said = BufReader::new(child.stdout.take().ok_or("its output")?).lines();
        let first = timeout(LONG, said.next_line()).await??.ok_or("a first line")?;
        let address = first.strip_prefix("listening on ").ok_or("an address")?.to_owned();
        Ok(Self { child, said, address })
    }

    /// The answer's status line and the rest.
    async fn ask(&self, request: &str, body: &str) -> Result<String> {
        let mut stream = TcpStream::connect(&self.address).await?;
        let request = format!(
            "{request} HTTP/1.1\r\nHost: board\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    /// Its last line, after SIGTERM.
    async fn terminate(mut self) -> Result<String> {
        let pid = self.child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)).ok_or("a process")?;
        kill_process(pid, Signal::TERM)?;
        let last = timeout(LONG, self.said.next_line()).await??.ok_or("a last line")?;
        let status = timeout(LONG, self.child.wait()).await??;
        assert!(status.success(), "{status}");
        Ok(last)
    }
}

#[tokio::test]
async fn sigterm_delivers_what_is_queued() -> Result {
    // Nobody listens there yet: everything waits.
    let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let folder = TempDir::new()?;
    let service = Service::start(&address.to_string(), &folder, "20").await?;
    for position in 0..20 {
        let answer = service.ask("POST /jobs/42/opened", &format!("search=7f&position={position}")).await?;
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }
    let answer = service.ask("POST /jobs/projects%2Fx/opened", "search=7f&position=1").await?;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let health = service.ask("GET /health", "").await?;
    assert!(health.starts_with("HTTP/1.1 200") && health.contains("\"waiting\":20"), "{health}");

    let emulator = Emulator::builder().address(address).start().await?;
    assert_eq!(service.terminate().await?, "delivered 20, left 0");
    assert_eq!(emulator.events().len(), 20);
    Ok(())
}

/// A visitor on a bad line, or one who means ill.
#[tokio::test]
async fn a_request_that_never_ends_does_not_keep_events_from_their_delivery() -> Result {
    let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let folder = TempDir::new()?;
    let service = Service::start(&address.to_string(), &folder, "12").await?;
    service.ask("POST /jobs/42/opened", "search=7f&position=1").await?;
    let mut hanging = TcpStream::connect(&service.address).await?;
    let half = "POST /jobs/42/opened HTTP/1.1\r\nHost: board\r\nExpect: 100-continue\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\n";
    hanging.write_all(half.as_bytes()).await?;
    // It is asked for the body: the request is under way.
    let mut asked = [0; 12];
    hanging.read_exact(&mut asked).await?;
    assert_eq!(&asked, b"HTTP/1.1 100");
    hanging.write_all(b"search=7f").await?;

    let emulator = Emulator::builder().address(address).start().await?;
    assert_eq!(service.terminate().await?, "delivered 1, left 0");
    assert_eq!(emulator.events().len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_is_left_goes_over_a_restart() -> Result {
    let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let folder = TempDir::new()?;
    let service = Service::start(&address.to_string(), &folder, "1").await?;
    for position in 0..5 {
        service.ask("POST /jobs/42/opened", &format!("search=7f&position={position}")).await?;
    }
    assert_eq!(service.terminate().await?, "delivered 0, left 5");
    let left = std::fs::read_to_string(folder.path().join(UNDELIVERED))?;
    assert_eq!(left.lines().count(), 5);

    let emulator = Emulator::builder().address(address).start().await?;
    let service = Service::start(&emulator.host(), &folder, "20").await?;
    assert_eq!(service.terminate().await?, "delivered 5, left 0");
    let sent = emulator.events();
    assert_eq!(sent.len(), 5);
    assert!(sent.iter().all(|sent| left.contains(sent.event.event_id.as_str())), "the same events");
    assert_eq!(std::fs::read_to_string(folder.path().join(UNDELIVERED))?, "");
    Ok(())
}

#[tokio::test]
async fn a_bad_line_is_named_and_nothing_is_sent_or_lost() -> Result {
    let emulator = Emulator::start().await?;
    let folder = TempDir::new()?;
    let file = folder.path().join(UNDELIVERED);
    let good = r#"{"tenant":"projects/demo/tenants/board","event":{"requestId":"7f","eventId":"e-1","createTime":"2026-02-03T09:30:00Z","jobEvent":{"type":"VIEW","jobs":["projects/demo/tenants/board/jobs/42"]}}}"#;
    let lines = format!("{good}\n{}\n", &good[..100]);
    std::fs::write(&file, &lines)?;
    let output = timeout(LONG, command(&emulator.host(), &folder, "20")?.stderr(Stdio::piped()).output()).await??;
    assert!(!output.status.success(), "{}", output.status);
    let said = String::from_utf8(output.stderr)?;
    for words in [format!("{}:2: ", file.display()), format!("`talent-events replay {}`", file.display())] {
        assert!(said.contains(&words), "{words}: {said}");
    }
    assert_eq!(std::fs::read_to_string(file)?, lines);
    assert!(emulator.events().is_empty());
    Ok(())
}
