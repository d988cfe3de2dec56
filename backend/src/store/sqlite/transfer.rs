//! A file that is copied from, or to.

use super::schema::{self, OpenError};
use crate::store::StoreError;
use crate::store::transfer::{
    CopyError, EVENT, RoomState, Row, SENT, Table, Transfer, Type, Value, send_of,
};
use async_trait::async_trait;
use common::ids::Epoch;
use parking_lot::Mutex;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension as _, params_from_iter};
use std::path::Path;

/// See the module. Nobody else uses the file.
pub struct SqliteTransfer(Mutex<Connection>);

/// The addresses of a sanction, which have a table of their own.
const ADDRESSES: &str = "(SELECT group_concat(address, ' ') FROM sanction_address
    WHERE sanction_address.sanction = sanction.id)";

impl SqliteTransfer {
    /// Opens a file, also one that is an unfinished copy, and makes it where there is none.
    ///
    /// # Errors
    /// The file cannot be opened or written, is not Hubbub's, or comes from a newer version.
    pub fn open(path: &Path, fresh_epoch: &Epoch) -> Result<Self, OpenError> {
        let (connection, _) = schema::open_unfinished(path, fresh_epoch)?;
        Ok(Self(Mutex::new(connection)))
    }

    fn select(&self, table: &Table, sql: &str, values: Row) -> Result<Vec<Row>, StoreError> {
        let connection = self.0.lock();
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values.into_iter().map(bound)))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let columns = table.columns.iter().enumerate();
            let read = columns.map(|(at, (_, kind))| Ok(value(*kind, row.get(at)?)));
            found.push(read.collect::<Result<Row, StoreError>>()?);
        }
        Ok(found)
    }

    /// Runs one statement for each of these rows, in one transaction.
    fn insert(&self, sql: &str, rows: impl IntoIterator<Item = Row>) -> Result<(), StoreError> {
        let mut connection = self.0.lock();
        let step = connection.transaction()?;
        {
            let mut statement = step.prepare_cached(sql)?;
            for row in rows {
                statement.execute(params_from_iter(row.into_iter().map(bound)))?;
            }
        }
        Ok(step.commit()?)
    }

    fn is_empty(&self, tables: &[&str]) -> Result<Result<(), String>, StoreError> {
        let connection = self.0.lock();
        for table in tables {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {table})");
            if connection.query_row(&sql, [], |row| row.get(0))? {
                return Ok(Err((*table).to_owned()));
            }
        }
        Ok(Ok(()))
    }
}

fn bound(value: Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Integer(number) => Sql::Integer(number),
        Value::Text(text) => Sql::Text(text),
        Value::Bytes(bytes) => Sql::Blob(bytes),
        Value::Integers(numbers) => {
            let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            Sql::Text(words.join(" "))
        }
    }
}

fn value(kind: Type, found: Sql) -> Value {
    match (kind, found) {
        (Type::Addresses, Sql::Text(words)) => {
            let numbers = words.split(' ').filter_map(|word| word.parse().ok());
            let mut numbers: Vec<i64> = numbers.collect();
            numbers.sort_unstable();
            Value::Integers(numbers)
        }
        (Type::Addresses, _) => Value::Integers(Vec::new()),
        (_, Sql::Null | Sql::Real(_)) => Value::Null,
        (_, Sql::Integer(number)) => Value::Integer(number),
        (_, Sql::Text(text)) => Value::Text(text),
        (_, Sql::Blob(bytes)) => Value::Bytes(bytes),
    }
}

/// What is selected of a table.
fn selected(table: &Table) -> String {
    table.names().replace("addresses", ADDRESSES)
}

/// `?1, ?2, …`
fn marks(count: usize) -> String {
    let marks: Vec<String> = (1..=count).map(|number| format!("?{number}")).collect();
    marks.join(", ")
}

fn limit(limit: usize) -> Value {
    Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX))
}

#[async_trait]
impl Transfer for SqliteTransfer {
    async fn begin(&self, original: &str) -> Result<(), CopyError> {
        let known = {
            let connection = self.0.lock();
            schema::read_meta(&connection, schema::COPY_OF).map_err(StoreError::from)?
        };
        match known {
            Some(known) if known == original => return Ok(()),
            Some(_) => return Err(CopyError::NotEmpty("it is a copy of another one".into())),
            None => {}
        }
        let tables = [
            "room",
            "account",
            "api_key",
            "guest",
            "room_record",
            "audit",
        ];
        self.is_empty(&tables)?
            .map_err(|table| CopyError::NotEmpty(format!("there are rows in the table {table}")))?;
        let mark = [schema::COPY_OF, original].map(|text| Value::Text(text.to_owned()));
        Ok(self.insert("INSERT INTO meta VALUES (?1, ?2)", [mark.to_vec()])?)
    }

    async fn finish(&self, epoch: &Epoch) -> Result<(), StoreError> {
        let epoch = Value::Text(epoch.to_string());
        let sql = "UPDATE meta SET value = ?1 WHERE key = 'epoch'";
        self.insert(sql, [vec![epoch]])?;
        let mark = Value::Text(schema::COPY_OF.to_owned());
        self.insert("DELETE FROM meta WHERE key = ?1", [vec![mark]])
    }

    async fn epochs(&self) -> Result<Vec<Epoch>, StoreError> {
        let epoch = schema::read_meta(&self.0.lock(), "epoch")?;
        let epoch = epoch.and_then(|text| text.parse().ok());
        let missing = || StoreError::Permanent("the file has no epoch".into());
        Ok(vec![epoch.ok_or_else(missing)?])
    }

    async fn read(
        &self,
        table: &Table,
        after: Option<&[Value]>,
        count: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let (columns, key) = (selected(table), table.key_names());
        let mut values = after.map_or_else(Vec::new, <[Value]>::to_vec);
        let bound = match values.len() {
            0 => String::new(),
            bounds => format!("WHERE ({key}) > ({})", marks(bounds)),
        };
        values.push(limit(count));
        let last = values.len();
        let sql = format!(
            "SELECT {columns} FROM {} {bound} ORDER BY {key} LIMIT ?{last}",
            table.name
        );
        self.select(table, &sql, values)
    }

    async fn last(&self, table: &Table) -> Result<Option<Row>, StoreError> {
        let order: Vec<String> = table
            .columns
            .iter()
            .take(table.key)
            .map(|(name, _)| format!("{name} DESC"))
            .collect();
        let sql = format!(
            "SELECT {} FROM {} ORDER BY {} LIMIT 1",
            selected(table),
            table.name,
            order.join(", ")
        );
        let found = self.select(table, &sql, Vec::new())?;
        Ok(found.first().map(|row| table.key_of(row)))
    }

    async fn write(&self, table: &Table, rows: Vec<Row>) -> Result<(), StoreError> {
        let names = table.names();
        let Some(rest) = names.strip_suffix(", addresses") else {
            let marks = marks(table.columns.len());
            let sql = format!(
                "INSERT OR IGNORE INTO {} ({names}) VALUES ({marks})",
                table.name
            );
            return self.insert(&sql, rows);
        };
        let addresses = rows.iter().flat_map(|row| {
            let (id, addresses) = (row.first().cloned(), row.last().cloned());
            let addresses = match addresses {
                Some(Value::Integers(numbers)) => numbers,
                _ => Vec::new(),
            };
            let id = id.unwrap_or(Value::Null);
            addresses
                .into_iter()
                .map(move |number| vec![id.clone(), Value::Integer(number)])
        });
        let addresses: Vec<Row> = addresses.collect();
        let marks = marks(table.columns.len() - 1);
        let sql = format!(
            "INSERT OR IGNORE INTO {} ({rest}) VALUES ({marks})",
            table.name
        );
        let without = rows.into_iter().map(|mut row| {
            row.pop();
            row
        });
        self.insert(&sql, without)?;
        self.insert(
            "INSERT OR IGNORE INTO sanction_address VALUES (?1, ?2)",
            addresses,
        )
    }

    async fn rooms(
        &self,
        _part: usize,
        after: Option<&str>,
        count: usize,
    ) -> Result<Vec<RoomState>, StoreError> {
        let connection = self.0.lock();
        let mut statement = connection.prepare_cached(
            "SELECT name, head, floor, last_at_ms, name_key, look_key FROM room
             WHERE name > ?1 ORDER BY name LIMIT ?2",
        )?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let rooms = statement.query_map((after.unwrap_or(""), count), |row| {
            Ok(RoomState {
                name: row.get(0)?,
                head: row.get(1)?,
                floor: row.get(2)?,
                last_at_ms: row.get(3)?,
                name_key: row.get(4)?,
                look_key: row.get(5)?,
            })
        })?;
        Ok(rooms.collect::<Result<_, _>>()?)
    }

    async fn write_room(&self, room: &RoomState) -> Result<(), StoreError> {
        let room = room.clone();
        self.0.lock().execute(
            "INSERT OR IGNORE INTO room (name, head, floor, last_at_ms, name_key, look_key, indexed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?2)",
            (
                room.name,
                room.head,
                room.floor,
                room.last_at_ms,
                room.name_key,
                room.look_key,
            ),
        )?;
        Ok(())
    }

    async fn events(&self, room: &str, after: i64, count: usize) -> Result<Vec<Row>, StoreError> {
        let sql = format!(
            "SELECT {} FROM event WHERE room_id = (SELECT id FROM room WHERE name = ?1)
             AND seq > ?2 ORDER BY seq LIMIT ?3",
            EVENT.names()
        );
        let values = vec![
            Value::Text(room.to_owned()),
            Value::Integer(after),
            limit(count),
        ];
        self.select(&EVENT, &sql, values)
    }

    async fn last_event(&self, room: &str) -> Result<i64, StoreError> {
        let connection = self.0.lock();
        let mut statement = connection.prepare_cached(
            "SELECT max(seq) FROM event WHERE room_id = (SELECT id FROM room WHERE name = ?1)",
        )?;
        let last: Option<Option<i64>> = statement.query_row([room], |row| row.get(0)).optional()?;
        Ok(last.flatten().unwrap_or(0))
    }

    async fn write_events(&self, room: &RoomState, rows: Vec<Row>) -> Result<(), StoreError> {
        let name = Value::Text(room.name.clone());
        let sends = rows.iter().filter_map(|row| send_of(row));
        let sends = sends.map(|send| [vec![name.clone()], send.to_vec()].concat());
        let sends: Vec<Row> = sends.collect();
        let rows = rows
            .into_iter()
            .map(|row| [vec![name.clone()], row].concat());
        let sql = format!(
            "INSERT OR IGNORE INTO event (room_id, {})
             VALUES ((SELECT id FROM room WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            EVENT.names()
        );
        // Before the events: where this ends between the two, the events are written again.
        self.insert(
            "INSERT OR IGNORE INTO sent (room_id, user_id, client_id, seq, kind, target, at_ms)
             VALUES ((SELECT id FROM room WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7)",
            sends,
        )?;
        self.insert(&sql, rows)
    }

    async fn dropped_sends(
        &self,
        _part: usize,
        after: Option<&[Value]>,
        count: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let mut values = after.map_or_else(Vec::new, <[Value]>::to_vec);
        let bound = match values.is_empty() {
            true => "",
            false => "WHERE (sent.user_id, sent.client_id) > (?1, ?2)",
        };
        values.push(limit(count));
        let last = values.len();
        let sql = format!(
            "SELECT sent.user_id, sent.client_id, room.name, sent.seq, sent.kind, sent.target,
                 sent.at_ms
             FROM dropped_send JOIN sent USING (user_id, client_id)
             JOIN room ON room.id = sent.room_id
             {bound} ORDER BY sent.user_id, sent.client_id LIMIT ?{last}"
        );
        self.select(&SENT, &sql, values)
    }

    async fn write_dropped_sends(&self, rows: Vec<Row>) -> Result<(), StoreError> {
        self.insert(
            "INSERT OR IGNORE INTO sent (user_id, client_id, room_id, seq, kind, target, at_ms)
             SELECT ?1, ?2, id, ?4, ?5, ?6, ?7 FROM room WHERE name = ?3",
            rows.clone(),
        )?;
        let keys = rows.into_iter().map(|row| {
            let key = SENT.key_of(&row);
            [key, row.into_iter().skip(6).collect()].concat()
        });
        self.insert(
            "INSERT OR IGNORE INTO dropped_send (user_id, client_id, at_ms) VALUES (?1, ?2, ?3)",
            keys,
        )
    }
}
