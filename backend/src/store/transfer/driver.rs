//! The copy itself, and the comparison at its end.

use super::table::{SENT, Sum, TABLES};
use super::{RoomState, Row, Table, Transfer, Value};
use crate::store::StoreError;
use common::ids::Epoch;

/// Rows read and written at once.
const PAGE: usize = 1000;

/// Why a copy is not there.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is something in the store that is no part of this copy.
    #[error("the target is not empty, and no unfinished copy of this store: {0}")]
    NotEmpty(String),
    /// The two differ.
    #[error(
        "the copy differs from the original in {0}: was it in use meanwhile? Remove the copy and begin again"
    )]
    Differs(String),
    /// A store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rooms with a log.
    pub rooms: u64,
    /// Events in them.
    pub events: u64,
    /// Rows of all other tables.
    pub rows: u64,
}

/// Is told what is being done.
pub type Progress<'a> = &'a mut (dyn FnMut(&str) + Send);

/// Copies everything. `fresh_epoch` is used where the original has several.
///
/// # Errors
/// A store cannot be used; the target has something else in it; or the two differ in the end.
pub async fn copy(
    from: &dyn Transfer,
    to: &dyn Transfer,
    fresh_epoch: Epoch,
    tell: Progress<'_>,
) -> Result<Copied, CopyError> {
    let epochs = from.epochs().await?;
    let original: Vec<String> = epochs.iter().map(ToString::to_string).collect();
    to.begin(&original.join(" ")).await?;
    for table in TABLES {
        tell(&format!("copying {}", table.name));
        copy_table(from, to, table).await?;
    }
    for part in 0..from.parts() {
        copy_logs(from, to, part, tell).await?;
        copy_dropped_sends(from, to, part).await?;
    }
    let copied = compare(from, to, tell).await?;
    let epoch = match <[Epoch; 1]>::try_from(epochs) {
        Ok([epoch]) => epoch,
        Err(_) => {
            tell("the original's databases have different epochs: clients will load rooms anew");
            fresh_epoch
        }
    };
    to.finish(&epoch).await?;
    Ok(copied)
}

async fn copy_table(
    from: &dyn Transfer,
    to: &dyn Transfer,
    table: &Table,
) -> Result<(), StoreError> {
    let mut after = to.last(table).await?;
    loop {
        let rows = from.read(table, after.as_deref(), PAGE).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = Some(table.key_of(last));
        to.write(table, rows).await?;
    }
}

async fn copy_logs(
    from: &dyn Transfer,
    to: &dyn Transfer,
    part: usize,
    tell: Progress<'_>,
) -> Result<(), StoreError> {
    let mut after: Option<String> = None;
    let mut count = 0;
    loop {
        let rooms = from.rooms(part, after.as_deref(), PAGE).await?;
        let Some(last) = rooms.last() else {
            return Ok(());
        };
        after = Some(last.name.clone());
        for room in &rooms {
            copy_log(from, to, room).await?;
        }
        count += rooms.len();
        tell(&format!("{count} rooms copied"));
    }
}

async fn copy_log(
    from: &dyn Transfer,
    to: &dyn Transfer,
    room: &RoomState,
) -> Result<(), StoreError> {
    to.write_room(room).await?;
    let mut after = to.last_event(&room.name).await?;
    loop {
        let events = from.events(&room.name, after, PAGE).await?;
        let Some(last) = position_of_last(&events) else {
            return Ok(());
        };
        after = last;
        to.write_events(room, events).await?;
    }
}

fn position_of_last(events: &[Row]) -> Option<i64> {
    match events.last()?.first()? {
        Value::Integer(seq) => Some(*seq),
        _ => None,
    }
}

async fn copy_dropped_sends(
    from: &dyn Transfer,
    to: &dyn Transfer,
    part: usize,
) -> Result<(), StoreError> {
    let mut after: Option<Row> = None;
    loop {
        let rows = from.dropped_sends(part, after.as_deref(), PAGE).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = Some(SENT.key_of(last));
        to.write_dropped_sends(rows).await?;
    }
}

/// Reads both, and holds them against each other.
async fn compare(
    from: &dyn Transfer,
    to: &dyn Transfer,
    tell: Progress<'_>,
) -> Result<Copied, CopyError> {
    let mut copied = Copied::default();
    for table in TABLES {
        tell(&format!("comparing {}", table.name));
        let sums = (sum_table(from, table).await?, sum_table(to, table).await?);
        require_same(sums, || format!("the table {}", table.name))?;
        copied.rows += sums.0.0;
    }
    tell("comparing rooms");
    let rooms = (rooms_of(from).await?, rooms_of(to).await?);
    if rooms.0 != rooms.1 {
        let unlike = rooms
            .0
            .iter()
            .zip(&rooms.1)
            .find(|(one, other)| one != other);
        let room = unlike.map_or("its length", |(room, _)| room.name.as_str());
        return Err(CopyError::Differs(format!("the list of rooms ({room})")));
    }
    for room in rooms.0 {
        let sums = (
            sum_log(from, &room.name).await?,
            sum_log(to, &room.name).await?,
        );
        require_same(sums, || format!("the room {}", room.name))?;
        copied.rooms += 1;
        copied.events += sums.0.0;
    }
    Ok(copied)
}

type Summed = (u64, [u8; 32]);

fn require_same(sums: (Summed, Summed), what: impl FnOnce() -> String) -> Result<(), CopyError> {
    match sums.0 == sums.1 {
        true => Ok(()),
        false => Err(CopyError::Differs(format!(
            "{} ({} rows, and {} in the copy)",
            what(),
            sums.0.0,
            sums.1.0
        ))),
    }
}

async fn sum_table(store: &dyn Transfer, table: &Table) -> Result<Summed, StoreError> {
    let mut sum = Sum::default();
    let mut after: Option<Row> = None;
    loop {
        let rows = store.read(table, after.as_deref(), PAGE).await?;
        let Some(last) = rows.last() else {
            return Ok(sum.finish());
        };
        after = Some(table.key_of(last));
        rows.iter().for_each(|row| sum.add(row));
    }
}

async fn sum_log(store: &dyn Transfer, room: &str) -> Result<Summed, StoreError> {
    let mut sum = Sum::default();
    let mut after = 0;
    loop {
        let events = store.events(room, after, PAGE).await?;
        let Some(last) = position_of_last(&events) else {
            return Ok(sum.finish());
        };
        after = last;
        events.iter().for_each(|row| sum.add(row));
    }
}

/// All rooms of all parts, in the order of their names.
async fn rooms_of(store: &dyn Transfer) -> Result<Vec<RoomState>, StoreError> {
    let mut all = Vec::new();
    for part in 0..store.parts() {
        let mut after: Option<String> = None;
        loop {
            let rooms = store.rooms(part, after.as_deref(), PAGE).await?;
            let Some(last) = rooms.last() else {
                break;
            };
            after = Some(last.name.clone());
            all.extend(rooms);
        }
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}
