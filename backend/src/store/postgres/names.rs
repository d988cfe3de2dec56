//! The owner of a name, among guests, accounts and keys.

use super::sql::{Columns, execute, first, int};
use crate::store::StoreError;
use crate::store::columns::parsed;
use crate::store::names::NameKeys;
use common::ids::UserId;
use common::time::Timestamp;
use deadpool_postgres::GenericClient;

/// The user who holds this name, or one that is the same.
pub(super) async fn holder(
    client: &impl GenericClient,
    keys: &NameKeys,
) -> Result<Option<UserId>, StoreError> {
    let sql = "SELECT user_id FROM guest WHERE name_key = $1 OR look_key = $2
         UNION ALL SELECT user_id FROM account WHERE name_key = $1 OR look_key = $2
         UNION ALL SELECT user_id FROM api_key WHERE name_key = $1 OR look_key = $2 LIMIT 1";
    let found = first(client, sql, &[&keys.case, &keys.look]).await?;
    found.map(|row| parsed(row.text(0)?)).transpose()
}

/// Frees the name where a guest holds it who has not been seen for long.
pub(super) async fn release_stale(
    client: &impl GenericClient,
    keys: &NameKeys,
    stale_before: Timestamp,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM guest WHERE (name_key = $1 OR look_key = $2) AND seen_at_ms < $3";
    execute(client, sql, &[&keys.case, &keys.look, &int(stale_before.0)]).await?;
    Ok(())
}
