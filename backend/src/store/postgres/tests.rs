//! The contract, and what several nodes need beyond it.

use super::*;
use crate::clock::Environment;
use crate::store::contract::{event, test_event_store, test_shared_store};
use crate::store::{AccountStore as _, CoordinationStore as _, Placed, RoomChange, RoomStore as _};
use common::ids::Seq;
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

/// Each of several nodes opens the same databases.
async fn nodes(urls: &[String], count: usize) -> Vec<Arc<PostgresStore>> {
    let open = (0..count).map(|_| async { Arc::new(open(urls).await) });
    futures_util::future::join_all(open).await
}

fn placed(answer: &Appended) -> &Placed {
    match answer {
        Appended::Placed(placed) => placed,
        Appended::Refused(refusal) => panic!("refused: {refusal}"),
    }
}

/// Appends on a thread that may wait, as a committer does.
async fn append(store: &Arc<PostgresStore>, batch: Vec<NewEvent>) -> Vec<Placed> {
    let store = Arc::clone(store);
    let job = tokio::task::spawn_blocking(move || store.append(&batch).unwrap());
    job.await.unwrap().iter().map(placed).cloned().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_start_together_create_the_tables_once() {
    let url = Postgres::shared().unwrap().create_database().unwrap();
    let nodes = nodes(&[url], 6).await;
    let room = "a".parse().unwrap();
    let mut epochs = Vec::new();
    for node in &nodes {
        epochs.push(node.head(&room).await.unwrap().epoch);
    }
    epochs.dedup();
    assert_eq!(epochs.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_write_at_once_leave_no_gap_and_store_a_repeat_once() {
    const ROUNDS: usize = 30;
    const ROOMS: [&str; 3] = ["a", "b", "c"];
    let url = Postgres::shared().unwrap().create_database().unwrap();
    let nodes = nodes(&[url], 3).await;
    let writing = nodes.iter().enumerate().map(|(number, node)| async move {
        let mut told = Vec::new();
        for round in 0..ROUNDS {
            // The rooms come in another order on each node, and all nodes send the same `shared`.
            let mut batch: Vec<NewEvent> = ROOMS
                .iter()
                .cycle()
                .skip(number)
                .take(ROOMS.len())
                .map(|room| event(room, "ada", None, &format!("{number}/{round}")))
                .collect();
            let shared = format!("shared-{round}");
            batch.push(event("a", "ada", Some(&shared), "same"));
            told.extend(append(node, batch).await);
        }
        told
    });
    let told = futures_util::future::join_all(writing).await.concat();
    for room in ROOMS {
        let room: RoomName = room.parse().unwrap();
        let fresh = told.iter().filter(|at| at.room == room && !at.repeat);
        let mut seqs: Vec<u64> = fresh.map(|at| at.seq.0).collect();
        seqs.sort_unstable();
        let shared = if room.as_str() == "a" { ROUNDS } else { 0 };
        let count = (nodes.len() * ROUNDS + shared) as u64;
        assert!(seqs.into_iter().eq(1..=count), "{room}");
        assert_eq!(nodes[0].head(&room).await.unwrap().head, Seq(count));
    }
    let repeats = told.iter().filter(|at| at.repeat).count();
    assert_eq!(repeats, (nodes.len() - 1) * ROUNDS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_that_follows_the_head_misses_nothing() {
    let url = Postgres::shared().unwrap().create_database().unwrap();
    let nodes = nodes(&[url], 3).await;
    let room: RoomName = "a".parse().unwrap();
    let write = |node: Arc<PostgresStore>| async move {
        for n in 0..40 {
            append(&node, vec![event("a", "ada", None, &n.to_string())]).await;
        }
    };
    let writing = nodes[..2].iter().map(|node| write(Arc::clone(node)));
    let writing = tokio::spawn(futures_util::future::join_all(writing.collect::<Vec<_>>()));
    let mut seen = 0;
    while seen < 80 {
        let page = nodes[2].read(&room, Range::After(Seq(seen)), 100).await;
        for stored in page.unwrap().events {
            seen += 1;
            assert_eq!(stored.seq, Seq(seen), "nothing becomes visible later below");
        }
    }
    writing.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invalidations_become_visible_in_the_order_of_their_numbers() {
    let url = Postgres::shared().unwrap().create_database().unwrap();
    let nodes = nodes(&[url], 3).await;
    let write = |number: usize, node: Arc<PostgresStore>| async move {
        for n in 0..20 {
            let room: RoomName = format!("r{number}-{n}").parse().unwrap();
            let changed = node.change_room(&room, RoomChange::default(), Timestamp(1));
            assert!(changed.await.unwrap());
        }
    };
    let writing = nodes[..2].iter().enumerate();
    let writing = writing.map(|(number, node)| write(number, Arc::clone(node)));
    let writing = tokio::spawn(futures_util::future::join_all(writing.collect::<Vec<_>>()));
    let (mut last, mut seen) = (0, 0);
    while seen < 40 {
        for (id, _) in nodes[2].invalidations(last).await.unwrap() {
            last = id;
            seen += 1;
        }
    }
    writing.await.unwrap();
    assert_eq!(
        nodes[2].prune_invalidations(Timestamp(9)).await.unwrap(),
        last
    );
}

#[tokio::test]
async fn rooms_are_spread_over_databases_and_listed_as_one() {
    let cluster = Postgres::shared().unwrap();
    let urls: Vec<String> = (0..3).map(|_| cluster.create_database().unwrap()).collect();
    let store = Arc::new(open(&urls).await);
    let names: Vec<String> = (0..30).map(|n| format!("room-{n:02}")).collect();
    for (n, name) in names.iter().enumerate() {
        let timestamp = Timestamp(n as u64);
        let event = NewEvent {
            timestamp,
            ..event(name, "ada", None, "x")
        };
        append(&store, vec![event]).await;
    }
    let used: Vec<usize> = (0..3)
        .map(|number| {
            let of = |name: &&String| store.number_of(&name.parse().unwrap()) == number;
            names.iter().filter(of).count()
        })
        .collect();
    assert!(used.iter().all(|count| *count > 3), "{used:?}");
    let listed = store.rooms(None, 100).await.unwrap();
    assert!(listed.iter().map(|row| row.room.as_str()).eq(names.iter()));
    let page = store.rooms(Some(&names[9].parse().unwrap()), 5).await;
    let page = page.unwrap();
    assert!(page.iter().map(|row| row.room.as_str()).eq(&names[10..15]));
    let latest = store.public_rooms(4).await.unwrap();
    let latest: Vec<&str> = latest.iter().map(|row| row.room.as_str()).collect();
    assert_eq!(latest, ["room-29", "room-28", "room-27", "room-26"]);
    let similar = store.similar(&"ROOM-07".parse().unwrap(), 5).await.unwrap();
    assert_eq!(similar, ["room-07".parse().unwrap()]);
    let all = names.iter().map(|name| name.parse().unwrap()).collect();
    assert_eq!(store.rows(all).await.unwrap().len(), 30);
}

#[test]
fn another_database_takes_its_share_and_no_other_room_moves() {
    let of = |count| move |n: u32| rendezvous(&format!("room-{n}").parse().unwrap(), count);
    let moved = (0..1000).filter(|n| of(3)(*n) != of(4)(*n));
    let moved: Vec<usize> = moved.map(of(4)).collect();
    assert!(moved.iter().all(|to| *to == 3), "only to the new one");
    assert!((200..300).contains(&moved.len()), "{}", moved.len());
}

#[tokio::test]
async fn a_server_on_another_timeline_begins_another_epoch_once() {
    let cluster = Postgres::shared().unwrap();
    let url = cluster.create_database().unwrap();
    let database = url.rsplit('/').next().unwrap().to_owned();
    let room = "a".parse().unwrap();
    let before = open(std::slice::from_ref(&url))
        .await
        .head(&room)
        .await
        .unwrap()
        .epoch;
    let again = open(std::slice::from_ref(&url))
        .await
        .head(&room)
        .await
        .unwrap()
        .epoch;
    assert_eq!(again, before);
    // As a standby finds it that has taken the primary's place.
    let sql = "UPDATE meta SET value = '000000FE' WHERE key = 'timeline'";
    cluster.execute(&database, sql).unwrap();
    let mut after = Vec::new();
    for node in nodes(&[url], 3).await {
        after.push(node.head(&room).await.unwrap().epoch);
    }
    assert_ne!(after[0], before);
    after.dedup();
    assert_eq!(after.len(), 1, "{after:?}");
}

#[tokio::test]
async fn a_newer_layout_is_refused_and_a_wrong_address_says_what_is_wrong() {
    let cluster = Postgres::shared().unwrap();
    let url = cluster.create_database().unwrap();
    drop(open(std::slice::from_ref(&url)).await);
    let database = url.rsplit('/').next().unwrap();
    let sql = "UPDATE meta SET value = '99' WHERE key = 'version'";
    cluster.execute(database, sql).unwrap();
    let missing = cluster.url("missing");
    for (url, says) in [
        (url.as_str(), "layout 99"),
        (missing.as_str(), "does not exist"),
        ("postgres://u:secret@127.0.0.1:1/x", "127.0.0.1:1/x"),
        ("mysql://somewhere", "store.urls"),
        (
            "postgres://h/d?sslmode=verify-full&sslrootcert=/missing.pem",
            "/missing.pem",
        ),
    ] {
        let random = Environment::system().random;
        let refused = PostgresStore::open(&[url.to_owned()], 2, random).await;
        let said = refused.err().unwrap().to_string();
        assert!(said.contains(says), "{url}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[tokio::test]
async fn databases_in_another_order_are_refused() {
    let cluster = Postgres::shared().unwrap();
    let urls: Vec<String> = (0..2).map(|_| cluster.create_database().unwrap()).collect();
    drop(open(&urls).await);
    drop(open(&urls).await);
    let third = cluster.create_database().unwrap();
    for wrong in [
        vec![urls[1].clone(), urls[0].clone()],
        vec![urls[0].clone()],
        vec![urls[0].clone(), urls[1].clone(), third],
    ] {
        let random = Environment::system().random;
        let refused = PostgresStore::open(&wrong, 2, random).await;
        let said = refused.err().unwrap().to_string();
        assert!(said.contains("of 2 until now"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_task_that_is_done_once_is_one_nodes_until_that_is_gone() {
    let url = Postgres::shared().unwrap().create_database().unwrap();
    let nodes = nodes(std::slice::from_ref(&url), 3).await;
    let (long, over) = (Duration::from_secs(3600), Duration::ZERO);
    let asked = nodes.iter().map(|node| node.lease("a", long));
    let got = try_join_all(asked).await.unwrap();
    let owner = got.iter().position(|is_mine| *is_mine).unwrap();
    assert_eq!(got.iter().filter(|is_mine| **is_mine).count(), 1, "{got:?}");
    assert!(nodes[owner].lease("a", long).await.unwrap(), "it renews");
    let next = (owner + 1) % 3;
    assert!(!nodes[next].lease("a", long).await.unwrap());
    assert!(nodes[next].lease("b", long).await.unwrap());
    // It says nothing any more, and its time runs out.
    assert!(nodes[owner].lease("a", over).await.unwrap());
    assert!(nodes[next].lease("a", long).await.unwrap());
    assert!(!nodes[owner].lease("a", long).await.unwrap());
    let said = [nodes[0].agree("code", "x"), nodes[1].agree("code", "y")];
    let said = try_join_all(said).await.unwrap();
    assert_eq!(said[0], said[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_bucket_that_nodes_share_gives_its_burst_once() {
    let url = Postgres::shared().unwrap().create_database().unwrap();
    let nodes = nodes(std::slice::from_ref(&url), 3).await;
    let hour = Duration::from_secs(3600);
    let asked = (0..30).map(|n| nodes[n % 3].take_token("a", hour, 5));
    let got = try_join_all(asked).await.unwrap();
    assert_eq!(got.iter().filter(|taken| taken.is_ok()).count(), 5);
    for wait in got.into_iter().filter_map(Result::err) {
        assert!(wait <= hour && wait > hour / 2, "{wait:?}");
    }
    assert_eq!(nodes[0].take_token("b", hour, 1).await.unwrap(), Ok(()));
    // A rate that has become faster: nobody waits for the old one.
    let soon = nodes[1].take_token("a", Duration::from_millis(1), 1).await;
    let wait = soon.unwrap().unwrap_err();
    assert!(wait <= Duration::from_millis(1), "{wait:?}");
    let full = nodes[2].take_token("c", Duration::from_micros(1), 1).await;
    assert_eq!(full.unwrap(), Ok(()));
    nodes[2].forget_sends(Timestamp(0)).await.unwrap();
    let kept = "SELECT count(*) FROM token_bucket";
    let database = url.rsplit('/').next().unwrap();
    let kept = Postgres::shared().unwrap().execute(database, kept).unwrap();
    assert_eq!(kept.trim(), "2");
}
