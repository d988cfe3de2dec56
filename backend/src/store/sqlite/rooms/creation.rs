//! Creating rooms: a record and its first members in one transaction.

use super::member_rows;
use super::records::insert;
use crate::store::columns::parsed;
use crate::store::rooms::pair_of;
use crate::store::sqlite::invalidation;
use crate::store::sqlite::writer::{WriterState, begin};
use crate::store::{Invalidation, Member, RoomRecord, StoreError};
use common::room::{RoomKind, RoomRole};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use rusqlite::OptionalExtension;

pub(super) fn make(
    state: &mut WriterState,
    record: &RoomRecord,
    owner: &User,
) -> Result<bool, StoreError> {
    let step = begin(&mut state.connection)?;
    let taken: bool = step.query_row(
        "SELECT EXISTS (SELECT 1 FROM room_record WHERE name = ?1)
             OR EXISTS (SELECT 1 FROM room WHERE name = ?1 AND head > 0)",
        [record.room.as_str()],
        |row| row.get(0),
    )?;
    if taken {
        return Ok(false);
    }
    insert(&step, record, None)?;
    let at = record.created_at;
    member_rows::insert(&step, &record.room, &owning(owner, RoomRole::Owner, at))?;
    invalidation::write(&step, &Invalidation::RoomChanged(record.room.clone()), at)?;
    invalidation::write(
        &step,
        &Invalidation::rooms_changed(&record.room, &owner.id, &owner.id),
        at,
    )?;
    step.commit()?;
    Ok(true)
}

fn owning(user: &User, standing: RoomRole, since: Timestamp) -> Member {
    Member {
        user: user.clone(),
        standing,
        since,
    }
}

pub(super) fn open_direct(
    state: &mut WriterState,
    fresh: RoomName,
    one: &User,
    other: &User,
    now: Timestamp,
) -> Result<RoomName, StoreError> {
    let pair = pair_of(&one.id, &other.id);
    let step = begin(&mut state.connection)?;
    let found: Option<String> = step
        .query_row(
            "SELECT name FROM room_record WHERE pair = ?1",
            [&pair],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(found) = found {
        return parsed(&found);
    }
    let record = RoomRecord::new(fresh, RoomKind::Direct, now);
    insert(&step, &record, Some(&pair))?;
    invalidation::write(&step, &Invalidation::RoomChanged(record.room.clone()), now)?;
    for user in [one, other] {
        member_rows::insert(&step, &record.room, &owning(user, RoomRole::Member, now))?;
        invalidation::write(
            &step,
            &Invalidation::rooms_changed(&record.room, &user.id, &one.id),
            now,
        )?;
    }
    step.commit()?;
    Ok(record.room)
}
