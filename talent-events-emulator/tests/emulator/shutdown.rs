//! Shutdown.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::support::grpc::{client, request};
use talent_events::JobEventType;
use talent_events::wire::event_service_client::EventServiceClient;
use talent_events::wire::{ClientEvent, CreateClientEventRequest};
use talent_events_emulator::Emulator;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time;
use tokio_stream::Stream;
use tonic::transport::Endpoint;
use tonic::{Response, Status};
use tonic_prost::ProstCodec;

/// A request whose message is sent later.
struct Later {
    requested: Option<oneshot::Sender<()>>,
    message: Option<oneshot::Receiver<CreateClientEventRequest>>,
}

impl Stream for Later {
    type Item = CreateClientEventRequest;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.requested.take().map(|requested| requested.send(()));
        let Some(message) = &mut self.message else { return Poll::Ready(None) };
        let message = ready!(Pin::new(message).poll(cx)).ok();
        self.message = None;
        Poll::Ready(message)
    }
}

struct RunningCall {
    call: JoinHandle<Result<Response<ClientEvent>, Status>>,
    message: oneshot::Sender<CreateClientEventRequest>,
}

/// A call whose headers have arrived, without its message. Another event is recorded meanwhile.
async fn running_call(emulator: &Emulator) -> RunningCall {
    let channel = Endpoint::from_shared(format!("http://{}", emulator.host())).unwrap().connect().await.unwrap();
    let (requested, is_requested) = oneshot::channel();
    let (message, receiver) = oneshot::channel();
    let body = Later { requested: Some(requested), message: Some(receiver) };
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    let call = tokio::spawn(async move {
        grpc.ready().await.unwrap();
        let path = "/google.cloud.talent.v4.EventService/CreateClientEvent".parse().unwrap();
        grpc.client_streaming(tonic::Request::new(body), path, ProstCodec::default()).await
    });
    // The client asks for the body after it has sent the headers. The answer to a later call on the same connection
    // proves that the emulator has read them.
    is_requested.await.unwrap();
    EventServiceClient::new(channel).create_client_event(request(JobEventType::View, "later")).await.unwrap();
    RunningCall { call, message }
}

#[tokio::test]
async fn the_port_is_free_again() {
    let emulator = Emulator::start().await.unwrap();
    let address = emulator.address();
    let mut idle = client(&emulator).await;
    idle.create_client_event(request(JobEventType::View, "e-1")).await.unwrap();
    emulator.shutdown().await;

    let status = idle.create_client_event(request(JobEventType::View, "e-2")).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unavailable, "{status:?}");
    let again = Emulator::builder().address(address).start().await.expect("the port is free");
    client(&again).await.create_client_event(request(JobEventType::View, "e-3")).await.unwrap();
    assert_eq!(again.events().len(), 1);
}

#[tokio::test]
async fn running_calls_get_their_answer() {
    let emulator = Emulator::start().await.unwrap();
    let address = emulator.address();
    let RunningCall { call, message } = running_call(&emulator).await;

    let mut shutdown = std::pin::pin!(emulator.shutdown());
    // Once the port refuses, the emulator is stopping.
    loop {
        tokio::select! {
            () = &mut shutdown => panic!("a call is running"),
            connection = TcpStream::connect(address) => if connection.is_err() { break },
        }
    }
    let sent = request(JobEventType::Hired, "running");
    message.send(sent.clone()).unwrap();
    shutdown.await;
    let answer = call.await.unwrap().expect("the call ends well").into_inner();
    assert_eq!(Some(answer), sent.client_event);
}

#[tokio::test]
async fn an_endless_call_is_closed() {
    let emulator = Emulator::start().await.unwrap();
    let RunningCall { call, message } = running_call(&emulator).await;
    // Time advances when all tasks wait.
    time::pause();
    let start = time::Instant::now();
    emulator.shutdown().await;
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(5) && took < Duration::from_millis(5_100), "{took:?}");
    let status = call.await.unwrap().unwrap_err();
    assert_ne!(status.code(), tonic::Code::Ok, "{status:?}");
    drop(message);
}

#[tokio::test]
async fn a_dropped_emulator_stops() {
    let emulator = Emulator::start().await.unwrap();
    let address = emulator.address();
    let mut client = client(&emulator).await;
    client.create_client_event(request(JobEventType::View, "e-1")).await.unwrap();
    drop(emulator);
    let gone = async { while TcpStream::connect(address).await.is_ok() {} };
    time::timeout(Duration::from_secs(20), gone).await.expect("the port is freed");
    client.create_client_event(request(JobEventType::View, "e-2")).await.unwrap_err();
}

/// A silent client or one with another protocol does not delay the shutdown.
#[tokio::test]
async fn silent_and_foreign_connections_do_not_delay_the_shutdown() {
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
