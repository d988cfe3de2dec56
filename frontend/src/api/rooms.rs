//! Requests about rooms: creating, settings, members, invitations, bans and mutes.

use super::{ApiError, act, get, json, read, send};
use common::api::paths::{self, fill};
use common::api::rooms::{
    ChangeRoom, ChangeRoomRole, CreateInvitation, CreateRoom, CreateSanction, CreatedInvitation,
    InvitationCode, InvitationList, InvitationPreview, InvitationSummary, MemberList,
    MemberSummary, OpenDirect, RoomList, RoomSummary, SanctionList, SanctionSummary,
};
use common::ids::{InvitationId, SanctionId, UserId};
use common::room::{RoomRole, RoomSettings};
use common::text::RoomName;
use common::token::Token;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Public rooms whose names are hard to tell from this one, which is among them if it exists.
///
/// # Errors
/// See [`ApiError`].
pub async fn similar(room: &RoomName) -> Result<Vec<RoomSummary>, ApiError> {
    let mut path = format!("{}?room=", paths::SIMILAR_ROOMS);
    paths::escape_into(room.as_str(), &mut path);
    get::<RoomList>(&path).await.map(|list| list.rooms)
}

/// Makes a room, whose owner the reader is.
///
/// # Errors
/// See [`ApiError`]; a public room of that name may be there.
pub async fn make(room: &CreateRoom) -> Result<RoomSettings, ApiError> {
    post(paths::ROOMS, room).await
}

/// Opens the conversation with somebody alone; the same two always get the same.
///
/// # Errors
/// See [`ApiError`].
pub async fn open_direct(user: UserId) -> Result<RoomSettings, ApiError> {
    post(paths::DIRECT, &OpenDirect { user }).await
}

/// Changes what a room is.
///
/// # Errors
/// See [`ApiError`].
pub async fn change(room: &RoomName, change: &ChangeRoom) -> Result<RoomSettings, ApiError> {
    let reply = send(
        "PATCH",
        &of_room(paths::ONE_ROOM, room),
        Some(&json(change)?),
    )
    .await?;
    read(&reply)
}

/// A room's members; of a public room, those who look after it.
///
/// # Errors
/// See [`ApiError`].
pub async fn members(room: &RoomName) -> Result<Vec<MemberSummary>, ApiError> {
    let list = get::<MemberList>(&of_room(paths::MEMBERS, room)).await?;
    Ok(list.members)
}

/// Makes somebody more or less than they are in a room.
///
/// # Errors
/// See [`ApiError`].
pub async fn set_member_role(
    room: &RoomName,
    user: &UserId,
    standing: RoomRole,
) -> Result<(), ApiError> {
    let body = json(&ChangeRoomRole { standing })?;
    act("PUT", &member(room, user), Some(&body)).await
}

/// Puts somebody out of a room; the reader's own self: leaves it for good.
///
/// # Errors
/// See [`ApiError`].
pub async fn remove_member(room: &RoomName, user: &UserId) -> Result<(), ApiError> {
    act("DELETE", &member(room, user), None).await
}

/// Bans or mutes somebody in a room.
///
/// # Errors
/// See [`ApiError`].
pub async fn sanction(room: &RoomName, sanction: &CreateSanction) -> Result<(), ApiError> {
    let body = json(sanction)?;
    act("POST", &of_room(paths::SANCTIONS, room), Some(&body)).await
}

/// The bans and mutes that hold in a room, the newest first.
///
/// # Errors
/// See [`ApiError`].
pub async fn sanctions(room: &RoomName) -> Result<Vec<SanctionSummary>, ApiError> {
    let list = get::<SanctionList>(&of_room(paths::SANCTIONS, room)).await?;
    Ok(list.sanctions)
}

/// Lifts a ban or a mute.
///
/// # Errors
/// See [`ApiError`].
pub async fn lift(room: &RoomName, id: &SanctionId) -> Result<(), ApiError> {
    let path = fill(paths::ONE_SANCTION, &[room.as_str(), id.as_str()]);
    act("DELETE", &path, None).await
}

/// Makes an invitation. Its code is shown this once.
///
/// # Errors
/// See [`ApiError`].
pub async fn invite(
    room: &RoomName,
    invite: &CreateInvitation,
) -> Result<CreatedInvitation, ApiError> {
    post(&of_room(paths::INVITATIONS, room), invite).await
}

/// The invitations that hold, the newest first.
///
/// # Errors
/// See [`ApiError`].
pub async fn invitations(room: &RoomName) -> Result<Vec<InvitationSummary>, ApiError> {
    let list = get::<InvitationList>(&of_room(paths::INVITATIONS, room)).await?;
    Ok(list.invitations)
}

/// Takes an invitation back.
///
/// # Errors
/// See [`ApiError`].
pub async fn take_back(room: &RoomName, id: &InvitationId) -> Result<(), ApiError> {
    let path = fill(paths::ONE_INVITATION, &[room.as_str(), id.as_str()]);
    act("DELETE", &path, None).await
}

/// What an invitation is to.
///
/// # Errors
/// See [`ApiError`]; it may hold no longer.
pub async fn look(code: Token) -> Result<InvitationPreview, ApiError> {
    post(paths::INVITATION_PREVIEW, &InvitationCode { code }).await
}

/// Becomes a member by an invitation.
///
/// # Errors
/// See [`ApiError`]; it may hold no longer.
pub async fn accept(code: Token) -> Result<RoomSettings, ApiError> {
    post(paths::INVITATION_ACCEPT, &InvitationCode { code }).await
}

async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, ApiError> {
    let reply = send("POST", path, Some(&json(body)?)).await?;
    read(&reply)
}

fn of_room(path: &str, room: &RoomName) -> String {
    fill(path, &[room.as_str()])
}

fn member(room: &RoomName, user: &UserId) -> String {
    fill(paths::ONE_MEMBER, &[room.as_str(), user.as_str()])
}
