//! Invitations to private rooms.

use super::records;
use super::rows::user;
use super::{member_rows, sanctions};
use crate::store::columns::parsed;
use crate::store::sqlite::invalidation;
use crate::store::sqlite::writer::{WriterState, begin};
use crate::store::{
    Accepted, Hash, INVITATIONS_MAX, Invalidation, Invitation, Invited, MEMBERS_MAX, Member,
    StoreError,
};
use common::ids::InvitationId;
use common::room::{RoomKind, RoomRole, SanctionKind};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use rusqlite::{Connection, Row, params};

const COLUMNS: &str = "id, room, by_id, by_name, created_at_ms, expires_at_ms, uses_left, used";

/// What makes one hold at the time `?2`.
const HOLDS: &str = "expires_at_ms > ?2 AND (uses_left IS NULL OR uses_left > 0)";

fn invitation(row: &Row<'_>) -> Result<Invitation, StoreError> {
    let (id, room): (String, String) = (row.get(0)?, row.get(1)?);
    Ok(Invitation {
        id: parsed(&id)?,
        room: parsed(&room)?,
        by: user(row, 2)?,
        created_at: Timestamp(row.get(4)?),
        expires_at: Timestamp(row.get(5)?),
        uses_left: row.get(6)?,
        used: row.get(7)?,
    })
}

pub(super) fn add(
    state: &mut WriterState,
    new: &Invitation,
    code: &Hash,
) -> Result<bool, StoreError> {
    let step = begin(&mut state.connection)?;
    let is_private = records::find(&step, &new.room)?.is_some_and(|r| r.door == RoomKind::Private);
    if !is_private {
        return Ok(false);
    }
    step.execute(
        "DELETE FROM invitation WHERE room = ?1 AND (expires_at_ms <= ?2 OR uses_left = 0)",
        params![new.room.as_str(), new.created_at.0],
    )?;
    let sql = "SELECT count(*) FROM invitation WHERE room = ?1";
    let count: usize = step.query_row(sql, [new.room.as_str()], |row| row.get(0))?;
    if count >= INVITATIONS_MAX {
        return Ok(false);
    }
    step.execute(
        "INSERT INTO invitation (id, code_hash, room, by_id, by_name, created_at_ms,
             expires_at_ms, uses_left, used) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            new.id.as_str(),
            code,
            new.room.as_str(),
            new.by.id.as_str(),
            new.by.name.as_str(),
            new.created_at.0,
            new.expires_at.0,
            new.uses_left,
            new.used,
        ],
    )?;
    step.commit()?;
    Ok(true)
}

pub(super) fn holding(
    connection: &Connection,
    room: &RoomName,
    now: Timestamp,
) -> Result<Vec<Invitation>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM invitation WHERE room = ?1 AND {HOLDS}
         ORDER BY created_at_ms DESC, id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![room.as_str(), now.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(invitation(row)?);
    }
    Ok(found)
}

pub(super) fn take_back(
    state: &mut WriterState,
    room: &RoomName,
    id: &InvitationId,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM invitation WHERE room = ?1 AND id = ?2";
    let gone = state
        .connection
        .execute(sql, params![room.as_str(), id.as_str()])?;
    Ok(gone > 0)
}

fn by_code(
    connection: &Connection,
    code: &Hash,
    now: Timestamp,
) -> Result<Option<Invitation>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM invitation WHERE code_hash = ?1 AND {HOLDS}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![code, now.0])?;
    rows.next()?.map(invitation).transpose()
}

pub(super) fn look(
    connection: &Connection,
    code: &Hash,
    now: Timestamp,
) -> Result<Option<Invited>, StoreError> {
    let Some(invitation) = by_code(connection, code, now)? else {
        return Ok(None);
    };
    let record = records::find(connection, &invitation.room)?;
    let Some(record) = record.filter(|record| !record.archived) else {
        return Ok(None);
    };
    Ok(Some(Invited {
        members: member_rows::count(connection, &invitation.room)?,
        invitation,
        record,
    }))
}

pub(super) fn accept(
    state: &mut WriterState,
    code: &Hash,
    one: &User,
    now: Timestamp,
) -> Result<Accepted, StoreError> {
    let step = begin(&mut state.connection)?;
    let Some(Invited {
        invitation,
        members: count,
        ..
    }) = look(&step, code, now)?
    else {
        return Ok(Accepted::Refused);
    };
    let room = &invitation.room;
    if member_rows::standing(&step, room, &one.id)? != RoomRole::Outsider {
        return Ok(Accepted::Already(invitation.room));
    }
    if sanctions::is_under(&step, room, &one.id, SanctionKind::Ban, now)? {
        return Ok(Accepted::Banned);
    }
    if count >= MEMBERS_MAX {
        return Ok(Accepted::Full);
    }
    step.execute(
        "UPDATE invitation SET uses_left = uses_left - 1, used = used + 1 WHERE id = ?1",
        [invitation.id.as_str()],
    )?;
    let member = Member {
        user: one.clone(),
        standing: RoomRole::Member,
        since: now,
    };
    member_rows::insert(&step, room, &member)?;
    invalidation::write(&step, &Invalidation::RoomChanged(room.clone()), now)?;
    invalidation::write(
        &step,
        &Invalidation::rooms_changed(room, &one.id, &one.id),
        now,
    )?;
    step.commit()?;
    Ok(Accepted::Joined(invitation.room))
}
