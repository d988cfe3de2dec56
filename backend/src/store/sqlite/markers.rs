//! Read markers.

use super::reader::Reader;
use super::writer::{WriterState, begin};
use crate::store::{Marker, StoreError};
use common::ids::{Epoch, Seq, UserId};
use common::text::RoomName;
use rusqlite::{OptionalExtension, params};

pub(super) fn find(
    reader: &Reader,
    user: &UserId,
    room: &RoomName,
    epoch: &Epoch,
) -> Result<Option<Seq>, StoreError> {
    let found = reader
        .connection
        .prepare_cached("SELECT seq FROM marker WHERE user_id = ?1 AND room = ?2 AND epoch = ?3")?
        .query_row([user.as_str(), room.as_str(), epoch.as_str()], |row| {
            row.get(0).map(Seq)
        })
        .optional()?;
    Ok(found)
}

pub(super) fn mark(state: &mut WriterState, markers: &[Marker]) -> Result<(), StoreError> {
    let step = begin(&mut state.connection)?;
    for marker in markers {
        step.prepare_cached(
            "INSERT INTO marker (user_id, room, epoch, seq) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (user_id, room) DO UPDATE SET epoch = excluded.epoch,
             seq = iif(epoch = excluded.epoch, max(seq, excluded.seq), excluded.seq)",
        )?
        .execute(params![
            marker.user.as_str(),
            marker.room.as_str(),
            marker.epoch.as_str(),
            marker.seq.0
        ])?;
    }
    step.commit()?;
    Ok(())
}
