//! The roles of users in rooms.

use super::records;
use crate::store::columns::Numbered;
use crate::store::postgres::database::Database;
use crate::store::postgres::sql::{Columns, count as limit_of, execute, first, int, query, value};
use crate::store::{Member, OwnRoom, StoreError};
use common::ids::UserId;
use common::room::RoomRole;
use common::text::RoomName;
use deadpool_postgres::GenericClient;

pub(super) async fn of_room(
    client: &impl GenericClient,
    room: &RoomName,
) -> Result<Vec<Member>, StoreError> {
    let sql = "SELECT user_id, user_name, standing, since_ms FROM member WHERE room = $1
         ORDER BY standing DESC, user_name, user_id";
    let rows = query(client, sql, &[&room.as_str()]).await?;
    let members = rows.iter().map(|row| {
        Ok(Member {
            user: row.user(0)?,
            standing: RoomRole::of_number(row.number(2)?)?,
            since: row.time(3)?,
        })
    });
    members.collect()
}

pub(super) async fn standing(
    client: &impl GenericClient,
    room: &RoomName,
    user: &UserId,
) -> Result<RoomRole, StoreError> {
    let sql = "SELECT standing FROM member WHERE room = $1 AND user_id = $2";
    let found = first(client, sql, &[&room.as_str(), &user.as_str()]).await?;
    found.map_or(Ok(RoomRole::Outsider), |row| {
        RoomRole::of_number(row.number(0)?)
    })
}

pub(super) async fn count(
    client: &impl GenericClient,
    room: &RoomName,
) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM member WHERE room = $1";
    let count: i64 = value(client, sql, &[&room.as_str()]).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

pub(super) async fn rooms_of(
    database: &Database,
    one: &UserId,
    limit: usize,
) -> Result<Vec<OwnRoom>, StoreError> {
    // The other one is looked for in direct conversations only.
    let sql = format!(
        "SELECT {}, other.user_id, other.user_name FROM member
         JOIN room_record ON room_record.name = member.room
         LEFT JOIN member AS other ON room_record.door = 2 AND other.room = member.room
             AND other.user_id <> member.user_id
         WHERE member.user_id = $1 AND room_record.door <> 0
         ORDER BY member.since_ms DESC, member.room LIMIT $2",
        records::COLUMNS
    );
    let client = database.client().await?;
    let rows = query(&client, &sql, &[&one.as_str(), &limit_of(limit)]).await?;
    let rooms = rows.iter().map(|row| {
        let has_other = row.try_get::<_, Option<&str>>(8)?.is_some();
        Ok(OwnRoom {
            record: records::record(row)?,
            with: has_other.then(|| row.user(8)).transpose()?,
        })
    });
    rooms.collect()
}

pub(super) async fn insert(
    client: &impl GenericClient,
    room: &RoomName,
    member: &Member,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO member (room, user_id, user_name, standing, since_ms)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (room, user_id) DO UPDATE SET user_name = excluded.user_name,
             standing = excluded.standing";
    execute(
        client,
        sql,
        &[
            &room.as_str(),
            &member.user.id.as_str(),
            &member.user.name.as_str(),
            &i16::from(member.standing.number()),
            &int(member.since.0),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn remove(
    client: &impl GenericClient,
    room: &RoomName,
    one: &UserId,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM member WHERE room = $1 AND user_id = $2";
    execute(client, sql, &[&room.as_str(), &one.as_str()]).await
}
