//! Connections that stay open without a request.

use std::time::Duration;

use talent_events::JobEventType;
use talent_events_emulator::Emulator;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{self, Instant};

use crate::support::grpc::{client, request};
use crate::support::http::{EVENTS, event, post};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

async fn connect(emulator: &Emulator, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(emulator.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// The emulator has read all earlier bytes when it answers this call.
async fn barrier(emulator: &Emulator) {
    client(emulator).await.create_client_event(request(JobEventType::View, "barrier")).await.unwrap();
}

async fn read_to_end(mut stream: TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    // The system may report a closed connection as an error.
    let _ = stream.read_to_end(&mut read).await;
    read
}

/// Otherwise a few hundred of them use up all file descriptors.
#[tokio::test]
async fn half_begun_connections_are_closed() {
    let emulator = Emulator::start().await.unwrap();
    for begin in [&b""[..], b"P", &PREFACE[..PREFACE.len() - 1]] {
        let stream = connect(&emulator, begin).await;
        barrier(&emulator).await;
        time::pause();
        let start = Instant::now();
        assert_eq!(read_to_end(stream).await, b"");
        let took = start.elapsed();
        assert!(took > Duration::from_secs(9) && took < Duration::from_secs(11), "{begin:?}: {took:?}");
        time::resume();
    }
}

#[tokio::test]
async fn incomplete_requests_are_closed() {
    let emulator = Emulator::start().await.unwrap();
    let head = connect(&emulator, b"GET / HTTP/1.1\r\n").await;
    let body = format!("POST {EVENTS} HTTP/1.1\r\nhost: {}\r\ncontent-length: 100\r\n\r\n{{", emulator.host());
    let body = connect(&emulator, body.as_bytes()).await;
    barrier(&emulator).await;
    time::pause();
    let start = Instant::now();
    let (head, body) = tokio::join!(read_to_end(head), read_to_end(body));
    let took = start.elapsed();
    assert!(took > Duration::from_secs(29) && took < Duration::from_secs(61), "{took:?}");
    let (head, body) = (String::from_utf8(head).unwrap(), String::from_utf8(body).unwrap());
    assert!(head.is_empty() || head.starts_with("HTTP/1.1 408"), "{head}");
    assert!(body.starts_with("HTTP/1.1 400") && body.contains("cannot read the body"), "{body}");
}

/// A peer that has vanished answers no ping.
#[tokio::test]
async fn an_idle_http2_connection_has_to_answer_pings() {
    let emulator = Emulator::start().await.unwrap();
    // An empty SETTINGS frame.
    let begin = [PREFACE, &[0, 0, 0, 4, 0, 0, 0, 0, 0]].concat();
    let stream = connect(&emulator, &begin).await;
    barrier(&emulator).await;
    time::pause();
    let start = Instant::now();
    let read = time::timeout(Duration::from_secs(600), read_to_end(stream)).await.expect("it is closed");
    let took = start.elapsed();
    assert!(took > Duration::from_secs(29) && took < Duration::from_secs(61), "{took:?}");
    // The type of a frame is its fourth byte; 6 is PING.
    assert!(read.windows(9).any(|frame| frame[..5] == [0, 0, 8, 6, 0]), "{read:?}");
}

#[tokio::test]
async fn connections_over_the_maximum_wait() {
    let emulator = Emulator::builder().max_connections(1).start().await.unwrap();
    let silent = connect(&emulator, b"").await;
    time::pause();
    let start = Instant::now();
    // The silent connection is closed after ten seconds.
    assert_eq!(post(&emulator, EVENTS, event("VIEW", "e", "s")).await.status, 200);
    assert!(start.elapsed() > Duration::from_secs(9), "{:?}", start.elapsed());
    drop(silent);
}
