//! Where events go.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::event::{EncodedEvent, Envelope};

use super::TrackError;

/// Takes events. Clients, trackers, sessions and recorders implement it, and your own types can.
///
/// The receipt says what the destination promises: the service answered, or the event is queued, or it is committed.
///
/// The trait is not dyn-compatible. For state that holds a real destination in production and a recorder in tests, use
/// [`BoxDestination`] in place of `Arc<dyn Destination>`.
///
/// A destination of your own that counts events and drops them:
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use talent_events::event::Envelope;
/// use talent_events::{Destination, EncodedEvent, TenantName, TrackError};
///
/// struct Counter {
///     tenant: TenantName,
///     events: AtomicUsize,
/// }
///
/// impl Destination for Counter {
///     type Receipt = usize;
///
///     fn envelope(&self) -> Envelope<'_> {
///         Envelope::new(&self.tenant)
///     }
///
///     async fn deliver(&self, event: EncodedEvent) -> Result<usize, TrackError> {
///         println!("{} {}", event.event_type(), event.event_id());
///         Ok(self.events.fetch_add(1, Ordering::Relaxed) + 1)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a destination for events",
    label = "not a destination",
    note = "track to a `&TalentClient`, a `&Tracker`, or another destination of this crate"
)]
pub trait Destination: Sync {
    /// The proof that the destination took the event.
    type Receipt: Send;

    /// The tenant that events are encoded for, and what a session or funnel fills in.
    fn envelope(&self) -> Envelope<'_>;

    /// Takes an event.
    fn deliver(&self, event: EncodedEvent) -> impl Future<Output = Result<Self::Receipt, TrackError>> + Send;
}

impl<D: Destination + ?Sized> Destination for &D {
    type Receipt = D::Receipt;

    fn envelope(&self) -> Envelope<'_> {
        (**self).envelope()
    }

    fn deliver(&self, event: EncodedEvent) -> impl Future<Output = Result<Self::Receipt, TrackError>> + Send {
        (**self).deliver(event)
    }
}

impl<D: Destination + Send + ?Sized> Destination for Arc<D> {
    type Receipt = D::Receipt;

    fn envelope(&self) -> Envelope<'_> {
        (**self).envelope()
    }

    fn deliver(&self, event: EncodedEvent) -> impl Future<Output = Result<Self::Receipt, TrackError>> + Send {
        (**self).deliver(event)
    }
}

/// Any destination with receipt `R`, behind one type. Use it where `Arc<dyn Destination>` would be written.
///
/// It is for an application's state: a real destination in production, a recorder in tests. A clone is a reference to
/// the same destination.
pub struct BoxDestination<R>(Arc<dyn Erased<R>>);

impl<R: Send + 'static> BoxDestination<R> {
    /// Hides the destination's type.
    pub fn new<D>(destination: D) -> Self
    where
        D: Destination<Receipt = R> + Send + 'static,
    {
        Self(Arc::new(destination))
    }
}

impl BoxDestination<()> {
    /// Hides the destination's type and its receipt: for destinations whose receipts differ, such as a
    /// [`Tracker`](crate::Tracker) in production and a recorder in tests.
    ///
    /// `Ok` promises the same as the destination's own `Ok`. Only the receipt is dropped.
    pub fn without_receipt<D: Destination + Send + 'static>(destination: D) -> Self {
        Self(Arc::new(WithoutReceipt(destination)))
    }
}

impl<R> Clone for BoxDestination<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R> std::fmt::Debug for BoxDestination<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoxDestination").finish_non_exhaustive()
    }
}

impl<R: Send + 'static> Destination for BoxDestination<R> {
    type Receipt = R;

    fn envelope(&self) -> Envelope<'_> {
        self.0.envelope()
    }

    fn deliver(&self, event: EncodedEvent) -> impl Future<Output = Result<R, TrackError>> + Send {
        self.0.deliver(event)
    }
}

type Delivering<'d, R> = Pin<Box<dyn Future<Output = Result<R, TrackError>> + Send + 'd>>;

trait Erased<R>: Send + Sync {
    fn envelope(&self) -> Envelope<'_>;
    fn deliver(&self, event: EncodedEvent) -> Delivering<'_, R>;
}

impl<D: Destination + Send> Erased<D::Receipt> for D {
    fn envelope(&self) -> Envelope<'_> {
        Destination::envelope(self)
    }

    fn deliver(&self, event: EncodedEvent) -> Delivering<'_, D::Receipt> {
        Box::pin(Destination::deliver(self, event))
    }
}

struct WithoutReceipt<D>(D);

impl<D: Destination + Send> Erased<()> for WithoutReceipt<D> {
    fn envelope(&self) -> Envelope<'_> {
        self.0.envelope()
    }

    fn deliver(&self, event: EncodedEvent) -> Delivering<'_, ()> {
        Box::pin(async { self.0.deliver(event).await.map(drop) })
    }
}
