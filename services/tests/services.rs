//! The servers start, keep their data over a crash, and leave nothing behind.

use services::{Durability, Postgres, Redis};
use std::net::TcpStream;

#[test]
fn postgres_keeps_what_was_committed_over_a_crash() {
    let cluster = Postgres::start(Durability::Synced).unwrap();
    let url = cluster.create_database().unwrap();
    let database = url.rsplit('/').next().unwrap();
    let sql = "CREATE TABLE kept AS SELECT 7 AS number";
    cluster.execute(database, sql).unwrap();
    cluster.stop().unwrap();
    assert!(cluster.execute(database, "SELECT 1").is_err());
    cluster.restart().unwrap();
    let found = cluster.execute(database, "SELECT number FROM kept");
    assert_eq!(found.unwrap(), "7");
    let folder = cluster.folder().to_owned();
    drop(cluster);
    assert!(!folder.exists());
}

#[test]
fn redis_ends_and_comes_back_at_the_same_address() {
    let redis = Redis::start().unwrap();
    let url = redis.url();
    let address = url.strip_prefix("redis://").unwrap();
    assert!(TcpStream::connect(address).is_ok());
    redis.stop().unwrap();
    assert!(TcpStream::connect(address).is_err());
    redis.restart().unwrap();
    assert!(TcpStream::connect(address).is_ok());
}
