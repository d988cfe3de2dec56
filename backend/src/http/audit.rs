//! `/api/v1/audit`: the audit log, for admins.

use crate::auth::permission::NodeAction;
use crate::request::AppState;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::Identity;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use common::api::{AuditEntry, AuditPage};
use common::{ErrorCode, ErrorFrame};
use serde::Deserialize;

/// Entries in a page, at most and by default.
const PAGE_MAX: usize = 200;

/// Which page.
#[derive(Deserialize)]
pub(super) struct PageQuery {
    before: Option<u64>,
    limit: Option<usize>,
}

/// Reads a page.
pub(super) async fn page(
    State(app): State<AppState>,
    Identity(visitor): Identity,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> HttpResult<Json<AuditPage>> {
    if !visitor.may_on_node(NodeAction::ReadAudit, app.accounts.policy()) {
        let why = "only an admin may read this";
        return Err(HttpError(ErrorFrame::new(ErrorCode::Forbidden, why)));
    }
    let Query(PageQuery { before, limit }) = query.map_err(|rejection| {
        HttpError::invalid(ErrorCode::InvalidField, "the query", rejection.body_text())
    })?;
    let limit = limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
    let found = app.audit.read(before, limit + 1).await?;
    let more = found.len() > limit;
    let entries = found
        .into_iter()
        .take(limit)
        .map(|(id, entry)| AuditEntry {
            id,
            at: entry.at,
            act: entry.act,
            actor: entry.actor,
            subject: entry.subject,
            origin: entry.origin,
        })
        .collect();
    Ok(Json(AuditPage { entries, more }))
}
