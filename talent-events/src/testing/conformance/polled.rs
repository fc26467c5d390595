//! A future that is dropped after so many polls.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// The answer, unless the future is dropped because it was polled so often without one.
pub(super) async fn polled<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    struct Polled<'f, T>(Pin<&'f mut dyn Future<Output = T>>, usize);

    impl<T> Future for Polled<'_, T> {
        type Output = Option<T>;

        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
            if self.1 == 0 {
                return Poll::Ready(None);
            }
            self.1 -= 1;
            match self.0.as_mut().poll(cx) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending if self.1 == 0 => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        }
    }

    let future = pin!(future);
    Polled(future, polls).await
}
