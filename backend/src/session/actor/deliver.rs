//! Delivery: from the outbox and the rooms to the socket.

use super::{End, Session};
use crate::room::backlog::CatchUp;
use crate::room::tail::TailRead;
use crate::room::{Frame, MembershipKey, Recipient};
use crate::session::socket::Socket;
use common::CloseCode;
use common::ids::Seq;
use std::sync::Arc;

/// Writes to one membership before the session looks at everything else again: a room that never
/// rests must not keep the connection from its other rooms, nor from reading.
const ROUNDS_MAX: usize = 8;

/// Bytes that a peer has `stall_max` to take, one frame at the least.
const PIECE_BYTES: usize = 64 * 1024;

impl Session {
    /// Writes what is ready. Personal frames go first: `joined` stands before the events it
    /// announces.
    pub(super) async fn flush(&mut self, socket: &mut impl Socket) -> Result<(), End> {
        let mut ready = self.outbox.take();
        self.batch.append(&mut ready.personal);
        for key in ready.memberships {
            if let Err(end) = self.deliver(key, socket).await {
                // What was ready before is the peer's all the same.
                self.write(socket).await?;
                return Err(end);
            }
        }
        self.write(socket).await
    }

    /// Writes what lies behind one membership's cursors, page by page.
    async fn deliver(&mut self, key: MembershipKey, socket: &mut impl Socket) -> Result<(), End> {
        for _ in 0..ROUNDS_MAX {
            // A membership that was left meanwhile has nothing more to say.
            let Some(joined) = self.state.get_mut(key) else {
                return Ok(());
            };
            let room = &joined.membership.room;
            let reading = room.read(
                joined.membership.member,
                joined.cursor,
                joined.presence_cursor,
            );
            joined.presence_cursor = reading.presence_cursor;
            self.batch.extend(reading.presence);
            match reading.events {
                TailRead::UpToDate => return Ok(()),
                TailRead::Frames { frames, cursor } => {
                    joined.cursor = cursor;
                    self.batch.extend(frames);
                }
                TailRead::Behind => self.catch_up(key).await?,
                TailRead::Lost => return Err(lost()),
            }
            self.write(socket).await?;
        }
        self.outbox.wake(key);
        Ok(())
    }

    /// Takes the next page behind the cursor from the backlog.
    async fn catch_up(&mut self, key: MembershipKey) -> Result<(), End> {
        let Some(joined) = self.state.get_mut(key) else {
            return Ok(());
        };
        let room = Arc::clone(&joined.membership.room);
        match room.catch_up(joined.cursor).await {
            Ok(CatchUp::Frames { frames, cursor }) => {
                joined.cursor = cursor;
                self.batch.extend(frames);
                Ok(())
            }
            Ok(CatchUp::Gone) => Err(lost()),
            Err(error) => {
                tracing::error!(%error, "a reader's missed events cannot be read");
                Err(End::Close(CloseCode::Internal, "internal error"))
            }
        }
    }

    /// Writes the batch, piece by piece. A peer that takes nothing of a piece for too long is let
    /// go; it will be back.
    async fn write(&mut self, socket: &mut impl Socket) -> Result<(), End> {
        while !self.batch.is_empty() {
            let mut bytes = 0;
            let fits = |frame: &&Frame| {
                let first = bytes == 0;
                bytes += frame.len();
                first || bytes <= PIECE_BYTES
            };
            let count = self.batch.iter().take_while(fits).count();
            let mut piece = self.batch.drain(..count).collect();
            let written = tokio::time::timeout(self.config.stall_max, socket.send(&mut piece));
            match written.await {
                Ok(result) => result?,
                Err(_) => return Err(End::Close(CloseCode::TooSlow, "reading too slowly")),
            }
        }
        Ok(())
    }

    /// Moves a cursor and sees to it that what lies behind it is written.
    pub(super) fn place(&mut self, key: MembershipKey, cursor: Seq) {
        if let Some(joined) = self.state.get_mut(key) {
            joined.cursor = cursor;
        }
        self.outbox.wake(key);
    }
}

/// The reader cannot be given what comes next. It is closed rather than passed over the gap: when
/// it comes back, `joined` tells it that it is not complete.
fn lost() -> End {
    End::Close(CloseCode::Lost, "what you have not read yet is gone")
}
