//! Changing the role that a user has in a room.

use super::member_rows::{count, insert, remove, standing};
use super::records::ensure;
use super::sanctions;
use crate::store::postgres::database::{Database, exclusive};
use crate::store::postgres::invalidation;
use crate::store::postgres::sql::{Columns, first};
use crate::store::{
    Invalidation, MEMBERS_MAX, Member, MemberChange, MemberOutcome, RoomRecord, StoreError,
};
use common::room::{RoomKind, RoomRole, SanctionKind};
use deadpool_postgres::Transaction;

pub(super) async fn change(
    database: &Database,
    change: &MemberChange,
) -> Result<MemberOutcome, StoreError> {
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let (room, one) = (&change.room, &change.user.id);
    let was = standing(&step, room, one).await?;
    if was != change.was {
        return Ok(MemberOutcome::Stale);
    }
    let is_public = !room.is_hidden();
    let standing = match change.standing {
        RoomRole::Member if is_public => RoomRole::Outsider,
        standing => standing,
    };
    if was != standing
        && let Some(refused) = set(&step, change, standing).await?
    {
        return Ok(refused);
    }
    if change.kicked && is_public {
        let kicked = Invalidation::Kicked(room.clone(), one.clone());
        invalidation::write(&step, &kicked, change.at).await?;
    }
    step.commit().await?;
    Ok(MemberOutcome::Done)
}

async fn set(
    step: &Transaction<'_>,
    change: &MemberChange,
    standing: RoomRole,
) -> Result<Option<MemberOutcome>, StoreError> {
    let (room, one) = (&change.room, &change.user.id);
    let Some(record) = ensure(step, room, change.at).await? else {
        return Ok(Some(MemberOutcome::NoSuchRoom));
    };
    if let Some(refused) = refuse(step, &record, change, standing).await? {
        return Ok(Some(refused));
    }
    if standing == RoomRole::Outsider {
        remove(step, room, one).await?;
    } else {
        let member = Member {
            user: change.user.clone(),
            standing,
            since: change.at,
        };
        insert(step, room, &member).await?;
    }
    let changed = Invalidation::RoomChanged(room.clone());
    invalidation::write(step, &changed, change.at).await?;
    let is_told = change.was == RoomRole::Outsider || standing == RoomRole::Outsider;
    if is_told && room.is_hidden() {
        let told = Invalidation::rooms_changed(room, one, &change.by);
        invalidation::write(step, &told, change.at).await?;
    }
    Ok(None)
}

async fn refuse(
    step: &Transaction<'_>,
    record: &RoomRecord,
    change: &MemberChange,
    standing: RoomRole,
) -> Result<Option<MemberOutcome>, StoreError> {
    if change.was == RoomRole::Outsider {
        let (user, ban) = (&change.user.id, SanctionKind::Ban);
        if sanctions::is_under(step, &change.room, user, ban, change.at).await? {
            return Ok(Some(MemberOutcome::Banned));
        }
        if count(step, &change.room).await? >= MEMBERS_MAX {
            return Ok(Some(MemberOutcome::Full));
        }
    }
    let steps_down = change.was == RoomRole::Owner && standing < RoomRole::Owner;
    if record.door == RoomKind::Private && steps_down {
        let sql = "SELECT count(*) FILTER (WHERE standing = 3), count(*) FROM member
             WHERE room = $1";
        let Some(row) = first(step, sql, &[&change.room.as_str()]).await? else {
            return Ok(None);
        };
        if row.uint(0)? == 1 && row.uint(1)? > 1 {
            return Ok(Some(MemberOutcome::LastOwner));
        }
    }
    Ok(None)
}
