//! The roles of users in rooms.

use super::records;
use super::rows::user;
use crate::store::columns::Numbered;
use crate::store::{Member, OwnRoom, StoreError};
use common::ids::UserId;
use common::room::RoomRole;
use common::text::RoomName;
use common::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

pub(super) fn of_room(connection: &Connection, room: &RoomName) -> Result<Vec<Member>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT user_id, user_name, standing, since_ms FROM member WHERE room = ?1
         ORDER BY standing DESC, user_name, user_id",
    )?;
    let mut rows = statement.query([room.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Member {
            user: user(row, 0)?,
            standing: RoomRole::of_number(row.get(2)?)?,
            since: Timestamp(row.get(3)?),
        });
    }
    Ok(found)
}

pub(super) fn standing(
    connection: &Connection,
    room: &RoomName,
    user: &UserId,
) -> Result<RoomRole, StoreError> {
    let found: Option<u8> = connection
        .prepare_cached("SELECT standing FROM member WHERE room = ?1 AND user_id = ?2")?
        .query_row(params![room.as_str(), user.as_str()], |row| row.get(0))
        .optional()?;
    found.map_or(Ok(RoomRole::Outsider), RoomRole::of_number)
}

pub(super) fn count(connection: &Connection, room: &RoomName) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM member WHERE room = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([room.as_str()], |row| row.get(0))?)
}

pub(super) fn rooms_of(
    connection: &Connection,
    one: &UserId,
    limit: usize,
) -> Result<Vec<OwnRoom>, StoreError> {
    // The other one is looked for in direct conversations only.
    let sql = format!(
        "SELECT {}, other.user_id, other.user_name FROM member
         JOIN room_record ON room_record.name = member.room
         LEFT JOIN member AS other ON room_record.door = 2 AND other.room = member.room
             AND other.user_id <> member.user_id
         WHERE member.user_id = ?1 AND room_record.door <> 0
         ORDER BY member.since_ms DESC, member.room LIMIT ?2",
        records::COLUMNS
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![one.as_str(), limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let has_other = row.get_ref(8)? != rusqlite::types::ValueRef::Null;
        found.push(OwnRoom {
            record: records::record(row)?,
            with: has_other.then(|| user(row, 8)).transpose()?,
        });
    }
    Ok(found)
}

pub(super) fn insert(
    connection: &Connection,
    room: &RoomName,
    member: &Member,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO member (room, user_id, user_name, standing, since_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET user_name = excluded.user_name,
                 standing = excluded.standing",
        )?
        .execute(params![
            room.as_str(),
            member.user.id.as_str(),
            member.user.name.as_str(),
            member.standing.number(),
            member.since.0,
        ])?;
    Ok(())
}

pub(super) fn remove(
    connection: &Connection,
    room: &RoomName,
    one: &UserId,
) -> rusqlite::Result<usize> {
    connection
        .prepare_cached("DELETE FROM member WHERE room = ?1 AND user_id = ?2")?
        .execute(params![room.as_str(), one.as_str()])
}
