//! The index of sends: a repeated message is found by its author and the `id` that the author's client
//! chose.
//!
//! The ids of a thousand authors are spread over a thousand places of an index: written with each
//! message, nearly every one would cost a page of the file. Therefore the newest sends are held in
//! memory, one generation at a time, and written in index order, many to a page, a few with each later
//! batch. A crash loses none: a room's row states up to which event the index is complete, and the rest
//! is read from the log when the file is opened.

use crate::store::columns::{kind_of, parsed};
use crate::store::{Appended, NewEvent, Placed, Refusal, StoreError};
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::RoomName;
use common::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

/// Events in a generation. Two of them are held at the most, and a third read when a file is
/// opened after a crash.
const GENERATION_EVENTS: usize = 16_384;

/// What is written is gathered to this many first, so that there are several to a page.
const WRITES_MIN: usize = 512;

/// Written for each event that comes, so that a generation is done long before the next.
const WRITES_PER_EVENT: usize = 2;

/// Where it is, and what it was.
#[derive(Debug, Clone, Copy)]
struct Sent {
    row: i64,
    seq: Seq,
    kind: u8,
    target: Option<Seq>,
    at: Timestamp,
}

/// One that is not in the index yet.
struct Entry {
    user: UserId,
    id: RequestId,
    sent: Sent,
}

impl Entry {
    fn key(&self) -> (&str, &str) {
        (self.user.as_str(), self.id.as_str())
    }
}

/// Some sends, found by a keyed hash of author and `id`: what it finds is held against the log.
type Found = HashMap<u64, Sent, BuildHasherDefault<AsItIs>>;

/// A batch's own sends, until it is committed.
#[derive(Default)]
pub(super) struct Fresh {
    found: Found,
    entries: Vec<Entry>,
}

/// See the module. Only ever what is committed.
#[derive(Default)]
pub(in crate::store::sqlite) struct Sends {
    hasher: RandomState,
    gathering: Generation,
    /// The generation that is being written, in the order of the index.
    closed: Vec<Entry>,
    closed_found: Found,
    /// The rooms it reaches into, and how far. Written last: then all before it is in the index.
    closed_rooms: Vec<(i64, Seq)>,
    /// How far the writing has come, first in the one, then in the other.
    written: usize,
    /// Writes that are owed for events that came.
    owed: usize,
}

#[derive(Default)]
struct Generation {
    sends: Fresh,
    rooms: HashMap<i64, Seq>,
    events: usize,
}

/// Passes on what is a hash already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        // Only ever given whole numbers, by the method below.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Sends {
    fn hash(&self, user: &UserId, id: &RequestId) -> u64 {
        self.hasher.hash_one((user.as_str(), id.as_str()))
    }

    /// What is held in memory of this author's `id`, if the log agrees that it is the same.
    fn held(
        &self,
        fresh: &Fresh,
        transaction: &Transaction<'_>,
        user: &UserId,
        id: &RequestId,
    ) -> rusqlite::Result<Option<Sent>> {
        let hash = self.hash(user, id);
        let held = [
            &fresh.found,
            &self.gathering.sends.found,
            &self.closed_found,
        ];
        let Some(sent) = held.into_iter().find_map(|found| found.get(&hash)) else {
            return Ok(None);
        };
        let is_it = transaction
            .prepare_cached(
                "SELECT user_id = ?3 AND client_id = ?4 FROM event WHERE room_id = ?1 AND seq = ?2",
            )?
            .query_row(
                params![sent.row, sent.seq.0, user.as_str(), id.as_str()],
                |row| row.get::<_, Option<bool>>(0),
            )
            .optional()?;
        Ok((is_it == Some(Some(true))).then_some(*sent))
    }

    /// Where this event was stored the first time, if it was, and whether as the same thing.
    pub(super) fn find(
        &self,
        fresh: &Fresh,
        transaction: &Transaction<'_>,
        epoch: &Epoch,
        event: &NewEvent,
    ) -> Result<Option<Appended>, StoreError> {
        let Some(id) = &event.id else {
            return Ok(None);
        };
        let user = &event.author.id;
        let sent = match self.held(fresh, transaction, user, id)? {
            Some(sent) => sent,
            None => match read(transaction, user, id)? {
                Some(sent) => sent,
                None => return Ok(None),
            },
        };
        let room: String = transaction
            .prepare_cached("SELECT name FROM room WHERE id = ?1")?
            .query_row([sent.row], |row| row.get(0))?;
        let room: RoomName = parsed(&room)?;
        let is_same = sent.kind == kind_of(&event.body)
            && sent.target == event.body.target()
            && room == event.room;
        Ok(Some(if is_same {
            Appended::Placed(Placed {
                room,
                epoch: epoch.clone(),
                seq: sent.seq,
                timestamp: sent.at,
                repeat: true,
                erased: Vec::new(),
            })
        } else {
            Appended::Refused(Refusal::IdReused)
        }))
    }

    /// What of the closed generation is not in the index yet.
    fn left(&self) -> usize {
        self.closed.len() + self.closed_rooms.len() - self.written
    }

    /// What is to be written along with a batch of so many events.
    pub(super) fn due(&self, events: usize) -> usize {
        let owed = self.owed + events * WRITES_PER_EVENT;
        if owed < WRITES_MIN {
            0
        } else {
            self.left().min(owed)
        }
    }

    /// Writes the next `count` into the index.
    pub(super) fn write(
        &self,
        transaction: &Transaction<'_>,
        count: usize,
    ) -> rusqlite::Result<()> {
        if count == 0 {
            // Most batches: not even the statements are looked for.
            return Ok(());
        }
        let next = self.written..self.written + count;
        let sends = self.closed.iter();
        write_sends(transaction, sends.skip(next.start).take(count))?;
        let (from, upto) = (
            next.start.saturating_sub(self.closed.len()),
            next.end.saturating_sub(self.closed.len()),
        );
        write_reach(
            transaction,
            self.closed_rooms.get(from..upto).unwrap_or_default(),
        )
    }

    /// A batch was committed, and `written` with it.
    pub(super) fn committed(
        &mut self,
        fresh: Fresh,
        events: usize,
        heads: impl Iterator<Item = (i64, Seq)>,
        written: usize,
    ) {
        self.gathering.sends.found.extend(fresh.found);
        self.gathering.sends.entries.extend(fresh.entries);
        self.gathering.rooms.extend(heads);
        self.gathering.events += events;
        self.written += written;
        self.owed = match written {
            0 => self.owed + events * WRITES_PER_EVENT,
            _ => 0,
        };
        if self.left() == 0 && self.gathering.events >= GENERATION_EVENTS {
            self.close_generation();
        }
    }

    fn close_generation(&mut self) {
        let Generation { sends, rooms, .. } = std::mem::take(&mut self.gathering);
        self.closed = sends.entries;
        self.closed.sort_unstable_by(|a, b| a.key().cmp(&b.key()));
        self.closed_found = sends.found;
        self.closed_rooms = rooms.into_iter().collect();
        self.written = 0;
        self.owed = 0;
    }

    /// Forgets what lies in this room up to here: retention has dropped it, and has written into
    /// the file what is to be remembered.
    pub(in crate::store::sqlite) fn drop_up_to(&mut self, row: i64, seq: Seq) {
        let is_kept = |sent: &Sent| sent.row != row || sent.seq > seq;
        let Fresh { found, entries } = &mut self.gathering.sends;
        found.retain(|_, sent| is_kept(sent));
        entries.retain(|entry| is_kept(&entry.sent));
        self.closed_found.retain(|_, sent| is_kept(sent));
        let in_index = self.written.min(self.closed.len());
        self.closed.drain(..in_index);
        self.written -= in_index;
        self.closed.retain(|entry| is_kept(&entry.sent));
    }

    /// Notes an event that was given this place.
    pub(super) fn note(&self, fresh: &mut Fresh, row: i64, seq: Seq, event: &NewEvent) {
        let Some(id) = &event.id else {
            return;
        };
        let sent = Sent {
            row,
            seq,
            kind: kind_of(&event.body),
            target: event.body.target(),
            at: event.timestamp,
        };
        let user = &event.author.id;
        fresh.found.insert(self.hash(user, id), sent);
        fresh.entries.push(Entry {
            user: user.clone(),
            id: id.clone(),
            sent,
        });
    }
}

fn write_sends<'a>(
    transaction: &Transaction<'_>,
    sends: impl Iterator<Item = &'a Entry>,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT OR IGNORE INTO sent (user_id, client_id, room_id, seq, kind, target, at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for Entry { user, id, sent } in sends {
        insert.execute(params![
            user.as_str(),
            id.as_str(),
            sent.row,
            sent.seq.0,
            sent.kind,
            sent.target.map(|target| target.0),
            sent.at.0,
        ])?;
    }
    Ok(())
}

fn write_reach(transaction: &Transaction<'_>, rooms: &[(i64, Seq)]) -> rusqlite::Result<()> {
    let mut reach = transaction.prepare_cached("UPDATE room SET indexed = ?2 WHERE id = ?1")?;
    for (row, seq) in rooms {
        reach.execute(params![row, seq.0])?;
    }
    Ok(())
}

fn read(
    transaction: &Transaction<'_>,
    user: &UserId,
    id: &RequestId,
) -> rusqlite::Result<Option<Sent>> {
    transaction
        .prepare_cached(
            "SELECT room_id, seq, kind, target, at_ms FROM sent
             WHERE user_id = ?1 AND client_id = ?2",
        )?
        .query_row([user.as_str(), id.as_str()], |row| {
            Ok(Sent {
                row: row.get(0)?,
                seq: Seq(row.get(1)?),
                kind: row.get(2)?,
                target: row.get::<_, Option<u64>>(3)?.map(Seq),
                at: Timestamp(row.get(4)?),
            })
        })
        .optional()
}

/// Brings the index up to what is in the log: what was held in memory went with the process.
pub(super) fn catch_up(connection: &mut Connection) -> rusqlite::Result<()> {
    let step = connection.transaction()?;
    step.execute(
        "INSERT OR IGNORE INTO sent (user_id, client_id, room_id, seq, kind, target, at_ms)
         SELECT user_id, client_id, room_id, seq, kind, target, at_ms
         FROM room CROSS JOIN event ON room_id = room.id AND seq > room.indexed
         WHERE room.head > room.indexed AND client_id IS NOT NULL
         ORDER BY user_id, client_id",
        [],
    )?;
    step.execute("UPDATE room SET indexed = head WHERE head > indexed", [])?;
    step.commit()
}

#[cfg(test)]
mod tests;
