//! The second round trip: what was accepted is written, and committed.

use super::Failure;
use super::ledger::{Accepted, Ledger, RoomId};
use crate::store::columns::{kind_of, said};
use crate::store::postgres::row::{COLUMNS, event};
use crate::store::postgres::sql::{Columns, int};
use crate::store::{Appended, StoreError};
use common::ids::{RequestId, Seq};
use deadpool_postgres::Client;
use tokio_postgres::Row;

const EVENTS: &str = "INSERT INTO event (room_id, seq, kind, target, user_id, user_name, client_id,
        content, data, at_ms)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::text[],
        $6::text[], $7::text[], $8::bytea[], $9::text[], $10::bigint[])";

/// In the order of the index, so that two batches do not wait for each other.
const SENT: &str = "INSERT INTO sent (user_id, client_id, room_id, seq, kind, target, at_ms)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::smallint[],
        $6::bigint[], $7::bigint[])";

const ROOMS: &str = "UPDATE room SET head = changed.head, last_at_ms = changed.at
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS changed (id, head, at)
    WHERE room.id = changed.id";

/// Erases what messages and their edits said; those of this batch, too.
fn erase() -> String {
    let columns = COLUMNS.split(", ").map(|column| format!("event.{column}"));
    let columns = columns.collect::<Vec<_>>().join(", ");
    format!(
        "UPDATE event SET content = NULL, data = NULL
         FROM unnest($1::bigint[], $2::bigint[]) AS gone (room_id, seq)
         WHERE event.room_id = gone.room_id
             AND (event.seq = gone.seq AND event.kind = 0
                 OR event.target = gone.seq AND event.kind = 1)
         RETURNING {columns}, event.room_id, gone.seq"
    )
}

/// A room that has only heard refusals has not been written to.
const FORGET: &str = "DELETE FROM room WHERE id = ANY ($1) AND head = 0";

/// Writes and commits. Returns the rows that were erased, as they are now.
pub(super) async fn write(client: &Client, ledger: &Ledger<'_>) -> Result<Vec<Row>, Failure> {
    let events = Events::of(&ledger.accepted);
    let sends = Sends::of(&ledger.accepted);
    let changed = ledger.rooms.values().filter(|room| room.is_changed);
    let (ids, rest): (Vec<i64>, Vec<(i64, i64)>) = changed
        .map(|room| (room.id, (int(room.head.0), int(room.last_at.0))))
        .unzip();
    let (heads, times): (Vec<i64>, Vec<i64>) = rest.into_iter().unzip();
    let empty = ledger.rooms.values().filter(|room| room.head == Seq::ZERO);
    let empty: Vec<i64> = empty.map(|room| room.id).collect();
    let (gone_rooms, gone_seqs): (Vec<RoomId>, Vec<i64>) = ledger
        .erased
        .keys()
        .map(|(room, seq)| (*room, int(seq.0)))
        .unzip();
    let (add, remember) = (
        client.prepare_cached(EVENTS).await?,
        client.prepare_cached(SENT).await?,
    );
    let update = client.prepare_cached(ROOMS).await?;
    let (erase, forget) = (
        client.prepare_cached(&erase()).await?,
        client.prepare_cached(FORGET).await?,
    );
    let (added, remembered, updated, erased, forgotten, committed) = tokio::join!(
        biased;
        async {
            match ledger.accepted.is_empty() {
                true => Ok(0),
                false => client.execute(&add, &events.parameters()).await,
            }
        },
        async {
            match sends.users.is_empty() {
                true => Ok(0),
                false => client.execute(&remember, &sends.parameters()).await,
            }
        },
        async {
            match ids.is_empty() {
                true => Ok(0),
                false => client.execute(&update, &[&ids, &heads, &times]).await,
            }
        },
        async {
            match gone_rooms.is_empty() {
                true => Ok(Vec::new()),
                false => client.query(&erase, &[&gone_rooms, &gone_seqs]).await,
            }
        },
        async {
            match empty.is_empty() {
                true => Ok(0),
                false => client.execute(&forget, &[&empty]).await,
            }
        },
        client.batch_execute("COMMIT"),
    );
    // A commit after a statement that has failed is a rollback, and no error.
    added?;
    remembered?;
    updated?;
    forgotten?;
    let erased = erased?;
    committed?;
    Ok(erased)
}

/// Adds to the answers what their deletions have erased: the message, then its edits.
pub(super) fn tell_erased(
    answers: &mut [Appended],
    ledger: &Ledger<'_>,
    rows: &[Row],
) -> Result<(), StoreError> {
    for row in rows {
        let key = (row.try_get(9)?, row.seq(10)?);
        let number = ledger.erased.get(&key);
        if let Some(Appended::Placed(placed)) = number.and_then(|at| answers.get_mut(*at)) {
            placed.erased.push(event(&placed.room, row)?);
        }
    }
    for answer in answers {
        if let Appended::Placed(placed) = answer {
            placed.erased.sort_by_key(|stored| stored.seq);
        }
    }
    Ok(())
}

type Parameter<'a> = &'a (dyn tokio_postgres::types::ToSql + Sync);

/// The columns of events.
#[derive(Default)]
struct Events<'a> {
    rooms: Vec<i64>,
    seqs: Vec<i64>,
    kinds: Vec<i16>,
    targets: Vec<Option<i64>>,
    users: Vec<&'a str>,
    names: Vec<&'a str>,
    ids: Vec<Option<&'a str>>,
    contents: Vec<Option<&'a [u8]>>,
    data: Vec<Option<&'a str>>,
    times: Vec<i64>,
}

impl<'a> Events<'a> {
    fn of(accepted: &[Accepted<'a>]) -> Self {
        let mut all = Self::default();
        for Accepted {
            room,
            seq,
            at,
            event,
        } in accepted
        {
            let (content, data) = said(&event.body);
            all.rooms.push(*room);
            all.seqs.push(int(seq.0));
            all.kinds.push(kind_of(&event.body).into());
            all.targets
                .push(event.body.target().map(|target| int(target.0)));
            all.users.push(event.author.id.as_str());
            all.names.push(event.author.name.as_str());
            all.ids.push(event.id.as_ref().map(RequestId::as_str));
            all.contents.push(content.map(str::as_bytes));
            all.data.push(data);
            all.times.push(int(at.0));
        }
        all
    }

    fn parameters(&self) -> [Parameter<'_>; 10] {
        [
            &self.rooms,
            &self.seqs,
            &self.kinds,
            &self.targets,
            &self.users,
            &self.names,
            &self.ids,
            &self.contents,
            &self.data,
            &self.times,
        ]
    }
}

/// The columns of sends.
#[derive(Default)]
struct Sends<'a> {
    users: Vec<&'a str>,
    ids: Vec<&'a str>,
    rooms: Vec<i64>,
    seqs: Vec<i64>,
    kinds: Vec<i16>,
    targets: Vec<Option<i64>>,
    times: Vec<i64>,
}

impl<'a> Sends<'a> {
    fn of(accepted: &[Accepted<'a>]) -> Self {
        let with_id = accepted.iter().filter_map(|accepted| {
            let id = accepted.event.id.as_ref()?;
            Some((accepted.event.author.id.as_str(), id.as_str(), accepted))
        });
        let mut sorted: Vec<_> = with_id.collect();
        sorted.sort_unstable_by_key(|(user, id, _)| (*user, *id));
        let mut all = Self::default();
        for (user, id, accepted) in sorted {
            all.users.push(user);
            all.ids.push(id);
            all.rooms.push(accepted.room);
            all.seqs.push(int(accepted.seq.0));
            all.kinds.push(kind_of(&accepted.event.body).into());
            let target = accepted.event.body.target();
            all.targets.push(target.map(|target| int(target.0)));
            all.times.push(int(accepted.at.0));
        }
        all
    }

    fn parameters(&self) -> [Parameter<'_>; 7] {
        [
            &self.users,
            &self.ids,
            &self.rooms,
            &self.seqs,
            &self.kinds,
            &self.targets,
            &self.times,
        ]
    }
}
