//! Encoding and decoding of frames: the only module that handles bytes.
//!
//! Where a frame begins with its `type`, as those of this crate do, its fields are read at once.
//! Otherwise, and where that fails, it is read twice: once for its `type`, once for the fields of
//! that. Either way `data` is kept as the text it came in, nothing is allocated beyond the fields,
//! and an unknown type is told from a malformed frame.

use crate::api::Publish;
use crate::error::{ErrorCode, ErrorFrame};
use crate::frame::{ClientFrame, ServerFrame};
use crate::ids::{RequestId, Seq};
use crate::json::{self, JsonError, replace_lone_surrogates};
use crate::newtype::Text;
use crate::text::{Content, Data, RoomName, TextError};
use memchr::memmem;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// A frame as JSON text.
#[must_use]
pub fn encode_client(frame: &ClientFrame) -> String {
    to_json(frame)
}

/// A frame as JSON text.
#[must_use]
pub fn encode_server(frame: &ServerFrame) -> String {
    to_json(frame)
}

/// Adds a frame as JSON text to what is there already.
pub fn write_server(frame: &ServerFrame, out: &mut Vec<u8>) {
    let start = out.len();
    // As in `to_json`: there is nothing in a frame that can fail.
    if serde_json::to_writer(&mut *out, frame).is_err() {
        out.truncate(start);
    }
}

fn to_json(frame: &impl serde::Serialize) -> String {
    // Frames hold strings, numbers and raw JSON: there is nothing in them that can fail.
    serde_json::to_string(frame).unwrap_or_default()
}

/// The part of a frame that says what the rest is.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
}

/// Reads what a client sent.
///
/// # Errors
/// The `error` frame to answer with: it names what is wrong, and carries the frame's `id` where
/// one can be read.
pub fn decode_client(text: &str) -> Result<ClientFrame, ErrorFrame> {
    let text = &*replace_lone_surrogates(text);
    client_frame(text).map_err(|refusal| explain(text, refusal))
}

/// Reads the body of a publishing HTTP request.
///
/// # Errors
/// As [`decode_client`].
pub fn decode_publish(text: &str) -> Result<Publish, ErrorFrame> {
    let text = &*replace_lone_surrogates(text);
    publish(text).map_err(|refusal| explain(text, refusal))
}

/// A code, and a sentence that says why.
type Refusal = (ErrorCode, String);

fn client_frame(text: &str) -> Result<ClientFrame, Refusal> {
    if let Some(kind) = leading_type(text)
        && !names_type_again(text)
        && let Ok(frame) = client_frame_of(kind, text)
    {
        return Ok(frame);
    }
    object(text)?;
    let head: Head<'_> = json::read(text).map_err(|error| malformed(&error))?;
    let Some(kind) = head.kind else {
        return Err((
            ErrorCode::MalformedFrame,
            "a frame needs a `type`".to_owned(),
        ));
    };
    client_frame_of(kind.0.as_ref(), text)
}

fn client_frame_of(kind: &str, text: &str) -> Result<ClientFrame, Refusal> {
    let frame = match kind {
        "join" => ClientFrame::Join(fields(text)?),
        "leave" => ClientFrame::Leave(fields(text)?),
        "message" => ClientFrame::Message(fields(text)?),
        "broadcast" => ClientFrame::Broadcast(fields(text)?),
        "edit" => ClientFrame::Edit(fields(text)?),
        "delete" => ClientFrame::Delete(fields(text)?),
        "react" => ClientFrame::React(fields(text)?),
        "read" => ClientFrame::Read(fields(text)?),
        "authenticate" => ClientFrame::Authenticate(fields(text)?),
        "watch_rooms" => ClientFrame::WatchRooms(fields(text)?),
        "ping" => ClientFrame::Ping(fields(text)?),
        "history" => ClientFrame::History(fields(text)?),
        unknown => {
            let shown: String = unknown.chars().take(40).collect();
            return Err((ErrorCode::UnknownType, format!("unknown type {shown:?}")));
        }
    };
    match &frame {
        ClientFrame::Message(m) => check_body(m.content.as_ref(), m.data.as_ref())?,
        ClientFrame::Edit(e) => check_body(e.content.as_ref(), e.data.as_ref())?,
        ClientFrame::Broadcast(b) => check_body(b.content.as_ref(), b.data.as_ref())?,
        _ => {}
    }
    Ok(frame)
}

/// The type of a frame that begins with it.
fn leading_type(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("{\"type\":\"")?;
    let (kind, _) = rest.split_once('"')?;
    (!kind.contains('\\')).then_some(kind)
}

/// Whether a second `type` may follow, which makes it no frame. (In `data` it may.)
fn names_type_again(text: &str) -> bool {
    let behind_the_first = text.as_bytes().get(2..).unwrap_or_default();
    memmem::find(behind_the_first, b"\"type\"").is_some()
}

fn publish(text: &str) -> Result<Publish, Refusal> {
    object(text)?;
    json::read::<IgnoredAny>(text).map_err(|error| malformed(&error))?;
    let publish: Publish = fields(text)?;
    check_body(publish.content.as_ref(), publish.data.as_ref())?;
    Ok(publish)
}

fn fields<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Refusal> {
    json::read(text).map_err(|error| (ErrorCode::InvalidField, error.to_string()))
}

/// serde would take an array for a struct whose fields come in order; on the wire it is none.
fn object(text: &str) -> Result<(), Refusal> {
    // RFC 8259, section 2: the white space that may stand before a value.
    if text
        .trim_start_matches([' ', '\t', '\r', '\n'])
        .starts_with('{')
    {
        return Ok(());
    }
    Err((
        ErrorCode::MalformedFrame,
        "a frame is a JSON object".to_owned(),
    ))
}

fn malformed(error: &JsonError) -> Refusal {
    (ErrorCode::MalformedFrame, error.to_string())
}

/// What is posted needs a body. Numbers in `data` are checked here, and not where stored events are
/// read: earlier versions have stored numbers of any size.
fn check_body(content: Option<&Content>, data: Option<&Data>) -> Result<(), Refusal> {
    if content.is_none() && data.is_none() {
        let why = "a message needs `content`, `data` or both";
        return Err((ErrorCode::EmptyMessage, why.to_owned()));
    }
    if let Some(number) = data.and_then(Data::number_out_of_range) {
        let number: String = number.chars().take(40).collect();
        let why = format!(
            "`data` is refused: the number {number} is beyond the range of a double (IEEE 754)"
        );
        return Err((ErrorCode::InvalidField, why));
    }
    Ok(())
}

/// The fields that have a code of their own when they are wrong, as loosely as they can be read.
#[derive(Deserialize)]
struct Suspects<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    room: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// The error frame for what could not be read. Only refused frames pay for this.
fn explain(text: &str, (code, why): Refusal) -> ErrorFrame {
    let Ok(found) = serde_json::from_str::<Suspects<'_>>(text) else {
        return ErrorFrame::new(code, why);
    };
    let id = found
        .id
        .and_then(|raw| serde_json::from_str::<RequestId>(raw.get()).ok());
    let suspect = if code == ErrorCode::InvalidField {
        invalid_field(&found)
    } else {
        None
    };
    suspect
        .unwrap_or_else(|| ErrorFrame::new(code, why))
        .answering(id)
}

/// The first field that is refused for a reason with a code of its own.
fn invalid_field(found: &Suspects<'_>) -> Option<ErrorFrame> {
    let string = |raw: Option<&RawValue>| serde_json::from_str::<String>(raw?.get()).ok();
    if let Some(Err(error)) = string(found.room).map(|room| room.parse::<RoomName>()) {
        let why = format!("`room` is refused: {error}");
        return Some(ErrorFrame::new(ErrorCode::InvalidRoom, why));
    }
    if let Some(Err(error)) = string(found.content).map(|content| content.parse::<Content>()) {
        return Some(refused_body("content", error));
    }
    match found.data.map(|raw| raw.get().parse::<Data>()) {
        Some(Err(error)) => Some(refused_body("data", error)),
        _ => None,
    }
}

fn refused_body(field: &str, error: TextError) -> ErrorFrame {
    let code = match error {
        TextError::Empty => ErrorCode::EmptyMessage,
        TextError::TooManyBytes { .. } => ErrorCode::MessageTooLarge,
        _ => ErrorCode::InvalidField,
    };
    ErrorFrame::new(code, format!("`{field}` is refused: {error}"))
}

/// Why a server's frame could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// A newer server may say things this client does not know: pass over it.
    #[error("a frame of a type this client does not know")]
    UnknownType,
    /// Not a frame of this protocol.
    #[error("not a frame: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// Reads what a server sent.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode_server(text: &str) -> Result<ServerFrame, DecodeError> {
    if let Some(kind) = leading_type(text) {
        return server_frame_of(kind, text);
    }
    let head: Head<'_> = serde_json::from_str(text)?;
    let Some(kind) = head.kind else {
        return Err(DecodeError::UnknownType);
    };
    server_frame_of(kind.0.as_ref(), text)
}

fn server_frame_of(kind: &str, text: &str) -> Result<ServerFrame, DecodeError> {
    Ok(match kind {
        "welcome" => ServerFrame::Welcome(json::from_str(text)?),
        "joined" => ServerFrame::Joined(json::from_str(text)?),
        "left" => ServerFrame::Left(json::from_str(text)?),
        "ack" => ServerFrame::Ack(json::from_str(text)?),
        "error" => ServerFrame::Error(json::from_str(text)?),
        "message" => ServerFrame::Message(json::from_str(text)?),
        "broadcast" => ServerFrame::Broadcast(json::from_str(text)?),
        "edited" => ServerFrame::Edited(json::from_str(text)?),
        "deleted" => ServerFrame::Deleted(json::from_str(text)?),
        "reacted" => ServerFrame::Reacted(json::from_str(text)?),
        "read" => ServerFrame::Read(json::from_str(text)?),
        "presence" => ServerFrame::Presence(json::from_str(text)?),
        "settings" => ServerFrame::Settings(json::from_str(text)?),
        "rooms_changed" => ServerFrame::RoomsChanged(json::from_str(text)?),
        "rooms" => ServerFrame::Rooms(json::from_str(text)?),
        "expiring" => ServerFrame::Expiring(json::from_str(text)?),
        "pong" => ServerFrame::Pong(json::from_str(text)?),
        "goodbye" => ServerFrame::Goodbye(json::from_str(text)?),
        _ => return Err(DecodeError::UnknownType),
    })
}

/// Where in a room's log a frame stands that could not be read, if it is an event at all: events
/// of kinds that are not known yet have their place too, and a client that passes over one must
/// not take it for a gap.
#[must_use]
pub fn event_position(text: &str) -> Option<(RoomName, Seq)> {
    #[derive(Deserialize)]
    struct Place {
        room: RoomName,
        seq: Seq,
    }
    let place: Place = serde_json::from_str(text).ok()?;
    Some((place.room, place.seq))
}
