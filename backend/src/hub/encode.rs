//! Stored events as the frames members are sent.

use crate::store::NewEvent;
use common::ServerFrame;
use common::event::{BroadcastPosted, MessagePosted};
use common::ids::Seq;

/// The event as a message, whatever room it is in.
pub(super) fn message(event: NewEvent, seq: Seq) -> MessagePosted {
    MessagePosted {
        room: event.room,
        seq,
        from: event.author.name,
        user: event.author.id,
        id: event.id,
        content: event.content,
        data: event.data,
        timestamp: event.timestamp,
    }
}

/// The event as the frame of its room: in the built-in one it is a broadcast.
pub(super) fn frame(event: NewEvent, seq: Seq) -> ServerFrame {
    if !event.room.is_broadcast() {
        return ServerFrame::Message(message(event, seq));
    }
    ServerFrame::Broadcast(BroadcastPosted {
        seq,
        from: event.author.name,
        user: event.author.id,
        id: event.id,
        content: event.content,
        data: event.data,
        timestamp: event.timestamp,
    })
}
