//! A session over a real socket whose other end reads nothing.

use super::*;
use crate::audit::Audit;
use crate::auth::Kind;
use crate::clock::Environment;
use crate::config::Config;
use crate::hub::namespace::{Namespace, Namespaces};
use crate::hub::post::Post;
use crate::hub::{HISTORY_PAGE_BYTES_MAX as PAGE_BYTES_MAX, HubConfig, MemoryLogs, Origin, Stores};
use crate::room::delivery::shard::Shards;
use crate::session::link::WorkerHandle;
use crate::store::contract::event;
use crate::store::memory::MemoryStore;
use crate::store::sqlite::SqliteStore;
use std::net::Ipv4Addr;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

const ROOM: &str = "live:a";
const CONTENT_BYTES: usize = 16 * 1024;

async fn hub(store: Arc<SqliteStore>) -> Arc<Hub> {
    let stores = Stores {
        durable: store.clone(),
        memory: MemoryLogs::Local(Arc::new(MemoryStore::new("m".parse().unwrap()))),
        markers: store.clone(),
        rooms: store.clone(),
        coordination: None,
    };
    let in_memory = Namespace {
        rooms: "live:*".into(),
        durable: false,
        keep_age: None,
        keep_count: None,
    };
    let config = HubConfig {
        supervisor: crate::supervisor::Supervisor::default(),
        bus: Arc::new(crate::bus::LocalBus),
        head_check: Duration::from_secs(1),
        posts_max: 64,
        namespaces: Namespaces::new(vec![in_memory]),
        spill: None,
        shards: Shards::new(1),
        audit: audit(store),
    };
    Hub::start(stores, Environment::system(), config)
        .await
        .unwrap()
}

fn audit(store: Arc<SqliteStore>) -> Arc<Audit> {
    Audit::new(store, Environment::system().clock)
}

async fn config(store: Arc<SqliteStore>) -> Arc<SessionConfig> {
    let config = Config::default();
    let accounts = Accounts::start(
        store.clone(),
        Environment::system(),
        audit(store),
        config.auth.clone(),
        None,
    );
    Arc::new(SessionConfig {
        limits: config.limits.wire(),
        heartbeat: config.server.heartbeat,
        stall_max: config.server.stall_max,
        accounts: Arc::new(accounts.await.unwrap()),
        rates: Limits::new(
            config.limits,
            Arc::new(crate::clock::ManualMonotonic::default()),
            usize::MAX,
        ),
        drain_max: config.server.drain_max,
    })
}

/// A session, and the other end of its connection.
async fn session(folder: &TempDir) -> (Session, TcpStream) {
    let epoch = "e".parse().unwrap();
    let store = SqliteStore::open(&folder.path().join("test.sqlite"), &epoch).unwrap();
    let store = Arc::new(store);
    let hub = hub(Arc::clone(&store)).await;
    let config = config(store).await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (socket, _) = listener.accept().await.unwrap();
    let worker = WorkerHandle {
        shard: Arc::clone(hub.shards().get(0).unwrap()),
        number: 0,
    };
    let link = Link::new(socket, 0, worker, config.timeouts(), Vec::new());
    let visitor = Visitor::guest(event("a", "ada", None, "x").author, Kind::Guest);
    (Session::new(hub, config, link, 1, visitor, &[]), peer)
}

/// A text frame as a client sends it, with a mask of zeros.
fn masked(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
    frame.extend(text.bytes());
    frame
}

fn fill_room(hub: &Hub) {
    let content = "x".repeat(CONTENT_BYTES);
    for _ in 0..32 {
        let (answer, _) = tokio::sync::oneshot::channel();
        let post = Post {
            event: event(ROOM, "ada", None, &content),
            origin: Origin::Caller(answer),
        };
        hub.logs.post(post).unwrap();
    }
}

#[tokio::test]
async fn one_turn_puts_a_bounded_number_of_bytes_before_the_socket() {
    let folder = TempDir::new().unwrap();
    let (mut session, _peer) = session(&folder).await;
    fill_room(&session.hub);
    for n in 0..TURN_MESSAGES {
        let request = format!(r#"{{"type":"history","room":"{ROOM}","id":"{n}","limit":200}}"#);
        session.decoder.feed(&masked(&request));
    }
    let page_bytes_max = PAGE_BYTES_MAX + 1024;
    assert!(session.take_turn().await.unwrap(), "there is more to do");
    let put = session.link.unwritten_bytes();
    assert!(put >= TURN_BYTES_MAX - CONTENT_BYTES, "{put} bytes");
    assert!(put <= TURN_BYTES_MAX + page_bytes_max, "{put} bytes");

    // The peer reads nothing: once the socket is full, requests wait.
    let mut turns = 0;
    while !session.link.is_blocked() {
        session.link.write();
        turns += usize::from(session.take_turn().await.unwrap());
    }
    assert!(turns < TURN_MESSAGES);
    assert!(!session.take_turn().await.unwrap());
    assert!(!session.decoder.is_empty(), "requests wait");
    assert!(session.link.unwritten_bytes() <= TURN_BYTES_MAX + page_bytes_max);
}
