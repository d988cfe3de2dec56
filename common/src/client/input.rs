//! The inputs that a shell reports to the client core.

use crate::codec;
use crate::frame::ServerFrame;
use crate::ids::{Epoch, RequestId, Seq};
use crate::text::{Content, Data, Emoji, RoomName};
use crate::token::Token;

/// A point in time by the shell's clock, in milliseconds from any fixed point. In a browser take
/// `Date.now()`: unlike `performance.now()` it goes on while the machine sleeps. It may be set
/// back or forward; the core copes with both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// The time this many milliseconds later.
    #[must_use]
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// The milliseconds from `earlier` to here; 0 when `earlier` is in fact later.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Which socket: each `Connect` has a higher number than the one before. Whatever a socket says
/// carries its number, and what comes late from one that was given up is passed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(pub u64);

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Connect and stay connected. Also the way back from
    /// [`Status::Stopped`](super::Status::Stopped).
    Start,
    /// Disconnect and stay away. What is unsent is kept.
    Stop,
    /// The socket is open.
    Opened {
        /// Which socket.
        attempt: Attempt,
    },
    /// A frame came. [`Input::from_text`] makes this from a socket's text.
    Received {
        /// Which socket.
        attempt: Attempt,
        /// What the server said.
        frame: ServerFrame,
    },
    /// A frame came that this client cannot read: a newer server may say more than it knows.
    /// It still shows that the server is there.
    Unreadable {
        /// Which socket.
        attempt: Attempt,
        /// If it is an event of some room, where in the log it stands.
        event: Option<(RoomName, Seq)>,
    },
    /// The socket is closed, or never came to be open.
    Closed {
        /// Which socket.
        attempt: Attempt,
        /// The close code. Browsers say 1006 where the network failed.
        code: Option<u16>,
    },
    /// The time asked for with [`Effect::WakeAt`](super::Effect::WakeAt) has come. Early and
    /// spurious ticks do no harm.
    Tick,
    /// A hint that now is a good time: the page became visible, the machine woke. A waiting client
    /// connects at once; a connected one makes sure that the server still hears it.
    CheckConnection,
    /// The system says that there is no network (`offline` in a browser). Taken as a hint: the
    /// core shows [`Status::Offline`](super::Status::Offline) until the server proves otherwise.
    NetworkLost,
    /// The system says that there is a network again (`online` in a browser).
    NetworkBack,
    /// The user wants something.
    Command(Command),
    /// Another tab of this user has removed this entry from storage: it was discarded there, or the
    /// server has it. Unless it is in flight here, it is dropped, without a word to the storage if
    /// this client has stored it only once; what the server has shows in the timeline anyway.
    RemovedElsewhere {
        /// The entry.
        id: RequestId,
    },
    /// There is a new proof of who the user is. Answers
    /// [`Effect::Refresh`](super::Effect::Refresh); a shell also says it unasked, before `Start`
    /// and whenever it has learned how long the present one holds.
    Refreshed {
        /// The token to show the server, for those who have it in hand. A page does not: the server
        /// looks for itself.
        token: Option<Token>,
        /// For how many milliseconds it holds; `None` where it does not run out.
        valid_for_ms: Option<u64>,
    },
    /// No new proof was to be had now: the server cannot be reached, or is busy. The core asks
    /// again.
    NotRefreshed,
    /// There is nothing to get a new proof with any more: the sign-in has ended, or there never was
    /// one. The core stops, as after a close with
    /// [`CloseCode::SignInEnded`](crate::CloseCode::SignInEnded); what is unsent is kept.
    SignInEnded,
}

impl Input {
    /// Reads a text frame that came from a socket.
    #[must_use]
    pub fn from_text(attempt: Attempt, text: &str) -> Self {
        match codec::decode_server(text) {
            Ok(frame) => Self::Received { attempt, frame },
            Err(_) => Self::Unreadable {
                attempt,
                event: codec::event_position(text),
            },
        }
    }
}

/// Where in a room's log to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoinFrom {
    /// With this many of the newest events; 0 for only what happens from now on. At most
    /// [`PAGE_MESSAGES_MAX`](crate::limits::PAGE_MESSAGES_MAX).
    Newest(u64),
    /// With the first event that the log still has.
    Start,
    /// Behind an event seen before, on this connection or in another life of the program. Where
    /// the log cannot be followed from there, it goes on with the newest events, and an
    /// [`Effect::CursorSet`](super::Effect::CursorSet) says so.
    After {
        /// The log.
        epoch: Epoch,
        /// The event.
        seq: Seq,
    },
}

/// What a user wants. None of them can fail; their results show in the views.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Join a room and keep it joined. Opening an open room does nothing, except that a refused
    /// one is tried again.
    OpenRoom {
        /// Which.
        room: RoomName,
    },
    /// Join a room and follow its log from a given place. On an open room it does what `OpenRoom`
    /// does.
    OpenRoomFrom {
        /// Which.
        room: RoomName,
        /// The place.
        from: JoinFrom,
    },
    /// Leave a room and forget its view. Unsent messages are still sent before it is left.
    CloseRoom {
        /// Which.
        room: RoomName,
    },
    /// Say something in a room. With neither `content` nor `data` it does nothing.
    Send {
        /// Where.
        room: RoomName,
        /// The text.
        content: Option<Content>,
        /// Any JSON value.
        data: Option<Data>,
    },
    /// Say something to everyone. With neither `content` nor `data` it does nothing.
    Broadcast {
        /// The text.
        content: Option<Content>,
        /// Any JSON value.
        data: Option<Data>,
    },
    /// Put other words in the place of one of the user's own messages. With neither `content` nor
    /// `data` it does nothing, nor for a message that is not in view, is somebody else's or is
    /// deleted, nor in the built-in room.
    Edit {
        /// Which room.
        room: RoomName,
        /// The message.
        target: Seq,
        /// The text.
        content: Option<Content>,
        /// Any JSON value.
        data: Option<Data>,
    },
    /// Take back one of the user's own messages, or, where the user looks after the room, anybody's.
    /// Else does nothing where `Edit` does nothing.
    Delete {
        /// Which room.
        room: RoomName,
        /// The message.
        target: Seq,
    },
    /// Put a reaction of the user's to a message, or take it away. Does nothing where it is as
    /// wanted already, where the message is not in view or is deleted, and in the built-in room.
    React {
        /// Which room.
        room: RoomName,
        /// The message.
        target: Seq,
        /// The reaction.
        emoji: Emoji,
        /// Whether it is to be there.
        on: bool,
    },
    /// Get the list of rooms anew now, where the core keeps it.
    ReloadRooms,
    /// Load the page of messages before the oldest one in view. Does nothing while one is being
    /// loaded, or when there is none.
    LoadOlder {
        /// Which room.
        room: RoomName,
    },
    /// The user has seen everything in a room's view up to now. The server is told, and by it the
    /// user's other devices, about once a second at the most. The built-in room's name means the
    /// announcements.
    MarkSeen {
        /// Which room.
        room: RoomName,
    },
    /// Send a refused message or change once more, behind everything that is waiting.
    Retry {
        /// The refused send.
        id: RequestId,
    },
    /// Forget a send that is refused or waits. One that was cut off on its way may have been
    /// stored all the same: then it shows in the timeline.
    Discard {
        /// The send.
        id: RequestId,
    },
}
