//! Values of any column, as parameters and in rows.

use crate::store::StoreError;
use crate::store::postgres::sql::unreadable;
use crate::store::transfer::{Row, Table, Type, Value};
use tokio_postgres::types::ToSql;

pub(super) type Bound = Box<dyn ToSql + Sync + Send>;

/// How a parameter is cast, so that it fits whatever whole number the column is.
pub(super) fn cast(kind: Type) -> &'static str {
    match kind {
        Type::Integer => "bigint",
        Type::Flag => "boolean",
        Type::Text => "text",
        Type::AnyText | Type::Bytes => "bytea",
        Type::Addresses => "bigint[]",
    }
}

pub(super) fn bound(kind: Type, value: Value) -> Bound {
    match (kind, value) {
        (Type::Integer, Value::Integer(number)) => Box::new(Some(number)),
        (Type::Integer, _) => Box::new(None::<i64>),
        (Type::Flag, value) => Box::new(value != Value::Integer(0)),
        (Type::Text, Value::Text(text)) => Box::new(Some(text)),
        (Type::Text, _) => Box::new(None::<String>),
        (Type::AnyText, Value::Text(text)) => Box::new(Some(text.into_bytes())),
        (Type::Bytes, Value::Bytes(bytes)) => Box::new(Some(bytes)),
        (Type::AnyText | Type::Bytes, _) => Box::new(None::<Vec<u8>>),
        (Type::Addresses, Value::Integers(numbers)) => Box::new(numbers),
        (Type::Addresses, _) => Box::new(Vec::<i64>::new()),
    }
}

pub(super) fn found(kind: Type, row: &tokio_postgres::Row, at: usize) -> Result<Value, StoreError> {
    Ok(match kind {
        Type::Integer => row
            .try_get::<_, Option<i64>>(at)?
            .map_or(Value::Null, Value::Integer),
        Type::Flag => Value::Integer(i64::from(row.try_get::<_, bool>(at)?)),
        Type::Text => row
            .try_get::<_, Option<String>>(at)?
            .map_or(Value::Null, Value::Text),
        Type::Bytes => row
            .try_get::<_, Option<Vec<u8>>>(at)?
            .map_or(Value::Null, Value::Bytes),
        Type::AnyText => match row.try_get::<_, Option<Vec<u8>>>(at)? {
            None => Value::Null,
            Some(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Value::Text(text),
                Err(_) => return Err(unreadable("a text that is not UTF-8")),
            },
        },
        Type::Addresses => {
            let mut numbers: Vec<i64> = row.try_get(at)?;
            numbers.sort_unstable();
            Value::Integers(numbers)
        }
    })
}

/// What is selected of a table: whole numbers of one size.
pub(super) fn selected(table: &Table) -> String {
    let columns = table.columns.iter().map(|(name, kind)| match kind {
        Type::Integer => format!("{name}::bigint"),
        _ => (*name).to_owned(),
    });
    columns.collect::<Vec<String>>().join(", ")
}

/// `$1::text, $2::bigint, …`
pub(super) fn marks(table: &Table, from: usize) -> String {
    let kinds = table.columns.iter().enumerate();
    let marks = kinds.map(|(at, (_, kind))| format!("${}::{}", at + from, cast(*kind)));
    marks.collect::<Vec<String>>().join(", ")
}

pub(super) fn bound_row(table: &Table, row: Row) -> Vec<Bound> {
    let kinds = table.columns.iter();
    kinds
        .zip(row)
        .map(|((_, kind), value)| bound(*kind, value))
        .collect()
}

pub(super) fn as_parameters(values: &[Bound]) -> Vec<&(dyn ToSql + Sync)> {
    let values = values.iter();
    values
        .map(|value| &**value as &(dyn ToSql + Sync))
        .collect()
}
