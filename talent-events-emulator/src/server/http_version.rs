//! Notices when a connection has shown its version of HTTP.
//!
//! hyper-util waits without a limit for the bytes that tell HTTP/2 from HTTP/1.1.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

/// The first bytes of each HTTP/2 connection.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream that reports when its first bytes are the whole preface of HTTP/2, or differ from it.
pub(super) struct VersionWatch<S> {
    stream: S,
    /// The number of bytes of the preface so far.
    matched: usize,
    known: Option<oneshot::Sender<()>>,
}

impl<S> VersionWatch<S> {
    /// The receiver gets its value when the version is known, and an error if the stream is dropped before.
    pub(super) fn new(stream: S) -> (Self, oneshot::Receiver<()>) {
        let (known, receiver) = oneshot::channel();
        (Self { stream, matched: 0, known: Some(known) }, receiver)
    }

    fn watch(&mut self, bytes: &[u8]) {
        if self.known.is_none() {
            return;
        }
        let expected = &PREFACE[self.matched..];
        let compared = bytes.len().min(expected.len());
        self.matched += compared;
        if bytes[..compared] != expected[..compared] || self.matched == PREFACE.len() {
            self.known.take().map(|known| known.send(()));
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for VersionWatch<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.watch(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for VersionWatch<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_known_at_the_first_other_byte_or_at_the_end_of_the_preface() {
        let known_after = |parts: &[&[u8]]| {
            let (mut stream, mut known) = VersionWatch::new(());
            parts.iter().position(|part| {
                stream.watch(part);
                known.try_recv().is_ok()
            })
        };
        assert_eq!(known_after(&[b"GET / HTTP/1.1"]), Some(0));
        assert_eq!(known_after(&[b"P", b"OST"]), Some(1));
        assert_eq!(known_after(&[b"P", b"RI * HTTP/2.0\r\n\r\nSM\r\n\r"]), None);
        assert_eq!(known_after(&[b"P", b"RI * HTTP/2.0\r\n\r\nSM\r\n\r", b"\n"]), Some(2));
        assert_eq!(known_after(&[PREFACE]), Some(0));
        assert_eq!(known_after(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0"]), Some(0));
    }
}
