//! The rules of [`EventStore`], as a test that every implementation runs.

mod polled;
mod rules;
mod subject;

use std::future::Future;

use crate::EncodedEvent;
use crate::delivery::EventStore;

/// A store that [`store_conformance`] tests: the store itself, and the app's side of it.
///
/// A value is one store, for instance a database; it is empty at first.
pub trait StoreFixture: Sized + Send + Sync {
    /// The implementation under test.
    type Store: EventStore;
    /// An event that is stored and not committed.
    type Transaction: Send;

    /// A new and empty store.
    fn new() -> impl Future<Output = Self> + Send;

    /// Opens the store. Several handles stand for several processes.
    fn open(&self) -> impl Future<Output = Self::Store> + Send;

    /// Begins a transaction and stores the event in it, which takes a position. A store without transactions keeps the event
    /// until the commit.
    fn begin(&self, event: EncodedEvent) -> impl Future<Output = Self::Transaction> + Send;

    /// Commits.
    fn commit(&self, transaction: Self::Transaction) -> impl Future<Output = ()> + Send;

    /// The event ids and reasons of the dead letters, in any order.
    fn dead_letters(&self) -> impl Future<Output = Vec<(String, String)>> + Send;
}

/// Tests an [`EventStore`] against its rules, each with a new store.
///
/// # Panics
///
/// Where the store breaks a rule, with words that name it.
pub async fn store_conformance<F: StoreFixture>() {
    rules::events_come_in_order::<F>().await;
    rules::one_leads::<F>().await;
    rules::a_delivered_event_is_settled_for_good::<F>().await;
    rules::an_earlier_leader_is_fenced_off::<F>().await;
    rules::marks_survive::<F>().await;
    rules::a_dead_letter_is_kept_with_its_reason::<F>().await;
    rules::a_new_leader_gets_all_that_is_not_settled::<F>().await;
    rules::a_late_commit_is_found::<F>().await;
    rules::nothing_is_lost_at_any_await::<F>().await;
}
