//! Serving a reader whose cursor has left a room's tail, page by page, at the reader's own speed.

use super::{End, Session};
use crate::room::backlog::CatchUp;
use crate::room::{MembershipKey, Room};
use common::CloseCode;
use common::ids::Seq;
use std::sync::Arc;

impl Session {
    /// Takes the next page behind a cursor from the backlog. What follows on it comes from the tail
    /// if that reaches so far, and else from here again, when this page is written.
    pub(super) async fn catch_up(&self, key: MembershipKey, room: Arc<Room>, cursor: Seq) {
        match room.catch_up(cursor).await {
            Ok(CatchUp::Frames { frames, cursor }) => self.link.supply(key, frames, cursor),
            Ok(CatchUp::Gone) => self.link.lose(),
            Err(error) => {
                tracing::debug!(%error, "a reader's missed events cannot be read");
                let end = End::Close(CloseCode::Internal, "internal error");
                self.link.finish(end);
            }
        }
    }
}
