//! `/health`, `/ready` and `/stats`: for operators of the node.

use crate::request::AppState;
use crate::request::error::HttpError;
use axum::Json;
use axum::extract::State;
use common::api::{Health, Stats};

/// Whether the process answers at all.
pub(super) async fn health() -> Json<Health> {
    Json(Health {
        status: "ok".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// Whether the node takes new clients: it does not while it goes away, or its store does not work.
pub(super) async fn ready(
    State(app): State<AppState>,
) -> Result<Json<serde_json::Value>, HttpError> {
    if app.shutdown.is_cancelled() {
        return Err(HttpError::shutting_down());
    }
    if let Some(fault) = app.store_health.fault() {
        return Err(fault.into());
    }
    Ok(Json(serde_json::json!({ "ready": true })))
}

/// Clients, rooms, members of each room.
pub(super) async fn stats(State(app): State<AppState>) -> Json<Stats> {
    let members = app.hub.rooms.live_rooms();
    Json(Stats {
        clients: app.hub.connections.clients(),
        rooms: members.len(),
        refused: app
            .limits
            .counters()
            .iter()
            .map(|(name, count)| (name.to_owned(), count))
            .collect(),
        members: members.into_iter().collect(),
    })
}
