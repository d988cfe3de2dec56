//! The limits that both sides enforce. Those that a node can configure are sent in `welcome`.

use serde::{Deserialize, Serialize};

/// Characters (Unicode scalar values) in a room's name.
pub const ROOM_CHARS_MAX: usize = 64;
/// Characters in a room's title.
pub const TITLE_CHARS_MAX: usize = 64;
/// Characters in a line of text: a topic, a reason.
pub const LINE_CHARS_MAX: usize = 256;
/// Characters in a user's name.
pub const NAME_CHARS_MAX: usize = 32;
/// Bytes of UTF-8 in a message's `content`.
pub const CONTENT_BYTES_MAX: usize = 16 * 1024;
/// Bytes of JSON in a message's `data`.
pub const DATA_BYTES_MAX: usize = 64 * 1024;
/// Arrays and objects inside each other in a message's `data`.
pub const DATA_DEPTH_MAX: usize = 64;
/// Bytes of UTF-8 in a reaction; the longest emoji sequences take 35.
pub const EMOJI_BYTES_MAX: usize = 48;
/// Bytes in an identifier.
pub const ID_BYTES_MAX: usize = 64;
/// Bytes in a user's identifier, which may hold a whole name (4 bytes a character at the most).
pub const USER_ID_BYTES_MAX: usize = 1 + 4 * NAME_CHARS_MAX;
/// Bytes in a token; those signed by others are the longest.
pub const TOKEN_BYTES_MAX: usize = 4096;
/// Characters that a new password has at the least.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Bytes of UTF-8 in a password.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// Bytes in one WebSocket frame from a client; longer ones close the connection.
pub const FRAME_BYTES_MAX: usize = 512 * 1024;
/// Rooms one connection may be in at once, unless the node says otherwise.
pub const ROOMS_PER_CONNECTION_MAX: usize = 1000;
/// Messages in one page of history, and in what `join` with `last` may ask for.
pub const PAGE_MESSAGES_MAX: usize = 200;
/// Messages in a page of history when the client names no number.
pub const PAGE_MESSAGES_DEFAULT: usize = 50;
/// Users that presence names one by one; a larger room gets their number only.
pub const PRESENCE_USERS_MAX: usize = 250;

/// The bounds a node tells its clients in `welcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes in one frame from the client.
    pub frame_bytes_max: usize,
    /// Bytes of UTF-8 in `content`.
    pub content_bytes_max: usize,
    /// Bytes of JSON in `data`.
    pub data_bytes_max: usize,
    /// Rooms the connection may be in at once.
    pub rooms_max: usize,
    /// Messages in one page of history.
    pub page_messages_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes_max: FRAME_BYTES_MAX,
            content_bytes_max: CONTENT_BYTES_MAX,
            data_bytes_max: DATA_BYTES_MAX,
            rooms_max: ROOMS_PER_CONNECTION_MAX,
            page_messages_max: PAGE_MESSAGES_MAX,
        }
    }
}
