//! Bans and mutes, in a room or on the node.

use super::member_rows;
use super::records::ensure;
use crate::store::columns::{Numbered, optional, parsed};
use crate::store::postgres::database::{Database, exclusive};
use crate::store::postgres::invalidation;
use crate::store::postgres::sql::{Columns, execute, int, query, value};
use crate::store::{Invalidation, SANCTIONS_MAX, Sanction, StoreError};
use common::ids::{SanctionId, UserId};
use common::room::SanctionKind;
use common::text::{Line, RoomName};
use common::time::Timestamp;
use deadpool_postgres::{GenericClient, Transaction};
use tokio_postgres::Row;

const COLUMNS: &str =
    "id, user_id, user_name, kind, by_id, by_name, at_ms, until_ms, reason, addresses";

/// What stands in the column `room`: nothing for the node.
fn place(room: Option<&RoomName>) -> &str {
    room.map_or("", RoomName::as_str)
}

fn sanction(row: &Row) -> Result<Sanction, StoreError> {
    let addresses: Vec<i64> = row.try_get(9)?;
    let until: Option<i64> = row.try_get(7)?;
    Ok(Sanction {
        id: parsed(row.text(0)?)?,
        user: row.user(1)?,
        kind: SanctionKind::of_number(row.number(3)?)?,
        addresses: addresses.into_iter().map(i64::cast_unsigned).collect(),
        by: row.user(4)?,
        at: row.time(6)?,
        until: until.map(|_| row.time(7)).transpose()?,
        reason: optional(row.try_get(8)?)?,
    })
}

pub(super) async fn holding(
    client: &impl GenericClient,
    room: Option<&RoomName>,
    now: Timestamp,
) -> Result<Vec<Sanction>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM sanction WHERE room = $1 AND (until_ms IS NULL OR until_ms > $2)
         ORDER BY at_ms DESC, id"
    );
    let rows = query(client, &sql, &[&place(room), &int(now.0)]).await?;
    rows.iter().map(sanction).collect()
}

/// Whether one of this kind holds for the user in the room.
pub(super) async fn is_under(
    client: &impl GenericClient,
    room: &RoomName,
    one: &UserId,
    kind: SanctionKind,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sanction WHERE room = $1 AND user_id = $2
         AND kind = $3 AND (until_ms IS NULL OR until_ms > $4))";
    let kind = i16::from(kind.number());
    value(
        client,
        sql,
        &[&room.as_str(), &one.as_str(), &kind, &int(now.0)],
    )
    .await
}

pub(super) async fn add(
    database: &Database,
    room: Option<&RoomName>,
    new: &Sanction,
) -> Result<bool, StoreError> {
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let (at, kind) = (place(room), i16::from(new.kind.number()));
    if let Some(room) = room
        && ensure(&step, room, new.at).await?.is_none()
    {
        return Ok(false);
    }
    let sql = "DELETE FROM sanction WHERE room = $1
         AND (user_id = $2 AND kind = $3 OR until_ms <= $4)";
    let user = new.user.id.as_str();
    execute(&step, sql, &[&at, &user, &kind, &int(new.at.0)]).await?;
    let sql = "SELECT count(*) FROM sanction WHERE room = $1";
    let count: i64 = value(&step, sql, &[&at]).await?;
    if usize::try_from(count).unwrap_or(usize::MAX) >= SANCTIONS_MAX {
        return Ok(false);
    }
    insert(&step, at, new).await?;
    match room {
        None => invalidation::write(&step, &Invalidation::SanctionsChanged, new.at).await?,
        Some(room) => {
            let gone = match new.kind {
                SanctionKind::Ban => member_rows::remove(&step, room, &new.user.id).await?,
                SanctionKind::Mute => 0,
            };
            if gone > 0 && room.is_hidden() {
                let told = Invalidation::rooms_changed(room, &new.user.id, &new.by.id);
                invalidation::write(&step, &told, new.at).await?;
            }
            let changed = Invalidation::RoomChanged(room.clone());
            invalidation::write(&step, &changed, new.at).await?;
        }
    }
    step.commit().await?;
    Ok(true)
}

async fn insert(step: &Transaction<'_>, at: &str, new: &Sanction) -> Result<(), StoreError> {
    let sql = "INSERT INTO sanction (room, id, user_id, user_name, kind, by_id, by_name, at_ms,
             until_ms, reason, addresses)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let addresses = new.addresses.iter().map(|address| address.cast_signed());
    let addresses: std::collections::BTreeSet<i64> = addresses.collect();
    execute(
        step,
        sql,
        &[
            &at,
            &new.id.as_str(),
            &new.user.id.as_str(),
            &new.user.name.as_str(),
            &i16::from(new.kind.number()),
            &new.by.id.as_str(),
            &new.by.name.as_str(),
            &int(new.at.0),
            &new.until.map(|until| int(until.0)),
            &new.reason.as_ref().map(Line::as_str),
            &Vec::from_iter(addresses),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn lift(
    database: &Database,
    room: Option<&RoomName>,
    id: &SanctionId,
    now: Timestamp,
) -> Result<Option<Sanction>, StoreError> {
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let mut found = holding(&step, room, now).await?;
    let Some(at) = found.iter().position(|known| known.id == *id) else {
        return Ok(None);
    };
    let sql = "DELETE FROM sanction WHERE id = $1";
    execute(&step, sql, &[&id.as_str()]).await?;
    let invalidation = match room {
        None => Invalidation::SanctionsChanged,
        Some(room) => Invalidation::RoomChanged(room.clone()),
    };
    invalidation::write(&step, &invalidation, now).await?;
    step.commit().await?;
    Ok(Some(found.swap_remove(at)))
}
