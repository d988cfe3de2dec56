//! Changing the role that a user has in a room.

use super::member_rows::{count, insert, remove, standing};
use super::records::ensure;
use super::sanctions;
use crate::store::sqlite::invalidation;
use crate::store::sqlite::writer::{WriterState, begin};
use crate::store::{
    Invalidation, MEMBERS_MAX, Member, MemberChange, MemberOutcome, RoomRecord, StoreError,
};
use common::room::{RoomKind, RoomRole, SanctionKind};
use rusqlite::Connection;

pub(super) fn change(
    state: &mut WriterState,
    change: &MemberChange,
) -> Result<MemberOutcome, StoreError> {
    let step = begin(&mut state.connection)?;
    let (room, one) = (&change.room, &change.user.id);
    let was = standing(&step, room, one)?;
    if was != change.was {
        return Ok(MemberOutcome::Stale);
    }
    let is_public = !room.is_hidden();
    let standing = match change.standing {
        RoomRole::Member if is_public => RoomRole::Outsider,
        standing => standing,
    };
    if was != standing {
        let Some(record) = ensure(&step, room, change.at)? else {
            return Ok(MemberOutcome::NoSuchRoom);
        };
        if let Some(refused) = refuse(&step, &record, change, standing)? {
            return Ok(refused);
        }
        if standing == RoomRole::Outsider {
            remove(&step, room, one)?;
        } else {
            let user = change.user.clone();
            let since = change.at;
            insert(
                &step,
                room,
                &Member {
                    user,
                    standing,
                    since,
                },
            )?;
        }
        invalidation::write(&step, &Invalidation::RoomChanged(room.clone()), change.at)?;
        let is_told = was == RoomRole::Outsider || standing == RoomRole::Outsider;
        if is_told && !is_public {
            invalidation::write(
                &step,
                &Invalidation::rooms_changed(room, one, &change.by),
                change.at,
            )?;
        }
    }
    if change.kicked && is_public {
        let kicked = Invalidation::Kicked(room.clone(), one.clone());
        invalidation::write(&step, &kicked, change.at)?;
    }
    step.commit()?;
    Ok(MemberOutcome::Done)
}

fn refuse(
    step: &Connection,
    record: &RoomRecord,
    change: &MemberChange,
    standing: RoomRole,
) -> Result<Option<MemberOutcome>, StoreError> {
    let is_new = change.was == RoomRole::Outsider;
    if is_new {
        let ban = SanctionKind::Ban;
        if sanctions::is_under(step, &change.room, &change.user.id, ban, change.at)? {
            return Ok(Some(MemberOutcome::Banned));
        }
        if count(step, &change.room)? >= MEMBERS_MAX {
            return Ok(Some(MemberOutcome::Full));
        }
    }
    let steps_down = change.was == RoomRole::Owner && standing < RoomRole::Owner;
    if record.door == RoomKind::Private && steps_down {
        let sql = "SELECT count(*) FILTER (WHERE standing = 3), count(*) FROM member
             WHERE room = ?1";
        let (owners, all): (usize, usize) = step
            .prepare_cached(sql)?
            .query_row([change.room.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if owners == 1 && all > 1 {
            return Ok(Some(MemberOutcome::LastOwner));
        }
    }
    Ok(None)
}
