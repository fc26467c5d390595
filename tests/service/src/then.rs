//! The ways to answer a call.

use std::time::Duration;

use h2::Reason;

/// What becomes of a call, or of its connection with all calls in it.
#[derive(Clone, Copy, Debug)]
pub enum Then {
    /// OK, and the event as it came.
    Answer,
    /// OK, later.
    Late(Duration),
    /// Nothing, ever.
    Hang,
    /// This code of gRPC.
    Status(&'static str),
    /// This code of gRPC with a `RetryInfo` of so many seconds.
    RetryInfo(u16, i64),
    /// This status of HTTP with a `Retry-After` of so many seconds: a load balancer's answer.
    Http(u16, u32),
    /// RST_STREAM instead of an answer.
    ResetStream(Reason),
    /// RST_STREAM behind half of an answer.
    ResetMidway,
    /// An answer that ends without trailers.
    NoTrailers,
    /// Trailers without a status.
    NoStatus,
    /// A header of that size in front of an OK.
    GiantHeader(usize),
    /// A trailer of that size beside an OK.
    GiantTrailer(usize),
    /// A message that is said to have that length, and does not come.
    Announce(u32),
    /// A message that is said to be compressed.
    Compressed,
    /// OK without a message.
    Empty,
    /// GOAWAY with this reason, and the end of the connection.
    GoAway(Reason),
    /// GOAWAY of a server that is about to be replaced: it answers the calls it has, and takes no new ones.
    Leave,
    /// The connection is reset (TCP).
    Reset,
    /// The connection stays, and nobody reads from it or writes to it any more.
    HalfOpen,
}
