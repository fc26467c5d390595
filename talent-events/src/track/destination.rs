//! Where events go.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::event::{EncodedEvent, Envelope};

use super::TrackError;

/// Takes events. What a receipt stands for is the destination's promise: answered by the service, or queued, or
/// committed.
///
/// One of your own, that counts and forgets:
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
    message = "`{Self}` is no destination for events",
    label = "not a destination",
    note = "track to a `&TalentClient`, or another of this crate's destinations"
)]
pub trait Destination: Sync {
    /// What says that the event was taken.
    type Receipt: Send;

    /// For whom events are encoded that go here.
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

/// Any destination that answers `R`, behind one type: for the state of an application that is given a real
/// destination in production and a recording one in its tests. Cloning counts a reference.
pub struct BoxDestination<R>(Arc<dyn Erased<R>>);

impl<R: Send + 'static> BoxDestination<R> {
    /// Hides which destination it is.
    pub fn new<D>(destination: D) -> Self
    where
        D: Destination<Receipt = R> + Send + 'static,
    {
        Self(Arc::new(destination))
    }
}

impl BoxDestination<()> {
    /// Hides which destination it is, and what it answers: for destinations whose receipts differ, such as a
    /// [`Tracker`](crate::Tracker) in production and a recorder in tests.
    ///
    /// `Ok` promises as much as the destination's own; only the receipt is dropped.
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
