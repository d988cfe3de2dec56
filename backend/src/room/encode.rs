//! Encoding stored events as frames for members, and as messages of a page.

use super::Frame;
use crate::store::{Body, NewEvent, StoredEvent};
use crate::wire;
use common::ServerFrame;
use common::event::{
    BroadcastPosted, MessageDeleted, MessageEdited, MessagePosted, MessageReacted,
};
use common::ids::Seq;
use common::text::{Content, Data};

/// The event, ready to send.
#[must_use]
pub fn encode(event: NewEvent, seq: Seq) -> Frame {
    wire::text(&frame(event, seq))
}

/// Adds the event, ready to send, to what is there already.
pub fn encode_into(out: &mut Vec<u8>, event: NewEvent, seq: Seq) {
    wire::text_into(out, &frame(event, seq));
}

/// The event as the frame of its kind; a message in the built-in room is a broadcast.
#[must_use]
pub fn frame(event: NewEvent, seq: Seq) -> ServerFrame {
    let NewEvent {
        room,
        author,
        id,
        body,
        timestamp,
    } = event;
    let (from, user) = (author.name, author.id);
    match body {
        Body::Message { content, data } if room.is_broadcast() => {
            ServerFrame::Broadcast(BroadcastPosted {
                seq,
                from,
                user,
                id,
                content,
                data,
                timestamp,
            })
        }
        Body::Message { content, data } => ServerFrame::Message(MessagePosted {
            room,
            seq,
            from,
            user,
            id,
            deleted: is_erased(content.as_ref(), data.as_ref()),
            content,
            data,
            timestamp,
            edited_at: None,
            reactions: Vec::new(),
        }),
        Body::Edit {
            target,
            content,
            data,
        } => ServerFrame::Edited(MessageEdited {
            room,
            seq,
            target,
            from,
            user,
            id,
            content,
            data,
            timestamp,
        }),
        Body::Delete { target, .. } => ServerFrame::Deleted(MessageDeleted {
            room,
            seq,
            target,
            from,
            user,
            id,
            timestamp,
        }),
        Body::React { target, emoji, on } => ServerFrame::Reacted(MessageReacted {
            room,
            seq,
            target,
            from,
            user,
            id,
            emoji,
            on,
            timestamp,
        }),
    }
}

/// Messages in their present state: each with its changes folded in, in the order of the log.
#[must_use]
pub fn fold(messages: Vec<StoredEvent>, changes: Vec<StoredEvent>) -> Vec<MessagePosted> {
    let messages = messages
        .into_iter()
        .map(|stored| frame(stored.event, stored.seq));
    let mut folded: Vec<_> = messages.filter_map(as_message).collect();
    for change in changes {
        let Some(target) = change.event.body.target() else {
            continue;
        };
        let found = folded.binary_search_by_key(&target, |message| message.seq);
        let Some(message) = found.ok().and_then(|at| folded.get_mut(at)) else {
            continue;
        };
        match frame(change.event, change.seq) {
            ServerFrame::Edited(edited) => message.edit(&edited),
            ServerFrame::Deleted(_) => message.delete(),
            ServerFrame::Reacted(reacted) => message.react(&reacted),
            _ => {}
        }
    }
    folded
}

/// In the built-in room, too, a page is of messages.
fn as_message(frame: ServerFrame) -> Option<MessagePosted> {
    match frame {
        ServerFrame::Message(message) => Some(message),
        ServerFrame::Broadcast(broadcast) => Some(broadcast.into()),
        _ => None,
    }
}

/// No message is posted without saying something: one that says nothing was deleted since.
fn is_erased(content: Option<&Content>, data: Option<&Data>) -> bool {
    content.is_none() && data.is_none()
}
