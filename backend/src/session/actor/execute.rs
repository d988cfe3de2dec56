//! Executing what a frame asks for.

use super::Session;
use super::authorize::Authorized;
use crate::auth::permission::RoomAction;
use crate::hub::post::Post;
use crate::hub::{Cursor, JoinError, JoinRequest, Membership, Origin};
use crate::room::{ManagedConnection, MembershipKey, Position, SendOrigin, Subscriber};
use crate::session::state::{Action, JoinedRoom};
use crate::store::{NewEvent, Range, RoomHead, StoreError};
use common::command::{Authenticate, Join};
use common::ids::{Epoch, RequestId, Seq};
use common::limits::PAGE_MESSAGES_MAX;
use common::reply::{Ack, Joined, Left, Pong};
use common::text::RoomName;
use common::{ErrorCode, ErrorFrame, ServerFrame};
use std::sync::Arc;

/// What the store may have to be asked for.
pub(super) enum Slow {
    Join(Join),
    Follow(MembershipKey, Join),
    Read(RoomName, RequestId, Range, usize),
    Authenticate(Authenticate),
    WatchRooms(Option<RequestId>),
    /// In a room in slow mode, with its milliseconds.
    Post(NewEvent, u64),
}

impl Session {
    /// Does it, and answers; or says what there is to wait for.
    pub(super) fn execute(&mut self, authorized: Authorized) -> Option<Slow> {
        match authorized.action {
            Action::Join(join) => return Some(Slow::Join(join)),
            Action::Follow(key, join) => return Some(Slow::Follow(key, join)),
            Action::Read(room, id, range, limit) => {
                return Some(Slow::Read(room, id, range, limit));
            }
            Action::Authenticate(proof) => return Some(Slow::Authenticate(proof)),
            Action::WatchRooms(id) => return Some(Slow::WatchRooms(id)),
            Action::Leave(key, room, id) => self.leave(key, room, id),
            Action::Post(room, id, body) => {
                let event = NewEvent {
                    room,
                    author: self.visitor.user.clone(),
                    id,
                    body,
                    timestamp: self.hub.now(),
                };
                match authorized.slow_ms {
                    0 => self.post(event),
                    slow_ms => return Some(Slow::Post(event, slow_ms)),
                }
            }
            Action::Mark(room, id, seq) => {
                self.mark(room, seq);
                self.done(id);
            }
            Action::Pong(id) => {
                let timestamp = self.hub.now();
                self.link.push(&ServerFrame::Pong(Pong { timestamp }));
                self.done(id);
            }
        }
        None
    }

    /// Does it, and answers.
    pub(super) async fn execute_async(&mut self, slow: Slow) {
        match slow {
            Slow::Join(join) => self.join(join).await,
            Slow::Follow(key, join) => self.follow(key, &join).await,
            Slow::Read(room, id, range, limit) => self.read(room, id, range, limit).await,
            Slow::Authenticate(proof) => self.authenticate(proof).await,
            Slow::WatchRooms(id) => self.watch_rooms(id).await,
            Slow::Post(event, slow_ms) => self.post_in_turn(event, slow_ms).await,
        }
    }

    async fn join(&mut self, join: Join) {
        let key = self.state.next_key();
        let (membership, at) = match self.join_room(&join.room, key).await {
            Ok(joined) => joined,
            Err(JoinError::Refused(error)) => return self.refuse(error.answering(join.id)),
            Err(JoinError::Store(error)) => {
                return self.refuse(unreadable(&error, join.id).about(join.room));
            }
        };
        let at = match self.hub.head_seen(&membership.room, at, join.since).await {
            Ok(at) => at,
            Err(error) => return self.refuse(unreadable(&error, join.id).about(join.room)),
        };
        let read = self.marker(&join.room, &at.epoch).await;
        let permissions = self
            .hub
            .rules
            .permissions_in(&membership.room, self.requester());
        // While the store was asked the door may have been closed.
        if let Err(error) = permissions.check(RoomAction::Enter) {
            return self.refuse(error.answering(join.id));
        }
        let cursor = self.answer_join(&join, &at, read);
        let settings_hash = self.tell_settings(&permissions, 0);
        drop(permissions);
        let (snapshot, presence) = membership.room.presence_snapshot();
        self.link.push_encoded(&snapshot);
        let position = Position {
            event: cursor,
            presence,
        };
        self.link.place(key, Arc::clone(&membership.room), position);
        let joined = JoinedRoom::new(membership, at.epoch);
        self.state.add(JoinedRoom {
            settings_hash,
            ..joined
        });
    }

    async fn join_room(
        &self,
        room: &RoomName,
        key: MembershipKey,
    ) -> Result<(Membership, RoomHead), JoinError> {
        let request = JoinRequest {
            requester: self.requester(),
            shard: self.link.shard(),
            recipient: Arc::clone(&self.link) as Arc<dyn Subscriber>,
            key,
        };
        self.hub.rooms.join(room, request).await
    }

    /// Every connection follows the built-in room, from its head unless the client asks otherwise.
    pub(super) async fn follow_broadcasts(&mut self) -> Result<(), JoinError> {
        let key = self.state.next_key();
        let (membership, at) = self.join_room(&RoomName::broadcast(), key).await?;
        self.link
            .place(key, Arc::clone(&membership.room), at_event(at.head));
        self.state.add(JoinedRoom::new(membership, at.epoch));
        Ok(())
    }

    async fn follow(&mut self, key: MembershipKey, join: &Join) {
        let Some(joined) = self.state.get_mut(key) else {
            return;
        };
        let room = Arc::clone(&joined.membership.room);
        let at = match room.open().await {
            Ok(at) => self.hub.head_seen(&room, at, join.since).await,
            Err(error) => Err(error),
        };
        match at {
            Ok(at) => {
                let read = self.marker(&join.room, &at.epoch).await;
                let cursor = self.answer_join(join, &at, read);
                self.link.place(key, room, at_event(cursor));
            }
            Err(error) => self.refuse(unreadable(&error, join.id.clone())),
        }
    }

    /// Moves the user's marker; one that does not move is nobody's news.
    fn mark(&mut self, room: RoomName, seq: Seq) {
        let lasting = self.visitor.is_lasting();
        let Some(joined) = self.state.of_room(&room) else {
            return;
        };
        if seq > joined.marked {
            joined.marked = seq;
            let epoch = lasting.then(|| joined.epoch.clone());
            if let Some(arrival) = &self.arrival {
                arrival.read_up_to(room, epoch, seq);
            }
        }
    }

    /// How far the user has read. Not knowing it is no reason to keep anybody out.
    async fn marker(&self, room: &RoomName, epoch: &Epoch) -> Option<Seq> {
        if !self.visitor.is_lasting() {
            return None;
        }
        let found = self
            .hub
            .connections
            .marker(&self.visitor.user.id, room, epoch)
            .await;
        found.unwrap_or_else(|error| {
            tracing::debug!(%error, "a read marker cannot be read");
            None
        })
    }

    /// Decides where the cursor stands and says so. The events behind it are to follow the answer.
    fn answer_join(&self, join: &Join, at: &RoomHead, read: Option<Seq>) -> Seq {
        let last = join.last.map(|last| last.min(PAGE_MESSAGES_MAX as u64));
        let since = join.since.map(|since| (since, join.epoch.as_ref()));
        let cursor = Cursor::place(at, since, last);
        self.link.push(&ServerFrame::Joined(Joined {
            room: join.room.clone(),
            epoch: at.epoch.clone(),
            head: at.head,
            after: cursor.after,
            complete: cursor.complete,
            read,
        }));
        self.done(join.id.clone());
        cursor.after
    }

    fn leave(&mut self, key: MembershipKey, room: RoomName, id: Option<RequestId>) {
        self.link.remove_cursor(key);
        self.state.remove(key);
        self.link
            .push(&ServerFrame::Left(Left { room, reason: None }));
        self.done(id);
    }

    /// Posts in a room in slow mode, unless it is too soon.
    async fn post_in_turn(&self, event: NewEvent, slow_ms: u64) {
        let payer = self.visitor.payer(self.link.address());
        match self.hub.rules.pace(&event.room, &payer, slow_ms).await {
            Ok(()) => self.post(event),
            Err(error) => self.refuse(error.answering(event.id)),
        }
    }

    fn post(&self, event: NewEvent) {
        let (room, id) = (event.room.clone(), event.id.clone());
        let recipient = Arc::clone(&self.link) as Arc<dyn SendOrigin>;
        let origin = Origin::Connection(Arc::clone(&recipient));
        self.link.posting();
        if let Err(overloaded) = self.hub.logs.post(Post { event, origin }) {
            let error = ErrorFrame::new(ErrorCode::Overloaded, overloaded.to_string()).about(room);
            recipient.completed(id.as_ref(), Err(&error));
        }
    }

    async fn read(&self, room: RoomName, id: RequestId, range: Range, limit: usize) {
        let permissions = match self.hub.rules.permissions(&room, self.requester()).await {
            Ok(permissions) => permissions,
            Err(error) => return self.refuse(unreadable(&error, Some(id)).about(room)),
        };
        if let Err(error) = permissions.check(RoomAction::ReadHistory) {
            return self.refuse(error.about(room.clone()).answering(Some(id)));
        }
        drop(permissions);
        match self.hub.logs.history(&room, range, limit).await {
            Ok(page) => self.link.push(&ServerFrame::Ack(Box::new(Ack {
                page: Some(page),
                ..Ack::done(id)
            }))),
            Err(error) => self.refuse(unreadable(&error, Some(id)).about(room)),
        }
    }

    /// Tells the list of rooms, and what changes in it, in place of what was told before.
    async fn watch_rooms(&mut self, id: Option<RequestId>) {
        self.room_list = None;
        let user = &self.visitor.user.id;
        let user = self.visitor.is_lasting().then_some(user);
        let connection = Arc::clone(&self.link) as Arc<dyn ManagedConnection>;
        let first = |update| self.link.push(&ServerFrame::Rooms(Box::new(update)));
        match self.hub.room_list.watch(user, connection, first).await {
            Ok(watch) => {
                self.room_list = Some(Box::new(watch));
                self.done(id);
            }
            Err(error) => self.refuse(unreadable(&error, id)),
        }
    }

    /// Acknowledges a frame that asked for it.
    pub(super) fn done(&self, id: Option<RequestId>) {
        if let Some(id) = id {
            self.link.push(&ServerFrame::Ack(Box::new(Ack::done(id))));
        }
    }
}

/// A position in the built-in room, which has no presence.
fn at_event(event: Seq) -> Position {
    Position { event, presence: 0 }
}

fn unreadable(error: &StoreError, id: Option<RequestId>) -> ErrorFrame {
    error.to_frame().answering(id)
}
