//! What a client's frame asks for, and whether the protocol allows it: a synchronous state machine
//! without I/O.

mod memberships;

use crate::hub::Membership;
use crate::room::{MembershipKey, Room};
use crate::store::{Body, Range};
use crate::unicode::is_visible;
use common::command::{
    Authenticate, DeleteMessage, EditMessage, Join, MarkRead, PostBroadcast, PostMessage, React,
    ReadHistory,
};
use common::ids::{Epoch, RequestId, Seq};
use common::limits::{PAGE_MESSAGES_DEFAULT, PAGE_MESSAGES_MAX};
use common::text::{Content, RoomName};
use common::{ClientFrame, ErrorCode, ErrorFrame};
use memberships::Memberships;
use std::sync::Arc;

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// Join a room and place a cursor in its log.
    Join(Join),
    /// Move the cursor in the built-in room, where everybody is already.
    Follow(MembershipKey, Join),
    /// Leave a room.
    Leave(MembershipKey, RoomName, Option<RequestId>),
    /// Append to a room's log; the built-in one's for a broadcast.
    Post(RoomName, Option<RequestId>, Body),
    /// Note how far the user has read.
    Mark(RoomName, Option<RequestId>, Seq),
    /// Read a page of messages.
    Read(RoomName, RequestId, Range, usize),
    /// Look anew who this is, and until when.
    Authenticate(Authenticate),
    /// Tell the list of rooms, and what changes in it.
    WatchRooms(Option<RequestId>),
    /// Say that the server is there.
    Pong(Option<RequestId>),
}

/// Which rooms the connection is in. How far it has been given each of them, its link knows.
pub struct SessionState {
    memberships: Memberships,
    rooms_max: usize,
}

/// One room the connection is in.
pub struct JoinedRoom {
    /// The place in the room; dropping it is leaving.
    pub membership: Membership,
    /// The log's epoch.
    pub epoch: Epoch,
    /// How far the user has said here to have read.
    pub marked: Seq,
    /// A hash of the settings that the client was last told; zero where it was told none.
    pub settings_hash: u64,
}

impl JoinedRoom {
    /// A place that was just taken.
    #[must_use]
    pub fn new(membership: Membership, epoch: Epoch) -> Self {
        Self {
            membership,
            epoch,
            marked: Seq::ZERO,
            settings_hash: 0,
        }
    }
}

impl SessionState {
    /// In no room yet.
    #[must_use]
    pub fn new(rooms_max: usize) -> Self {
        Self {
            memberships: Memberships::new(),
            rooms_max,
        }
    }

    /// Decides about a frame.
    ///
    /// # Errors
    /// The answer to a frame that is refused.
    pub fn decide(&self, frame: ClientFrame) -> Result<Action, ErrorFrame> {
        let id = frame.id().cloned();
        let content = match &frame {
            ClientFrame::Message(message) => message.content.as_ref(),
            ClientFrame::Edit(edit) => edit.content.as_ref(),
            ClientFrame::Broadcast(broadcast) => broadcast.content.as_ref(),
            _ => None,
        };
        check_content(content).map_err(|error| error.answering(id.clone()))?;
        let decision = match frame {
            ClientFrame::Join(join) => self.join(join),
            ClientFrame::Leave(leave) => self.leave(leave.room, leave.id),
            ClientFrame::Message(PostMessage {
                id,
                room,
                content,
                data,
            }) => self.post(room, id, Body::Message { content, data }),
            ClientFrame::Edit(EditMessage {
                id,
                room,
                target,
                content,
                data,
            }) => self.post(
                room,
                id,
                Body::Edit {
                    target,
                    content,
                    data,
                },
            ),
            ClientFrame::Delete(DeleteMessage { id, room, target }) => {
                let any = false;
                self.post(room, id, Body::Delete { target, any })
            }
            ClientFrame::React(React {
                id,
                room,
                target,
                emoji,
                on,
            }) => self.post(room, id, Body::React { target, emoji, on }),
            ClientFrame::Broadcast(PostBroadcast { id, content, data }) => Ok(Action::Post(
                RoomName::broadcast(),
                id,
                Body::Message { content, data },
            )),
            ClientFrame::Read(MarkRead { id, room, seq }) => self.mark(room, id, seq),
            ClientFrame::Authenticate(proof) => Ok(Action::Authenticate(proof)),
            ClientFrame::WatchRooms(watch) => Ok(Action::WatchRooms(watch.id)),
            ClientFrame::Ping(ping) => Ok(Action::Pong(ping.id)),
            ClientFrame::History(history) => read(history),
        };
        decision.map_err(|error| error.answering(id))
    }

    fn join(&self, join: Join) -> Result<Action, ErrorFrame> {
        // Zero is before the first event of every epoch.
        let needs_epoch = join.since.is_some_and(|since| since != Seq::ZERO);
        if needs_epoch && join.epoch.is_none() || join.since.is_none() && join.epoch.is_some() {
            let why =
                "`since` above 0 and `epoch` go together: a seq means nothing in another epoch";
            return Err(ErrorFrame::new(ErrorCode::InvalidField, why).about(join.room));
        }
        check_room(&join.room)?;
        match self.memberships.find(&join.room) {
            Some(key) if join.room.is_broadcast() => Ok(Action::Follow(key, join)),
            Some(_) => {
                let why = "this connection is in that room already";
                Err(ErrorFrame::new(ErrorCode::AlreadyJoined, why).about(join.room))
            }
            // The built-in room does not count.
            None if self.memberships.len() > self.rooms_max => {
                let why = format!("a connection may be in {} rooms at once", self.rooms_max);
                Err(ErrorFrame::new(ErrorCode::TooManyRooms, why).about(join.room))
            }
            None => Ok(Action::Join(join)),
        }
    }

    fn leave(&self, room: RoomName, id: Option<RequestId>) -> Result<Action, ErrorFrame> {
        let key = self.member_of(&room)?;
        Ok(Action::Leave(key, room, id))
    }

    fn post(
        &self,
        room: RoomName,
        id: Option<RequestId>,
        body: Body,
    ) -> Result<Action, ErrorFrame> {
        self.member_of(&room)?;
        Ok(Action::Post(room, id, body))
    }

    fn mark(&self, room: RoomName, id: Option<RequestId>, seq: Seq) -> Result<Action, ErrorFrame> {
        // The built-in room has its marker too: which announcements have been seen.
        let key = self.memberships.find(&room);
        let joined = key
            .and_then(|key| self.memberships.get(key))
            .ok_or_else(|| not_joined(&room))?;
        // Nobody has read what has not happened yet.
        Ok(Action::Mark(
            room,
            id,
            seq.min(joined.membership.room.head()),
        ))
    }

    /// The membership by which a room can be written to or left.
    fn member_of(&self, room: &RoomName) -> Result<MembershipKey, ErrorFrame> {
        if room.is_broadcast() {
            return Err(reserved_room().about(room.clone()));
        }
        self.memberships.find(room).ok_or_else(|| not_joined(room))
    }

    /// Drops all memberships: the connection ends.
    pub fn clear(&mut self) {
        self.memberships.clear();
    }

    /// The number the next membership will have.
    #[must_use]
    pub fn next_key(&self) -> MembershipKey {
        self.memberships.next_key()
    }

    /// Adds a membership under [`SessionState::next_key`].
    pub fn add(&mut self, joined: JoinedRoom) {
        self.memberships.add(joined);
    }

    /// Drops a membership: the connection has left.
    pub fn remove(&mut self, key: MembershipKey) {
        self.memberships.remove(key);
    }

    /// The membership in this room.
    pub fn of_room(&mut self, room: &RoomName) -> Option<&mut JoinedRoom> {
        let key = self.memberships.find(room)?;
        self.memberships.get_mut(key)
    }

    /// The room, where the connection is in it.
    #[must_use]
    pub fn room(&self, room: &RoomName) -> Option<&Arc<Room>> {
        let joined = self.memberships.get(self.memberships.find(room)?)?;
        Some(&joined.membership.room)
    }

    /// All memberships, by number.
    #[must_use]
    pub fn keys(&self) -> Vec<MembershipKey> {
        self.memberships.keys()
    }

    /// The membership, unless it was left meanwhile.
    pub fn get_mut(&mut self, key: MembershipKey) -> Option<&mut JoinedRoom> {
        self.memberships.get_mut(key)
    }
}

/// The refusal of what nobody may do with the built-in room.
#[must_use]
pub fn reserved_room() -> ErrorFrame {
    let why = "this room belongs to the server; everyone follows it, and `broadcast` writes to it";
    ErrorFrame::new(ErrorCode::ReservedRoom, why)
}

/// The refusal of what only members do.
pub(super) fn not_joined(room: &RoomName) -> ErrorFrame {
    ErrorFrame::new(ErrorCode::NotJoined, "join the room first").about(room.clone())
}

/// Refuses a room whose name shows nothing.
///
/// # Errors
/// The name has no visible character.
pub fn check_room(room: &RoomName) -> Result<(), ErrorFrame> {
    if is_visible(room.as_str()) {
        return Ok(());
    }
    let why = "`room` is refused: the name has no visible character";
    Err(ErrorFrame::new(ErrorCode::InvalidRoom, why))
}

/// Refuses text of which a reader would see nothing.
///
/// # Errors
/// It has no visible character.
pub fn check_content(content: Option<&Content>) -> Result<(), ErrorFrame> {
    if content.is_some_and(|content| !is_visible(content.as_str())) {
        let why = "`content` is refused: it has no visible character";
        return Err(ErrorFrame::new(ErrorCode::EmptyMessage, why));
    }
    Ok(())
}

fn read(history: ReadHistory) -> Result<Action, ErrorFrame> {
    let Some(id) = history.id else {
        let why = "`history` needs an `id`: the page comes in its `ack`";
        return Err(ErrorFrame::new(ErrorCode::IdRequired, why).about(history.room));
    };
    let range = range(history.before, history.after)?;
    let limit = page_limit(history.limit)?;
    Ok(Action::Read(history.room, id, range, limit))
}

/// What part of a log `before` and `after` mean.
///
/// # Errors
/// Both are given.
pub fn range(before: Option<Seq>, after: Option<Seq>) -> Result<Range, ErrorFrame> {
    match (before, after) {
        (None, None) => Ok(Range::Newest),
        (Some(seq), None) => Ok(Range::Before(seq)),
        (None, Some(seq)) => Ok(Range::After(seq)),
        (Some(_), Some(_)) => {
            let why = "a page is read `before` a seq or `after` one, not both";
            Err(ErrorFrame::new(ErrorCode::InvalidField, why))
        }
    }
}

/// Messages in a page, from the client's `limit`: at most [`PAGE_MESSAGES_MAX`].
///
/// # Errors
/// `limit` is 0.
pub fn page_limit(asked: Option<usize>) -> Result<usize, ErrorFrame> {
    match asked {
        Some(0) => Err(ErrorFrame::new(
            ErrorCode::InvalidField,
            "`limit` must be at least 1",
        )),
        Some(limit) => Ok(limit.min(PAGE_MESSAGES_MAX)),
        None => Ok(PAGE_MESSAGES_DEFAULT),
    }
}
