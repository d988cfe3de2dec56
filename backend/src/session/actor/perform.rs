//! Doing what a frame asked for.

use super::Session;
use crate::hub::committer::Post;
use crate::hub::{Cursor, Origin};
use crate::room::{MembershipKey, Recipient};
use crate::session::outbox::Outbox;
use crate::session::state::{Action, Joined as Membership};
use crate::store::{NewEvent, Range, RoomHead, StoreError};
use common::command::Join;
use common::ids::{Epoch, RequestId, Seq};
use common::limits::PAGE_MESSAGES_MAX;
use common::reply::{Ack, Joined, Left, Pong};
use common::text::RoomName;
use common::{ErrorCode, ErrorFrame, ServerFrame};
use std::sync::Arc;

impl Session {
    /// Does it, and answers.
    pub(super) async fn perform(&mut self, action: Action) {
        match action {
            Action::Enter(join) => self.enter(join).await,
            Action::Follow(key, join) => self.follow(key, &join).await,
            Action::Exit(key, room, id) => self.exit(key, room, id),
            Action::Post(room, id, body) => self.post(NewEvent {
                room,
                author: self.visitor.user.clone(),
                id,
                body,
                timestamp: self.hub.now(),
            }),
            Action::Mark(room, id, seq) => {
                self.mark(room, seq);
                self.done(id);
            }
            Action::Read(room, id, range, limit) => self.read(room, id, range, limit).await,
            Action::Pong(id) => {
                let timestamp = self.hub.now();
                self.outbox.push(&ServerFrame::Pong(Pong { timestamp }));
                self.done(id);
            }
        }
    }

    async fn enter(&mut self, join: Join) {
        let key = self.state.next_key();
        let entered = self.join_room(&join.room, key).await;
        let at = match entered {
            Ok(at) => at,
            Err(error) => return self.refuse(unreadable(&error, join.id).about(join.room)),
        };
        let read = self.marker(&join.room, &at.epoch).await;
        self.answer_join(key, &join, &at, read);
        let snapshot = self.state.get_mut(key).map(|joined| {
            let (frame, cursor) = joined.membership.room.presence_snapshot();
            joined.presence_cursor = cursor;
            frame
        });
        if let Some(frame) = snapshot {
            self.outbox.push_encoded(frame);
        }
    }

    async fn join_room(
        &mut self,
        room: &RoomName,
        key: MembershipKey,
    ) -> Result<RoomHead, StoreError> {
        let recipient: Arc<Outbox> = Arc::clone(&self.outbox);
        let (membership, at) = self
            .hub
            .enter(room, self.visitor.user.clone(), recipient, key)
            .await?;
        let joined = Membership {
            membership,
            cursor: at.head,
            presence_cursor: 0,
            epoch: at.epoch.clone(),
            marked: Seq::ZERO,
        };
        self.state.add(room.clone(), joined);
        Ok(at)
    }

    /// Every connection follows the built-in room, from its head unless the client asks otherwise.
    pub(super) async fn follow_broadcasts(&mut self) -> Result<(), StoreError> {
        let key = self.state.next_key();
        let at = self.join_room(&RoomName::broadcast(), key).await?;
        self.place(key, at.head);
        Ok(())
    }

    async fn follow(&mut self, key: MembershipKey, join: &Join) {
        let Some(joined) = self.state.get_mut(key) else {
            return;
        };
        let room = Arc::clone(&joined.membership.room);
        match room.open().await {
            Ok(at) => {
                let read = self.marker(&join.room, &at.epoch).await;
                self.answer_join(key, join, &at, read);
            }
            Err(error) => self.refuse(unreadable(&error, join.id.clone())),
        }
    }

    /// Moves the user's marker; one that does not move is nobody's news.
    fn mark(&mut self, room: RoomName, seq: Seq) {
        let lasting = self.visitor.lasting;
        let Some(joined) = self.state.of_room(&room) else {
            return;
        };
        if seq > joined.marked {
            joined.marked = seq;
            let epoch = lasting.then(|| joined.epoch.clone());
            self.arrival.read_up_to(room, epoch, seq);
        }
    }

    /// How far the user has read. Not knowing it is no reason to keep anybody out.
    async fn marker(&self, room: &RoomName, epoch: &Epoch) -> Option<Seq> {
        if !self.visitor.lasting {
            return None;
        }
        let found = self.hub.marker(&self.visitor.user.id, room, epoch).await;
        found.unwrap_or_else(|error| {
            tracing::warn!(%error, "a read marker cannot be read");
            None
        })
    }

    /// Places the cursor and says where. The events behind it are written after the answer.
    fn answer_join(&mut self, key: MembershipKey, join: &Join, at: &RoomHead, read: Option<Seq>) {
        let last = join.last.map(|last| last.min(PAGE_MESSAGES_MAX as u64));
        let since = join.since.zip(join.epoch.as_ref());
        let cursor = Cursor::place(at, since, last);
        self.outbox.push(&ServerFrame::Joined(Joined {
            room: join.room.clone(),
            epoch: at.epoch.clone(),
            head: at.head,
            after: cursor.after,
            complete: cursor.complete,
            read,
        }));
        self.done(join.id.clone());
        self.place(key, cursor.after);
    }

    fn exit(&mut self, key: MembershipKey, room: RoomName, id: Option<RequestId>) {
        self.state.remove(key, &room);
        self.outbox.push(&ServerFrame::Left(Left { room }));
        self.done(id);
    }

    fn post(&self, event: NewEvent) {
        let (room, id) = (event.room.clone(), event.id.clone());
        let recipient: Arc<dyn Recipient> = self.outbox.clone();
        let origin = Origin::Connection(recipient);
        self.outbox.posting();
        if let Err(overloaded) = self.hub.post(Post { event, origin }) {
            let error = ErrorFrame::new(ErrorCode::Overloaded, overloaded.to_string()).about(room);
            self.outbox.settled(id.as_ref(), Err(&error));
        }
    }

    async fn read(&self, room: RoomName, id: RequestId, range: Range, limit: usize) {
        match self.hub.history(&room, range, limit).await {
            Ok(page) => self.outbox.push(&ServerFrame::Ack(Box::new(Ack {
                page: Some(page),
                ..Ack::done(id)
            }))),
            Err(error) => self.refuse(unreadable(&error, Some(id)).about(room)),
        }
    }

    /// Acknowledges a frame that asked for it.
    fn done(&self, id: Option<RequestId>) {
        if let Some(id) = id {
            self.outbox.push(&ServerFrame::Ack(Box::new(Ack::done(id))));
        }
    }
}

fn unreadable(error: &StoreError, id: Option<RequestId>) -> ErrorFrame {
    tracing::error!(%error, "the store cannot be read");
    ErrorFrame::new(
        ErrorCode::StoreUnavailable,
        "the room's log cannot be read now",
    )
    .answering(id)
}
