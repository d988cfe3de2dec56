//! Databases that are copied from, or to.

mod values;

use super::PostgresStore;
use super::database::Database;
use super::sql::{Parameters, execute, query, value as only};
use crate::store::StoreError;
use crate::store::transfer::{
    CopyError, EVENT, RoomState, Row, SENT, Table, Transfer, Type, Value, send_of,
};
use async_trait::async_trait;
use common::ids::Epoch;
use futures_util::future::try_join_all;
use tokio_postgres::types::ToSql;
use values::{Bound, as_parameters, bound, bound_row, cast, found, marks, selected};

/// The key in `meta` that a database has while it is an unfinished copy.
pub(super) const COPY_OF: &str = "copy_of";

async fn select(
    database: &Database,
    table: &Table,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<Vec<Row>, StoreError> {
    let rows = query(&database.client().await?, sql, parameters).await?;
    let rows = rows.iter().map(|row| {
        let kinds = table.columns.iter().enumerate();
        kinds.map(|(at, (_, kind))| found(*kind, row, at)).collect()
    });
    rows.collect()
}

/// Runs one statement for each of these rows, in one transaction.
async fn insert(database: &Database, sql: &str, rows: Vec<Vec<Bound>>) -> Result<(), StoreError> {
    let mut client = database.client().await?;
    let step = client.transaction().await?;
    let statement = step.prepare_cached(sql).await?;
    let sent = rows.iter().map(|row| {
        let (step, statement) = (&step, &statement);
        async move { step.execute(statement, &as_parameters(row)).await }
    });
    // On their way together, in this order.
    try_join_all(sent).await?;
    Ok(step.commit().await?)
}

impl PostgresStore {
    fn database_of_name(&self, room: &str) -> Result<&Database, StoreError> {
        let room = crate::store::columns::parsed(room)?;
        Ok(self.database_of(&room))
    }

    fn part(&self, part: usize) -> Result<&Database, StoreError> {
        self.inner.0.databases.get(part).ok_or(StoreError::Closed)
    }

    /// Adds these sends of one room.
    async fn write_sends(&self, room: &str, sends: Vec<Row>) -> Result<(), StoreError> {
        let kinds = [
            Type::Text,
            Type::Text,
            Type::Integer,
            Type::Integer,
            Type::Integer,
            Type::Integer,
        ];
        let rows = sends.into_iter().map(|send| {
            let values = kinds.into_iter().zip(send);
            let mut row: Vec<Bound> = values.map(|(kind, value)| bound(kind, value)).collect();
            row.push(Box::new(room.to_owned()));
            row
        });
        // Older ones are not sent again any more.
        let sql = "INSERT INTO sent (user_id, client_id, room_id, seq, kind, target, at_ms)
             SELECT $1::text, $2::text, id, $3::bigint, $4::bigint, $5::bigint, $6::bigint
             FROM room WHERE name = $7::text
                 AND $6::bigint > (extract(epoch FROM now()) * 1000)::bigint - 25 * 60 * 60 * 1000
             ON CONFLICT DO NOTHING";
        insert(self.database_of_name(room)?, sql, rows.collect()).await
    }
}

#[async_trait]
impl Transfer for PostgresStore {
    async fn begin(&self, original: &str) -> Result<(), CopyError> {
        for database in &self.inner.0.databases {
            let client = database.client().await?;
            let known = query(
                &client,
                "SELECT value FROM meta WHERE key = $1",
                &[&COPY_OF],
            )
            .await?;
            match known.first().map(|row| row.get::<_, String>(0)) {
                Some(known) if known == original => continue,
                Some(_) => return Err(CopyError::NotEmpty("it is a copy of another one".into())),
                None => {}
            }
            for table in [
                "room",
                "account",
                "api_key",
                "guest",
                "room_record",
                "audit",
            ] {
                let sql = format!("SELECT EXISTS (SELECT 1 FROM {table})");
                if only::<bool>(&client, &sql, &[]).await? {
                    let what = format!("there are rows in the table {table}");
                    return Err(CopyError::NotEmpty(what));
                }
            }
            let sql = "INSERT INTO meta VALUES ($1, $2)";
            execute(&client, sql, &[&COPY_OF, &original]).await?;
        }
        Ok(())
    }

    async fn finish(&self, epoch: &Epoch) -> Result<(), StoreError> {
        for database in &self.inner.0.databases {
            let client = database.client().await?;
            let sql = "UPDATE meta SET value = $1 WHERE key = 'epoch'";
            execute(&client, sql, &[&epoch.as_str()]).await?;
            // The next number is after those that were copied.
            let sql = "SELECT setval(pg_get_serial_sequence('audit', 'id'), max(id)) FROM audit
                 HAVING max(id) IS NOT NULL";
            query(&client, sql, &[]).await?;
        }
        for database in &self.inner.0.databases {
            let client = database.client().await?;
            execute(&client, "DELETE FROM meta WHERE key = $1", &[&COPY_OF]).await?;
        }
        Ok(())
    }

    async fn epochs(&self) -> Result<Vec<Epoch>, StoreError> {
        let mut epochs = Vec::new();
        for database in &self.inner.0.databases {
            let epoch = super::epoch::read(&database.client().await?).await?;
            if !epochs.contains(&epoch) {
                epochs.push(epoch);
            }
        }
        Ok(epochs)
    }

    async fn read(
        &self,
        table: &Table,
        after: Option<&[Value]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let key = table.key_names();
        let kinds = table.columns.iter().take(table.key);
        let after = after.unwrap_or_default().to_vec();
        let marks = kinds.clone().enumerate();
        let marks = marks.map(|(at, (_, kind))| format!("${}::{}", at + 1, cast(*kind)));
        let marks: Vec<String> = marks.take(after.len()).collect();
        let start = match marks.is_empty() {
            true => String::new(),
            false => format!("WHERE ({key}) > ({})", marks.join(", ")),
        };
        let sql = format!(
            "SELECT {} FROM {} {start} ORDER BY {key} LIMIT {limit}",
            selected(table),
            table.name
        );
        let values = kinds
            .zip(after)
            .map(|((_, kind), value)| bound(*kind, value));
        let values: Vec<Bound> = values.collect();
        select(self.people(), table, &sql, &as_parameters(&values)).await
    }

    async fn last(&self, table: &Table) -> Result<Option<Row>, StoreError> {
        let order = table.key_names().replace(", ", " DESC, ");
        let sql = format!(
            "SELECT {} FROM {} ORDER BY {order} DESC LIMIT 1",
            selected(table),
            table.name
        );
        let found = select(self.people(), table, &sql, &[]).await?;
        Ok(found.first().map(|row| table.key_of(row)))
    }

    async fn write(&self, table: &Table, rows: Vec<Row>) -> Result<(), StoreError> {
        let numbers = match table.name {
            "audit" => "OVERRIDING SYSTEM VALUE",
            _ => "",
        };
        let sql = format!(
            "INSERT INTO {} ({}) {numbers} VALUES ({}) ON CONFLICT DO NOTHING",
            table.name,
            table.names(),
            marks(table, 1)
        );
        let rows = rows.into_iter().map(|row| bound_row(table, row));
        insert(self.people(), &sql, rows.collect()).await
    }

    fn parts(&self) -> usize {
        self.inner.0.databases.len()
    }

    async fn rooms(
        &self,
        part: usize,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<RoomState>, StoreError> {
        let sql = format!(
            "SELECT name, head, floor, last_at_ms, name_key, look_key FROM room
             WHERE name > $1 AND head > 0 ORDER BY name LIMIT {limit}"
        );
        let client = self.part(part)?.client().await?;
        let rows = query(&client, &sql, &[&after.unwrap_or("")]).await?;
        let rooms = rows.iter().map(|row| {
            Ok(RoomState {
                name: row.try_get(0)?,
                head: row.try_get(1)?,
                floor: row.try_get(2)?,
                last_at_ms: row.try_get(3)?,
                name_key: row.try_get(4)?,
                look_key: row.try_get(5)?,
            })
        });
        rooms.collect()
    }

    async fn write_room(&self, room: &RoomState) -> Result<(), StoreError> {
        let client = self.database_of_name(&room.name)?.client().await?;
        let sql = "INSERT INTO room (name, head, floor, last_at_ms, name_key, look_key)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        let parameters: [&(dyn ToSql + Sync); 6] = [
            &room.name,
            &room.head,
            &room.floor,
            &room.last_at_ms,
            &room.name_key,
            &room.look_key,
        ];
        execute(&client, sql, &parameters).await?;
        Ok(())
    }

    async fn events(&self, room: &str, after: i64, limit: usize) -> Result<Vec<Row>, StoreError> {
        let sql = format!(
            "SELECT {} FROM event WHERE room_id = (SELECT id FROM room WHERE name = $1)
             AND seq > $2 ORDER BY seq LIMIT {limit}",
            selected(&EVENT)
        );
        select(self.database_of_name(room)?, &EVENT, &sql, &[&room, &after]).await
    }

    async fn last_event(&self, room: &str) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(seq), 0) FROM event
             WHERE room_id = (SELECT id FROM room WHERE name = $1)";
        only(&self.database_of_name(room)?.client().await?, sql, &[&room]).await
    }

    async fn write_events(&self, room: &RoomState, rows: Vec<Row>) -> Result<(), StoreError> {
        let sends = rows.iter().filter_map(|row| send_of(row));
        let sends = sends.map(|send| send.to_vec()).collect();
        // Before the events: where this ends between the two, the events are written again.
        self.write_sends(&room.name, sends).await?;
        let rows = rows.into_iter().map(|row| {
            let mut row = bound_row(&EVENT, row);
            row.push(Box::new(room.name.clone()));
            row
        });
        let sql = format!(
            "INSERT INTO event ({}, room_id)
             SELECT {}, id FROM room WHERE name = ${}::text ON CONFLICT DO NOTHING",
            EVENT.names(),
            marks(&EVENT, 1),
            EVENT.columns.len() + 1
        );
        insert(self.database_of_name(&room.name)?, &sql, rows.collect()).await
    }

    async fn dropped_sends(
        &self,
        part: usize,
        after: Option<&[Value]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let mut after = after.unwrap_or_default().iter().map(|value| match value {
            Value::Text(text) => text.clone(),
            _ => String::new(),
        });
        let (user, id) = (
            after.next().unwrap_or_default(),
            after.next().unwrap_or_default(),
        );
        let sql = format!(
            "SELECT sent.user_id, sent.client_id, room.name, sent.seq, sent.kind::bigint,
                 sent.target, sent.at_ms
             FROM sent JOIN room ON room.id = sent.room_id
             WHERE sent.seq <= room.floor AND (sent.user_id, sent.client_id) > ($1, $2)
             ORDER BY sent.user_id, sent.client_id LIMIT {limit}"
        );
        select(self.part(part)?, &SENT, &sql, &[&user, &id]).await
    }

    async fn write_dropped_sends(&self, rows: Vec<Row>) -> Result<(), StoreError> {
        for row in rows {
            let Some(Value::Text(room)) = row.get(2).cloned() else {
                continue;
            };
            let send = row.into_iter().enumerate().filter(|(at, _)| *at != 2);
            let send = send.map(|(_, value)| value).collect();
            self.write_sends(&room, vec![send]).await?;
        }
        Ok(())
    }
}
