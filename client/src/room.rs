//! Writing in a room.

use crate::error::{SendError, StopReason};
use crate::order::{Order, Orders};
use crate::sending::Sending;
use crate::shared::{Shared, stop_reason};
use common::client::{Command, RoomView};
use common::ids::Seq;
use common::text::{Content, Data, Emoji, RoomName};
use serde::Serialize;
use tokio::sync::{oneshot, watch};

/// A room to write in. Cheap to clone. Writing does not need the room to be followed.
///
/// What is sent in one room is stored in that order, each message once.
#[derive(Debug, Clone)]
pub struct Room {
    name: RoomName,
    orders: Orders,
    shared: watch::Receiver<Shared>,
}

impl Room {
    pub(crate) fn new(name: RoomName, orders: Orders, shared: watch::Receiver<Shared>) -> Self {
        Self {
            name,
            orders,
            shared,
        }
    }

    /// Which room.
    #[must_use]
    pub fn name(&self) -> &RoomName {
        &self.name
    }

    /// Posts a text. In the built-in room this is a broadcast to everyone.
    pub fn send(&self, text: &str) -> Sending {
        match text.parse() {
            Ok(content) => self.post(Some(content), None),
            Err(error) => self.refuse(SendError::Text(error)),
        }
    }

    /// Posts a value as the message's `data`: JSON of any shape, within the server's limits.
    pub fn send_data(&self, data: &impl Serialize) -> Sending {
        match json(data) {
            Ok(data) => self.post(None, Some(data)),
            Err(error) => self.refuse(error),
        }
    }

    /// Posts a message of both. With neither it is refused with [`SendError::Empty`].
    pub fn post(&self, content: Option<Content>, data: Option<Data>) -> Sending {
        if content.is_none() && data.is_none() {
            return self.refuse(SendError::Empty);
        }
        let room = self.name.clone();
        self.give(match room.is_broadcast() {
            true => Command::Broadcast { content, data },
            false => Command::Send {
                room,
                content,
                data,
            },
        })
    }

    /// Replaces the text of one of the user's own messages. The room must be followed, and the
    /// message be among the newest ones
    /// ([`Config::messages_max`](common::client::Config::messages_max)).
    pub fn edit(&self, target: Seq, text: &str) -> Sending {
        let content = match text.parse() {
            Ok(content) => Some(content),
            Err(error) => return self.refuse(SendError::Text(error)),
        };
        let room = self.name.clone();
        self.give(Command::Edit {
            room,
            target,
            content,
            data: None,
        })
    }

    /// Deletes one of the user's own messages, or, as a moderator of the room, anybody's. As for
    /// [`edit`](Self::edit), the message must be held here.
    pub fn delete(&self, target: Seq) -> Sending {
        let room = self.name.clone();
        self.give(Command::Delete { room, target })
    }

    /// Adds a reaction of the user's to a message, or removes it. As for [`edit`](Self::edit), the
    /// message must be held here.
    pub fn react(&self, target: Seq, emoji: &Emoji, on: bool) -> Sending {
        let (room, emoji) = (self.name.clone(), emoji.clone());
        self.give(Command::React {
            room,
            target,
            emoji,
            on,
        })
    }

    /// Marks everything that has come so far as read, on all of the user's devices. Does nothing
    /// where the room is not followed.
    pub fn mark_read(&self) {
        let room = self.name.clone();
        self.orders.give(Order::Command(Command::MarkSeen { room }));
    }

    /// Reads what the client holds of the room: its messages with edits and reactions folded in, who
    /// is online, what the user may do. `None` where the room is not followed, or was left because
    /// the queue of its events is full.
    ///
    /// `read` runs on the client's task: it must be quick and must not block.
    ///
    /// # Errors
    /// If the client has ended.
    pub async fn view<T: Send + 'static>(
        &self,
        read: impl FnOnce(RoomView<'_>) -> T + Send + 'static,
    ) -> Result<Option<T>, StopReason> {
        let (reply, answer) = oneshot::channel();
        let read = move |view: Option<RoomView<'_>>| {
            let _ = reply.send(view.map(read));
        };
        self.orders.give(Order::View {
            room: self.name.clone(),
            read: Box::new(read),
        });
        answer.await.map_err(|_| stop_reason(&self.shared))
    }

    fn give(&self, command: Command) -> Sending {
        let (reply, answer) = oneshot::channel();
        self.orders.give(Order::Send { command, reply });
        Sending::new(answer, self.shared.clone())
    }

    fn refuse(&self, error: SendError) -> Sending {
        Sending::refused(error, self.shared.clone())
    }
}

fn json(data: &impl Serialize) -> Result<Data, SendError> {
    let text = serde_json::to_string(data).map_err(|error| SendError::Json(error.to_string()))?;
    text.parse().map_err(SendError::Text)
}
