//! How it ends.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::support::grpc::{client, request};
use talent_events::JobEventType;
use talent_events::wire::event_service_client::EventServiceClient;
use talent_events::wire::{ClientEvent, CreateClientEventRequest};
use talent_events_emulator::{Code, Emulator};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time;
use tokio_stream::Stream;
use tonic::transport::Endpoint;
use tonic::{Response, Status};
use tonic_prost::ProstCodec;

/// A request's message that comes when somebody sends it.
struct Later {
    asked_for: Option<oneshot::Sender<()>>,
    message: Option<oneshot::Receiver<CreateClientEventRequest>>,
}

impl Stream for Later {
    type Item = CreateClientEventRequest;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.asked_for.take().map(|asked_for| asked_for.send(()));
        let Some(message) = &mut self.message else { return Poll::Ready(None) };
        let message = ready!(Pin::new(message).poll(cx)).ok();
        self.message = None;
        Poll::Ready(message)
    }
}

struct UnderWay {
    call: JoinHandle<Result<Response<ClientEvent>, Status>>,
    message: oneshot::Sender<CreateClientEventRequest>,
}

/// A call of which the emulator has the headers and nothing else. One event is recorded on the way.
async fn call_under_way(emulator: &Emulator) -> UnderWay {
    let channel = Endpoint::from_shared(format!("http://{}", emulator.host())).unwrap().connect().await.unwrap();
    let (asked_for, is_asked_for) = oneshot::channel();
    let (message, receiver) = oneshot::channel();
    let body = Later { asked_for: Some(asked_for), message: Some(receiver) };
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    let call = tokio::spawn(async move {
        grpc.ready().await.unwrap();
        let path = "/google.cloud.talent.v4.EventService/CreateClientEvent".parse().unwrap();
        grpc.client_streaming(tonic::Request::new(body), path, ProstCodec::default()).await
    });
    // The body is asked for when the headers are on their way, and what is answered later on the same connection was
    // read later.
    is_asked_for.await.unwrap();
    EventServiceClient::new(channel).create_client_event(request(JobEventType::View, "later")).await.unwrap();
    UnderWay { call, message }
}

#[tokio::test]
async fn the_port_is_free_again() {
    let emulator = Emulator::start().await.unwrap();
    let address = emulator.address();
    let mut idle = client(&emulator).await;
    idle.create_client_event(request(JobEventType::View, "e-1")).await.unwrap();
    emulator.shutdown().await;

    let status = idle.create_client_event(request(JobEventType::View, "e-2")).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let again = Emulator::builder().address(address).start().await.expect("nobody listens there any more");
    client(&again).await.create_client_event(request(JobEventType::View, "e-3")).await.unwrap();
    assert_eq!(again.events().len(), 1);
}

#[tokio::test]
async fn calls_under_way_get_their_answer() {
    let emulator = Emulator::start().await.unwrap();
    let address = emulator.address();
    let UnderWay { call, message } = call_under_way(&emulator).await;

    let mut shutdown = std::pin::pin!(emulator.shutdown());
    // Once the port refuses, the emulator is stopping.
    loop {
        tokio::select! {
            () = &mut shutdown => panic!("a call is under way"),
            connection = TcpStream::connect(address) => if connection.is_err() { break },
        }
    }
    let sent = request(JobEventType::Hired, "under-way");
    message.send(sent.clone()).unwrap();
    shutdown.await;
    let answer = call.await.unwrap().expect("the call ends well").into_inner();
    assert_eq!(Some(answer), sent.client_event);
}

#[tokio::test]
async fn a_call_that_never_ends_is_cut() {
    let emulator = Emulator::start().await.unwrap();
    let UnderWay { call, message } = call_under_way(&emulator).await;
    // From here on, time passes when nothing else can happen.
    time::pause();
    let start = time::Instant::now();
    emulator.shutdown().await;
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(5) && took < Duration::from_millis(5_100), "{took:?}");
    let status = call.await.unwrap().unwrap_err();
    assert_ne!(status.code(), Code::Ok, "{status:?}");
    drop(message);
}

#[tokio::test]
async fn dropped_it_stops_by_itself() {
    let emulator = Emulator::start().await.unwrap();
    let address = emulator.address();
    let mut client = client(&emulator).await;
    client.create_client_event(request(JobEventType::View, "e-1")).await.unwrap();
    drop(emulator);
    let gone = async { while TcpStream::connect(address).await.is_ok() {} };
    time::timeout(Duration::from_secs(20), gone).await.expect("the port is freed");
    client.create_client_event(request(JobEventType::View, "e-2")).await.unwrap_err();
}

/// Nobody holds a connection, or a call's place, for ever by saying nothing.
#[tokio::test]
async fn who_says_nothing_for_half_a_minute_is_cut_off() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let emulator = Emulator::start().await.unwrap();
    let mut silent = TcpStream::connect(emulator.address()).await.unwrap();
    let mut half = TcpStream::connect(emulator.address()).await.unwrap();
    let path = "/v4/projects/acme/tenants/board/clientEvents";
    let head = format!("POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: 100\r\n\r\n{{", emulator.host());
    half.write_all(head.as_bytes()).await.unwrap();
    // What was said on the same machine before is heard before.
    client(&emulator).await.create_client_event(request(JobEventType::View, "e-1")).await.unwrap();
    time::pause();
    let start = time::Instant::now();
    let (mut nothing, mut answer) = (String::new(), String::new());
    let (silent, half) = tokio::join!(silent.read_to_string(&mut nothing), half.read_to_string(&mut answer));
    silent.unwrap();
    half.unwrap();
    let took = start.elapsed();
    assert!(took > Duration::from_secs(29) && took < Duration::from_secs(61), "{took:?}");
    assert_eq!(nothing, "");
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("cannot read the body"), "{answer}");
}

/// A client that says nothing, or not HTTP, holds nobody up.
#[tokio::test]
async fn silent_and_foreign_connections_do_not_delay_the_end() {
    use tokio::io::AsyncWriteExt;

    let emulator = Emulator::start().await.unwrap();
    let silent = TcpStream::connect(emulator.address()).await.unwrap();
    let mut foreign = TcpStream::connect(emulator.address()).await.unwrap();
    foreign.write_all(b"EHLO example.org\r\n").await.unwrap();
    client(&emulator).await.create_client_event(request(JobEventType::View, "e-1")).await.unwrap();
    let start = time::Instant::now();
    emulator.shutdown().await;
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    drop((silent, foreign));
}
