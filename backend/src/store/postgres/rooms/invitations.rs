//! Invitations to private rooms.

use super::{member_rows, records, sanctions};
use crate::store::columns::parsed;
use crate::store::postgres::database::{Database, exclusive};
use crate::store::postgres::invalidation;
use crate::store::postgres::sql::{Columns, execute, first, int, query, value};
use crate::store::{
    Accepted, Hash, INVITATIONS_MAX, Invalidation, Invitation, Invited, MEMBERS_MAX, Member,
    StoreError,
};
use common::ids::InvitationId;
use common::room::{RoomKind, RoomRole, SanctionKind};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

const COLUMNS: &str = "id, room, by_id, by_name, created_at_ms, expires_at_ms, uses_left, used";

/// What makes one hold at the time `$2`.
const HOLDS: &str = "expires_at_ms > $2 AND (uses_left IS NULL OR uses_left > 0)";

fn invitation(row: &Row) -> Result<Invitation, StoreError> {
    let uses_left: Option<i64> = row.try_get(6)?;
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(Invitation {
        id: parsed(row.text(0)?)?,
        room: parsed(row.text(1)?)?,
        by: row.user(2)?,
        created_at: row.time(4)?,
        expires_at: row.time(5)?,
        uses_left: uses_left.map(|_| row.uint(6).map(number)).transpose()?,
        used: number(row.uint(7)?),
    })
}

pub(super) async fn add(
    database: &Database,
    new: &Invitation,
    code: &Hash,
) -> Result<bool, StoreError> {
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let record = records::find(&step, &new.room).await?;
    if record.is_none_or(|record| record.door != RoomKind::Private) {
        return Ok(false);
    }
    let room = new.room.as_str();
    let sql = "DELETE FROM invitation WHERE room = $1 AND (expires_at_ms <= $2 OR uses_left = 0)";
    execute(&step, sql, &[&room, &int(new.created_at.0)]).await?;
    let sql = "SELECT count(*) FROM invitation WHERE room = $1";
    let count: i64 = value(&step, sql, &[&room]).await?;
    if usize::try_from(count).unwrap_or(usize::MAX) >= INVITATIONS_MAX {
        return Ok(false);
    }
    let sql = "INSERT INTO invitation (id, code_hash, room, by_id, by_name, created_at_ms,
             expires_at_ms, uses_left, used) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    execute(
        &step,
        sql,
        &[
            &new.id.as_str(),
            &code.as_slice(),
            &room,
            &new.by.id.as_str(),
            &new.by.name.as_str(),
            &int(new.created_at.0),
            &int(new.expires_at.0),
            &new.uses_left.map(i64::from),
            &i64::from(new.used),
        ],
    )
    .await?;
    step.commit().await?;
    Ok(true)
}

pub(super) async fn holding(
    database: &Database,
    room: &RoomName,
    now: Timestamp,
) -> Result<Vec<Invitation>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM invitation WHERE room = $1 AND {HOLDS}
         ORDER BY created_at_ms DESC, id COLLATE \"C\""
    );
    let client = database.client().await?;
    let rows = query(&client, &sql, &[&room.as_str(), &int(now.0)]).await?;
    rows.iter().map(invitation).collect()
}

pub(super) async fn take_back(
    database: &Database,
    room: &RoomName,
    id: &InvitationId,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM invitation WHERE room = $1 AND id = $2";
    let client = database.client().await?;
    Ok(execute(&client, sql, &[&room.as_str(), &id.as_str()]).await? > 0)
}

pub(super) async fn look(
    client: &impl GenericClient,
    code: &Hash,
    now: Timestamp,
) -> Result<Option<Invited>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM invitation WHERE code_hash = $1 AND {HOLDS}");
    let Some(row) = first(client, &sql, &[&code.as_slice(), &int(now.0)]).await? else {
        return Ok(None);
    };
    let invitation = invitation(&row)?;
    let record = records::find(client, &invitation.room).await?;
    let Some(record) = record.filter(|record| !record.archived) else {
        return Ok(None);
    };
    Ok(Some(Invited {
        members: member_rows::count(client, &invitation.room).await?,
        invitation,
        record,
    }))
}

pub(super) async fn accept(
    database: &Database,
    code: &Hash,
    one: &User,
    now: Timestamp,
) -> Result<Accepted, StoreError> {
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let Some(Invited {
        invitation,
        members: count,
        ..
    }) = look(&step, code, now).await?
    else {
        return Ok(Accepted::Refused);
    };
    let room = &invitation.room;
    if member_rows::standing(&step, room, &one.id).await? != RoomRole::Outsider {
        return Ok(Accepted::Already(invitation.room));
    }
    if sanctions::is_under(&step, room, &one.id, SanctionKind::Ban, now).await? {
        return Ok(Accepted::Banned);
    }
    if count >= MEMBERS_MAX {
        return Ok(Accepted::Full);
    }
    let sql = "UPDATE invitation SET uses_left = uses_left - 1, used = used + 1 WHERE id = $1";
    execute(&step, sql, &[&invitation.id.as_str()]).await?;
    let member = Member {
        user: one.clone(),
        standing: RoomRole::Member,
        since: now,
    };
    member_rows::insert(&step, room, &member).await?;
    invalidation::write(&step, &Invalidation::RoomChanged(room.clone()), now).await?;
    invalidation::write(
        &step,
        &Invalidation::rooms_changed(room, &one.id, &one.id),
        now,
    )
    .await?;
    step.commit().await?;
    Ok(Accepted::Joined(invitation.room))
}
