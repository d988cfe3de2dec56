//! Errors, and what to do about them.

use crate::outbox::OutboxError;
use common::CloseCode;
use common::error::ErrorFrame;
use common::text::TextError;

/// Why a client did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The outbox cannot be used.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The system has no randomness.
    #[error("no randomness: {0}")]
    RandomSource(#[from] getrandom::Error),
}

/// Why a client has ended by itself. What is unsent stays in the outbox on disk, where it has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StopReason {
    /// The program asked for it.
    #[error("the client was shut down")]
    ShutDown,
    /// The sign-in has ended, the key was revoked, or the account was disabled.
    #[error("the server does not accept the token any more: sign in again")]
    SignInEnded,
    /// The user, or the address, is banned from the server.
    #[error("banned from this server")]
    Banned,
    /// A frame was larger than the server's limit.
    #[error("a frame was larger than the server accepts")]
    FrameTooLarge,
    /// The server takes this client for another user than the one whose outbox it has.
    #[error("the outbox belongs to another user than the one who has signed in")]
    OtherUser,
    /// The server refuses this client for good.
    #[error("the server refuses the connection: {}", .0.message)]
    Refused(ErrorFrame),
    /// The server has closed the connection for good, with a code that this version does not know.
    #[error("the server closed the connection for good (close code {0})")]
    Closed(u16),
    /// The outbox on disk cannot be written any more: what is sent would not outlive the program.
    #[error("cannot write the outbox: {0}")]
    Outbox(String),
}

impl StopReason {
    /// The reason for which the core has stopped.
    pub(crate) fn of(code: Option<u16>, refusal: Option<&ErrorFrame>) -> Self {
        match (code, refusal) {
            (None, _) => Self::OtherUser,
            (Some(code), _) if code == CloseCode::SignInEnded.code() => Self::SignInEnded,
            (Some(code), _) if code == CloseCode::Banned.code() => Self::Banned,
            (Some(code), _) if code == CloseCode::FrameTooLarge.code() => Self::FrameTooLarge,
            (Some(CloseCode::TERMINAL_MIN), Some(refusal)) => Self::Refused(refusal.clone()),
            (Some(code), _) => Self::Closed(code),
        }
    }
}

/// Why something that was sent is not on the server's disk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The server refuses it for good. It was removed from the outbox.
    #[error("refused: {}", .0.message)]
    Refused(ErrorFrame),
    /// As many messages are unsent in this room as may be
    /// ([`Config::outbox_max`](common::client::Config::outbox_max)).
    #[error("too many messages are unsent in this room: wait until some are stored")]
    OutboxFull,
    /// The message to be changed is not among those that this client holds, is deleted, or is not
    /// this user's to change. Follow the room before you change its messages.
    #[error("no such message here that this user may change")]
    NoSuchMessage,
    /// A message needs a text or data.
    #[error("a message needs a text or data")]
    Empty,
    /// The text or the data are not such as a message may have.
    #[error("not a message: {0}")]
    Text(#[from] TextError),
    /// The value has no form in JSON.
    #[error("the value cannot be written as JSON: {0}")]
    Json(String),
    /// The client has ended. Where it has an outbox on disk, the next client sends what was taken.
    #[error(transparent)]
    Stopped(#[from] StopReason),
}

/// Why a room is not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FollowError {
    /// The server does not let this user in.
    #[error("refused: {}", .0.message)]
    Refused(ErrorFrame),
    /// This client follows the room already.
    #[error("this client follows the room already")]
    Followed,
    /// The client has ended.
    #[error(transparent)]
    Stopped(#[from] StopReason),
}

/// What a client that was shut down has left unsent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{count} messages or changes are not on the server's disk")]
pub struct Unsent {
    /// How many messages and changes.
    pub count: usize,
}
