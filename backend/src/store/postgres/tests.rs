//! The contract, and what several nodes need beyond it.

use super::*;
use crate::clock::Environment;
use crate::store::contract::{test_event_store, test_shared_store};
use services::Postgres;

/// A store in a fresh database.
async fn fresh() -> (PostgresStore, ()) {
    let url = Postgres::shared().unwrap().create_database().unwrap();
    (open(&[url]).await, ())
}

async fn open(urls: &[String]) -> PostgresStore {
    PostgresStore::open(urls, 4, Environment::system().random)
        .await
        .unwrap()
}

mod one_database {
    use super::*;

    test_event_store!(fresh().await);
    test_shared_store!(fresh().await);
}
