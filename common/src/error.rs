//! Error codes, which tell a client what to do, and close codes of connections.

use crate::ids::RequestId;
use crate::text::RoomName;
use serde::{Deserialize, Serialize};

/// What went wrong with one frame or request. The connection lives on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorFrame {
    /// The `id` of the frame it answers, where that had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// Whether the same frame may succeed later.
    pub retryable: bool,
    /// Not before this many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The room it is about, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomName>,
}

impl ErrorFrame {
    /// An error with the code's own advice on retrying.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            id: None,
            code,
            message: message.into(),
            retryable: code.is_retryable(),
            retry_after_ms: code.is_retryable().then_some(RETRY_AFTER_MS),
            room: None,
        }
    }

    /// The same error, answering the frame with this `id`.
    #[must_use]
    pub fn answering(mut self, id: Option<RequestId>) -> Self {
        self.id = id;
        self
    }

    /// The same error, about this room.
    #[must_use]
    pub fn about(mut self, room: RoomName) -> Self {
        self.room = Some(room);
        self
    }
}

/// How long a client is asked to wait before it repeats what was refused for want of room.
const RETRY_AFTER_MS: u64 = 1000;

/// Why a frame or request was refused. Retired codes are never used for anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, not an object, or without a `type`.
    MalformedFrame,
    /// A `type` this version does not have.
    UnknownType,
    /// A field is missing, or of the wrong kind.
    InvalidField,
    /// Not a room's name.
    InvalidRoom,
    /// Not a user's name.
    InvalidName,
    /// Neither `content` nor `data`, or `content` of nothing but white space.
    EmptyMessage,
    /// `content` or `data` is over its bound.
    MessageTooLarge,
    /// A binary frame; this version speaks text.
    BinaryFrame,
    /// `history` came without the `id` that its page needs.
    IdRequired,
    /// The connection is in that room already.
    AlreadyJoined,
    /// The connection is not in that room.
    NotJoined,
    /// The built-in room cannot be left or written to.
    ReservedRoom,
    /// There is no such room, or none that this user may know of.
    NoSuchRoom,
    /// There is no such message, or it was deleted.
    NoSuchMessage,
    /// There is nobody like that, or not where it was looked.
    NoSuchUser,
    /// The invitation is not known, has run out, was used up, or taken back.
    NoSuchInvitation,
    /// There is no such ban or mute (any more).
    NoSuchSanction,
    /// There is a room of that name already.
    RoomTaken,
    /// The user, or the address, is banned from the room or the node.
    Banned,
    /// The user may read here and not write; `retry_after_ms` says for how long, where it ends.
    Muted,
    /// One message in so much time: wait for `retry_after_ms`.
    SlowMode,
    /// Only those who look after the room may write.
    RoomLocked,
    /// Nobody may write here any more.
    RoomArchived,
    /// Not for this user: the message is somebody else's.
    Forbidden,
    /// The same `id` was used before, for something else.
    IdReused,
    /// The message was changed as often as it may be.
    TooManyChanges,
    /// The message has as many different reactions as it may.
    TooManyReactions,
    /// The connection is in as many rooms as it may.
    TooManyRooms,
    /// Somebody else has that name, or one that looks the same.
    NameTaken,
    /// The token or key is not known, or its sign-in has ended: sign in.
    Unauthenticated,
    /// The token is known and has run out: refresh it.
    TokenExpired,
    /// No such name with such a password. It is not said which of the two is wrong.
    SignInRefused,
    /// The password is too short or too long.
    InvalidPassword,
    /// The first account needs the code that the server printed when it started.
    ClaimRequired,
    /// The node has switched this way of coming in off.
    NotOffered,
    /// Too often: wait for `retry_after_ms`.
    RateLimited,
    /// The user, or the address, has as many connections as it may.
    TooManyConnections,
    /// The node is full or busy; nothing was stored.
    Overloaded,
    /// The log cannot be written or read just now; nothing was stored.
    StoreUnavailable,
    /// The node is going away; nothing was stored.
    ShuttingDown,
    /// HTTP only: no such address.
    NotFound,
    /// HTTP only: the address exists, the method does not.
    MethodNotAllowed,
    /// HTTP only: the handshake asks for a version of WebSocket that is not supported.
    UnsupportedVersion,
    /// HTTP only: the body is over its bound.
    BodyTooLarge,
    /// HTTP only: the body is not declared as JSON.
    UnsupportedMediaType,
    /// HTTP only: the request comes from a page of another site.
    ForeignOrigin,
    /// HTTP only: the request is for a host that this node does not answer for.
    ForeignHost,
    /// A fault of the server's own.
    Internal,
    /// A code this client does not know yet; `retryable` still says what to do.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Overloaded
                | Self::StoreUnavailable
                | Self::ShuttingDown
                | Self::Internal
                | Self::RateLimited
                | Self::SlowMode
                | Self::TooManyConnections
        )
    }
}

/// The codes Hubbub closes a WebSocket with: for what goes against RFC 6455 itself those that it
/// names (section 7.4.1), for everything else some of the range that it keeps for applications
/// (section 7.4.2).
///
/// A client needs no table: after 1009 and from [`CloseCode::TERMINAL_MIN`] on it stays away, because
/// reconnecting would end in the same way; after any other code it reconnects. (4500 and 4501 were
/// codes of earlier versions and are not used again.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// Retry: the bytes were not WebSocket frames. Whoever comes with a WebSocket library makes no
    /// such bytes, so something on the way has spoilt them.
    ProtocolError = 1002,
    /// Retry: a text was not UTF-8; as above.
    NotUtf8 = 1007,
    /// Terminal: a frame was larger than `limits.frame_bytes_max` of `welcome`.
    FrameTooLarge = 1009,
    /// Retry: the node is going away.
    ShuttingDown = 4000,
    /// Retry: nothing was heard from the client for two heartbeats.
    HeartbeatTimeout = 4001,
    /// Retry: the client reads too slowly, and made no progress for a while.
    SlowReader = 4002,
    /// Retry: a fault of the server's own.
    Internal = 4004,
    /// Retry: what the client has not read yet is gone; `joined` will say `complete: false`.
    UnreadEventsLost = 4005,
    /// Retry: the sign-in ran out and was not refreshed. Refresh it first, then come back.
    SignInExpired = 4006,
    /// Retry: what the user may do has changed; coming back, the connection has the new rights.
    RoleChanged = 4007,
    /// Terminal: the sign-in was ended, the key revoked, or the account disabled.
    SignInEnded = 4502,
    /// Terminal: the user, or the address, is banned from the node.
    Banned = 4503,
}

impl CloseCode {
    /// The first code after which a client must not come back by itself.
    pub const TERMINAL_MIN: u16 = 4500;

    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> u16 {
        self as u16
    }

    /// Whether a client that was closed with this number stays away. Other codes outside the range for
    /// applications (1000 to 3999, or none at all) are failures of the network or a proxy: the client
    /// reconnects.
    #[must_use]
    pub fn is_terminal(code: u16) -> bool {
        code == Self::FrameTooLarge.code() || (Self::TERMINAL_MIN..5000).contains(&code)
    }
}
