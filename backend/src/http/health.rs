//! `/health`, `/ready` and `/stats`: for operators of the node.

use crate::request::AppState;
use crate::request::error::HttpError;
use axum::Json;
use axum::extract::State;
use common::api::{ClusterStats, Health, Ready, Stats};

/// Whether the process answers at all.
pub(super) async fn health() -> Json<Health> {
    Json(Health {
        status: "ok".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// Whether the node takes new clients: it does not while it goes away, or its store does not work.
pub(super) async fn ready(State(app): State<AppState>) -> Result<Json<Ready>, HttpError> {
    if app.shutdown.is_cancelled() {
        return Err(HttpError::shutting_down());
    }
    if let Some(fault) = app.store_health.fault() {
        return Err(fault.into());
    }
    let mut degraded = Vec::new();
    let has_no_bus = |cluster: &ClusterStats| !cluster.bus_connected;
    if app.hub.cluster_stats().as_ref().is_some_and(has_no_bus) {
        // Messages of other nodes come later, and all else works: no reason to take the node out.
        degraded.push("bus".to_owned());
    }
    Ok(Json(Ready {
        ready: true,
        degraded,
    }))
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
        cluster: app.hub.cluster_stats(),
    })
}
