//! Read markers.

use super::database::Database;
use super::sql::{Columns, execute, first, int};
use crate::store::{Marker, StoreError};
use common::ids::{Epoch, Seq, UserId};
use common::text::RoomName;
use std::collections::BTreeMap;

pub(super) async fn find(
    database: &Database,
    user: &UserId,
    room: &RoomName,
    epoch: &Epoch,
) -> Result<Option<Seq>, StoreError> {
    let sql = "SELECT seq FROM marker WHERE user_id = $1 AND room = $2 AND epoch = $3";
    let parameters: [&str; 3] = [user.as_str(), room.as_str(), epoch.as_str()];
    let [user, room, epoch] = &parameters;
    let found = first(&database.client().await?, sql, &[user, room, epoch]).await?;
    found.map(|row| row.seq(0)).transpose()
}

pub(super) async fn mark(database: &Database, markers: &[Marker]) -> Result<(), StoreError> {
    // One for each user and room, and in order, so that two nodes do not wait for each other.
    let mut last: BTreeMap<(&str, &str), &Marker> = BTreeMap::new();
    for marker in markers {
        let key = (marker.user.as_str(), marker.room.as_str());
        let known = last.entry(key).or_insert(marker);
        if marker.epoch != known.epoch || marker.seq > known.seq {
            *known = marker;
        }
    }
    let (users, rooms): (Vec<&str>, Vec<&str>) = last.keys().copied().unzip();
    let epochs: Vec<&str> = last.values().map(|marker| marker.epoch.as_str()).collect();
    let seqs: Vec<i64> = last.values().map(|marker| int(marker.seq.0)).collect();
    let sql = "INSERT INTO marker (user_id, room, epoch, seq)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
         ON CONFLICT (user_id, room) DO UPDATE SET epoch = excluded.epoch,
             seq = CASE WHEN marker.epoch = excluded.epoch
                 THEN greatest(marker.seq, excluded.seq) ELSE excluded.seq END";
    let client = database.client().await?;
    execute(&client, sql, &[&users, &rooms, &epochs, &seqs]).await?;
    Ok(())
}
