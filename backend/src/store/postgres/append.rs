//! Appending a batch: one transaction, two round trips.
//!
//! The first round trip locks the rows of the batch's rooms, in the order of their names, so that no
//! two batches wait for each other, and reads what the batch is to be judged by. The second one writes
//! and commits. The row locks last until the commit, so a room's seqs become visible in order, whichever
//! node gives them out.

mod ledger;
mod write;

use super::database::{Database, Lease};
use super::sql::{Columns, LIMITS, int};
use crate::store::columns::parsed;
use crate::store::names::NameKeys;
use crate::store::{Appended, NewEvent, StoreError};
use common::ids::Epoch;
use deadpool_postgres::Client;
use ledger::Ledger;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

/// Attempts after another node was faster with something that this batch needs.
const ATTEMPTS_MAX: usize = 5;

const ROOMS: &str = "SELECT room.id, room.name, room.head, room.last_at_ms,
        (SELECT value FROM meta WHERE key = 'epoch')
    FROM room WHERE room.name = ANY ($1) ORDER BY room.name FOR NO KEY UPDATE";

const SENT: &str = "SELECT sent.user_id, sent.client_id, sent.room_id, sent.seq, sent.kind,
        sent.target, sent.at_ms
    FROM unnest($1::text[], $2::text[]) AS asked (user_id, client_id)
    JOIN sent ON sent.user_id = asked.user_id AND sent.client_id = asked.client_id";

/// The messages that the batch wants to change, as far as they still say something.
const TARGETS: &str = "SELECT event.room_id, event.seq, event.user_id
    FROM unnest($1::text[], $2::bigint[]) AS asked (name, target)
    JOIN room ON room.name = asked.name
    JOIN event ON event.room_id = room.id AND event.seq = asked.target
    WHERE event.kind = 0 AND (event.content IS NOT NULL OR event.data IS NOT NULL)";

/// What has become of them so far.
const CHANGES: &str = "SELECT event.room_id, event.target, event.seq, event.kind, event.user_id,
        CASE WHEN event.kind >= 3 THEN event.content END
    FROM unnest($1::text[], $2::bigint[]) AS asked (name, target)
    JOIN room ON room.name = asked.name
    JOIN event ON event.room_id = room.id AND event.target = asked.target
    ORDER BY event.room_id, event.seq";

/// What became of an attempt.
enum Attempt {
    Done(Vec<Appended>),
    /// Another node has stored something meanwhile that this batch must know.
    Again,
}

/// See [`EventStore::append`](crate::store::EventStore::append).
pub(super) async fn append(
    database: &Database,
    batch: &[NewEvent],
) -> Result<Vec<Appended>, StoreError> {
    for _ in 0..ATTEMPTS_MAX {
        let lease = database.lease().await?;
        match attempt(&lease, batch).await {
            Ok(Attempt::Done(answers)) => {
                lease.done();
                return Ok(answers);
            }
            Ok(Attempt::Again) => lease.done(),
            Err(Failure::Conflict) => {}
            Err(Failure::Store(error)) => return Err(error),
        }
    }
    Err(StoreError::Unavailable(
        "PostgreSQL: other nodes were faster several times".into(),
    ))
}

/// Why an attempt failed.
enum Failure {
    /// Another transaction wrote the same; nothing is stored.
    Conflict,
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let conflicts = [
            SqlState::UNIQUE_VIOLATION,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
        ];
        match error.code() {
            Some(code) if conflicts.contains(code) => Self::Conflict,
            _ => Self::Store(error.into()),
        }
    }
}

async fn attempt(lease: &Lease, batch: &[NewEvent]) -> Result<Attempt, Failure> {
    let client = lease.client()?;
    let names: BTreeSet<&str> = batch.iter().map(|event| event.room.as_str()).collect();
    let known = read(client, batch, &names).await?;
    if known.rooms.len() < names.len() {
        client.batch_execute("ROLLBACK").await?;
        create_rooms(client, batch, &known.rooms).await?;
        return Ok(Attempt::Again);
    }
    let mut ledger = Ledger::new(&known)?;
    let mut answers = Vec::with_capacity(batch.len());
    for event in batch {
        answers.push(ledger.append(event)?);
    }
    let erased = write::write(client, &ledger).await?;
    write::tell_erased(&mut answers, &ledger, &erased)?;
    Ok(Attempt::Done(answers))
}

/// What a batch is judged by, with the rows of its rooms locked.
struct Known {
    rooms: Vec<Row>,
    sent: Vec<Row>,
    targets: Vec<Row>,
    changes: Vec<Row>,
}

impl Known {
    fn epoch(&self) -> Result<Epoch, StoreError> {
        let row = self.rooms.first();
        let row = row.ok_or_else(|| StoreError::Permanent("a batch without a room".into()))?;
        parsed(row.text(4)?)
    }
}

async fn read(
    client: &Client,
    batch: &[NewEvent],
    names: &BTreeSet<&str>,
) -> Result<Known, Failure> {
    let names: Vec<&str> = names.iter().copied().collect();
    let sends = batch.iter().filter_map(|event| {
        let id = event.id.as_ref()?;
        Some((event.author.id.as_str(), id.as_str()))
    });
    let (users, ids): (Vec<&str>, Vec<&str>) = sends.collect::<BTreeSet<_>>().into_iter().unzip();
    let targets = batch.iter().filter_map(|event| {
        let target = event.body.target()?;
        Some((event.room.as_str(), int(target.0)))
    });
    let (rooms, targets): (Vec<&str>, Vec<i64>) =
        targets.collect::<BTreeSet<_>>().into_iter().unzip();
    let statements = [ROOMS, SENT, TARGETS, CHANGES].map(|sql| client.prepare_cached(sql));
    let [lock, sent_before, find, history] = statements;
    let (lock, sent_before) = (lock.await?, sent_before.await?);
    let (find, history) = (find.await?, history.await?);
    let begin = format!("BEGIN; {LIMITS}");
    // Sent together, in this order; each statement sees what was committed before it began, and so
    // before the locks were had.
    let (begun, locked, sent, targets, changes) = tokio::join!(
        biased;
        client.batch_execute(&begin),
        async { client.query(&lock, &[&names]).await },
        async {
            match users.is_empty() {
                true => Ok(Vec::new()),
                false => client.query(&sent_before, &[&users, &ids]).await,
            }
        },
        async {
            match targets.is_empty() {
                true => Ok(Vec::new()),
                false => client.query(&find, &[&rooms, &targets]).await,
            }
        },
        async {
            match targets.is_empty() {
                true => Ok(Vec::new()),
                false => client.query(&history, &[&rooms, &targets]).await,
            }
        },
    );
    begun?;
    Ok(Known {
        rooms: locked?,
        sent: sent?,
        targets: targets?,
        changes: changes?,
    })
}

/// Creates the rows of rooms that have none, outside of any transaction: it happens once in a room's
/// life, and a row that holds nothing yet is no room.
async fn create_rooms(client: &Client, batch: &[NewEvent], known: &[Row]) -> Result<(), Failure> {
    let mut fresh: BTreeMap<&str, Option<NameKeys>> = BTreeMap::new();
    for event in batch {
        let is_public = !event.room.is_hidden() && !event.room.is_broadcast();
        let keys = || is_public.then(|| NameKeys::of_room(&event.room));
        fresh.entry(event.room.as_str()).or_insert_with(keys);
    }
    for row in known {
        fresh.remove(row.text(1)?);
    }
    let names: Vec<&str> = fresh.keys().copied().collect();
    let cases: Vec<Option<&str>> = fresh
        .values()
        .map(|keys| keys.as_ref().map(|keys| keys.case.as_str()))
        .collect();
    let looks: Vec<Option<&str>> = fresh
        .values()
        .map(|keys| keys.as_ref().map(|keys| keys.look.as_str()))
        .collect();
    let sql = "INSERT INTO room (name, name_key, look_key)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING";
    let statement = client.prepare_cached(sql).await?;
    client
        .execute(&statement, &[&names, &cases, &looks])
        .await?;
    Ok(())
}
