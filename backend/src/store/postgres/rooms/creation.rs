//! Creating rooms: a record and its first members in one transaction.

use super::{member_rows, records};
use crate::store::columns::parsed;
use crate::store::postgres::database::{Database, exclusive};
use crate::store::postgres::invalidation;
use crate::store::postgres::sql::{Columns, first};
use crate::store::rooms::pair_of;
use crate::store::{Invalidation, Member, RoomRecord, StoreError};
use common::room::{RoomKind, RoomRole};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;

/// Nobody has written to the room: its log may be in another database, and was looked for there.
pub(super) async fn make(
    database: &Database,
    record: &RoomRecord,
    owner: &User,
) -> Result<bool, StoreError> {
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    if records::find(&step, &record.room).await?.is_some() {
        return Ok(false);
    }
    records::insert(&step, record, None).await?;
    let (room, at) = (&record.room, record.created_at);
    member_rows::insert(&step, room, &member(owner, RoomRole::Owner, at)).await?;
    invalidation::write(&step, &Invalidation::RoomChanged(room.clone()), at).await?;
    invalidation::write(
        &step,
        &Invalidation::rooms_changed(room, &owner.id, &owner.id),
        at,
    )
    .await?;
    step.commit().await?;
    Ok(true)
}

fn member(user: &User, standing: RoomRole, since: Timestamp) -> Member {
    Member {
        user: user.clone(),
        standing,
        since,
    }
}

pub(super) async fn open_direct(
    database: &Database,
    fresh: RoomName,
    one: &User,
    other: &User,
    now: Timestamp,
) -> Result<RoomName, StoreError> {
    let pair = pair_of(&one.id, &other.id);
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let sql = "SELECT name FROM room_record WHERE pair = $1";
    if let Some(found) = first(&step, sql, &[&pair]).await? {
        return parsed(found.text(0)?);
    }
    let record = RoomRecord::new(fresh, RoomKind::Direct, now);
    records::insert(&step, &record, Some(&pair)).await?;
    let room = &record.room;
    invalidation::write(&step, &Invalidation::RoomChanged(room.clone()), now).await?;
    for user in [one, other] {
        member_rows::insert(&step, room, &member(user, RoomRole::Member, now)).await?;
        invalidation::write(
            &step,
            &Invalidation::rooms_changed(room, &user.id, &one.id),
            now,
        )
        .await?;
    }
    step.commit().await?;
    Ok(record.room)
}
