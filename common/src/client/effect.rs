//! The effects that the client core asks its shell to carry out.

use super::input::{Attempt, Command, Millis};
use super::pending_send::OutboxEntry;
use super::room_event::RoomEvent;
use crate::frame::ClientFrame;
use crate::ids::{Epoch, RequestId, Seq};
use crate::text::RoomName;

/// Something to do. Effects are carried out in the order in which they come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Open a socket, and report its fate as `Opened`, `Received` and `Closed` with this number.
    /// There is never a second `Connect` before the socket of the first was closed or given up.
    Connect {
        /// The socket's number.
        attempt: Attempt,
    },
    /// Give up the socket: close it and stop listening. The core does not wait for it to be closed
    /// (on a dead network that takes a browser a minute), and needs no `Closed`.
    Disconnect {
        /// The socket's number.
        attempt: Attempt,
    },
    /// Send a frame on the open socket. If that was closed meanwhile, drop it.
    Send(ClientFrame),
    /// Come back with a `Tick` at this time of the shell's clock. Replaces the time asked for
    /// before: a shell needs one timer.
    WakeAt(Millis),
    /// Something that a view shows has changed. Each part is named once per `apply`.
    Changed(Change),
    /// The next event of an open room's log: each exactly once, in the log's order, without a gap
    /// since the last [`CursorSet`](Self::CursorSet). For programs that follow a room; who draws
    /// it reads the views.
    Event {
        /// Which room; [`RoomName::broadcast`] for the announcements.
        room: RoomName,
        /// Its place in the room's log.
        seq: Seq,
        /// What happened.
        event: RoomEvent,
    },
    /// The events of an open room that follow begin behind `after` in the log `epoch`. Comes as
    /// soon as a room is open and this is known, and whenever the log cannot be followed from where
    /// it was read before: it began anew, or what lies between is no longer kept.
    CursorSet {
        /// Which room.
        room: RoomName,
        /// The log.
        epoch: Epoch,
        /// The event behind which it is read.
        after: Seq,
    },
    /// The server has stored this message or change. Comes before its `OutboxRemove`.
    Stored {
        /// The send.
        id: RequestId,
        /// Its place in the room's log; `None` where the change had been made before.
        seq: Option<Seq>,
    },
    /// Store this entry, in place of the one with the same id: a reload must not lose it. Comes
    /// before the `Send` of the same message or change.
    OutboxPut(OutboxEntry),
    /// Remove the stored entry: it is on the server's disk, or was discarded.
    OutboxRemove(RequestId),
    /// Get a new proof of who the user is, and answer with
    /// [`Input::Refreshed`](super::Input::Refreshed),
    /// [`Input::NotRefreshed`](super::Input::NotRefreshed) or
    /// [`Input::SignInEnded`](super::Input::SignInEnded): the present one runs out, or the server
    /// does not take it any more. A page refreshes its cookies over HTTP, a program gets a token
    /// from wherever its first one came from. Who has none to get, such as a guest, says that the
    /// sign-in has ended. It does not come again before it was answered, or
    /// [`Config::answer_ms`](super::Config::answer_ms) have passed.
    Refresh,
    /// This command was not carried out, because as many messages and changes as may be are unsent
    /// in its room: give the words back to the composer.
    CommandRejected(Command),
}

/// The part of the client that a view must draw again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// [`Client::status`](super::Client::status), and with the first `welcome` of a connection
    /// [`Client::user`](super::Client::user) and [`Client::limits`](super::Client::limits).
    Connection,
    /// The list of open rooms: [`Client::rooms`](super::Client::rooms).
    Rooms,
    /// The rooms that the user may see on the server:
    /// [`Client::room_list`](super::Client::room_list). Where the core does not keep that list, it
    /// is to be fetched again.
    RoomList,
    /// One part of a room: [`Client::room`](super::Client::room).
    Room {
        /// Which room.
        room: RoomName,
        /// Which part of it.
        part: RoomPart,
    },
    /// [`Client::announcements`](super::Client::announcements).
    Announcements,
}

/// The parts of a room that change apart from each other, by what
/// [`RoomView`](super::RoomView) shows of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoomPart {
    /// [`state`](super::RoomView::state).
    Status,
    /// [`messages`](super::RoomView::messages) with the user's changes of them, and whether there
    /// are [older ones](super::RoomView::has_older).
    Timeline,
    /// [`pending`](super::RoomView::pending).
    Pending,
    /// [`presence`](super::RoomView::presence).
    Presence,
    /// [`settings`](super::RoomView::settings).
    Settings,
    /// How far the user has read. [`unread`](super::RoomView::unread) changes with this and with
    /// the timeline.
    ReadMarker,
}

impl RoomPart {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Status,
        Self::Timeline,
        Self::Pending,
        Self::Presence,
        Self::Settings,
        Self::ReadMarker,
    ];
}

/// What the badge shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// A connection is being made, or its rooms are being joined.
    Connecting,
    /// The server has welcomed this client and every open room is joined (or was refused: see
    /// [`RoomStatus::Refused`](super::RoomStatus::Refused)).
    Live,
    /// The system says that there is no network, and the server has not been heard since. The
    /// core goes on trying, quietly.
    Offline,
    /// The connection was lost.
    Retrying {
        /// When the next attempt begins, by the shell's clock.
        at: Millis,
    },
    /// No connection, and none will be made until the next `Start`.
    Stopped {
        /// The terminal close code, where the server sent this client away, or would: that of
        /// [`CloseCode::SignInEnded`](crate::CloseCode::SignInEnded) where the shell said so.
        code: Option<u16>,
    },
}
