//! Delivery: from the outbox and the rooms to the socket.

use super::{End, Session};
use crate::hub::Hub;
use crate::room::tail::TailRead;
use crate::room::{MembershipKey, Recipient};
use crate::session::socket::Socket;
use crate::store::{Range, StoreError};
use common::CloseCode;
use common::codec::encode_server;
use common::ids::Seq;

/// Events fetched from the store at once for a reader that has fallen off the tail.
const CATCH_UP_EVENTS: usize = 200;

/// Writes to one membership before the session looks at everything else again: a room that never
/// rests must not keep the connection from its other rooms, nor from reading.
const ROUNDS_MAX: usize = 8;

impl Session {
    /// Writes what is ready. Personal frames go first: `joined` stands before the events it
    /// announces.
    pub(super) async fn flush(&mut self, socket: &mut impl Socket) -> Result<(), End> {
        let mut ready = self.outbox.take();
        self.batch.append(&mut ready.personal);
        for key in ready.memberships {
            self.deliver(key, socket).await?;
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
                TailRead::Behind => self.catch_up(key).await.map_err(|error| internal(&error))?,
            }
            self.write(socket).await?;
        }
        self.outbox.wake(key);
        Ok(())
    }

    /// Takes the next page behind the cursor from the store. It never goes past the room's head:
    /// what is stored but not published yet comes from the tail, in its turn.
    async fn catch_up(&mut self, key: MembershipKey) -> Result<(), StoreError> {
        let Some(joined) = self.state.get_mut(key) else {
            return Ok(());
        };
        let room = &joined.membership.room;
        let head = room.head();
        let page = self
            .hub
            .read(room.name(), Range::After(joined.cursor), CATCH_UP_EVENTS)
            .await?;
        let mut cursor = joined.cursor;
        for event in page
            .events
            .into_iter()
            .take_while(|event| event.seq <= head)
        {
            cursor = event.seq;
            self.batch.push(encode_server(&Hub::frame(event)).into());
        }
        // A page of nothing below the head: the rest of the range is gone from the store.
        joined.cursor = if cursor == joined.cursor {
            head
        } else {
            cursor
        };
        Ok(())
    }

    /// Writes the batch. A peer that takes nothing for too long is let go; it will be back.
    async fn write(&mut self, socket: &mut impl Socket) -> Result<(), End> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let written =
            tokio::time::timeout(self.config.stall_max, socket.send(&mut self.batch)).await;
        match written {
            Ok(result) => Ok(result?),
            Err(_) => Err(End::Close(CloseCode::TooSlow, "reading too slowly")),
        }
    }

    /// Moves a cursor and sees to it that what lies behind it is written.
    pub(super) fn place(&mut self, key: MembershipKey, cursor: Seq) {
        if let Some(joined) = self.state.get_mut(key) {
            joined.cursor = cursor;
        }
        self.outbox.wake(key);
    }
}

fn internal(error: &StoreError) -> End {
    tracing::error!(%error, "a reader's missed events cannot be read");
    End::Close(CloseCode::Internal, "internal error")
}
