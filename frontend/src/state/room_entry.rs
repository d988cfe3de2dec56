//! The ways into rooms that are more than a step: made, opened with somebody, entered by invitation.

use super::hub::Hub;
use super::navigator::Navigator;
use super::room_text::{NEEDS_ACCOUNT, refusal_to};
use super::rooms::ServerRooms;
use crate::api::{self, ApiError};
use common::api::rooms::{CreateRoom, RoomSummary};
use common::client::Command;
use common::error::ErrorCode;
use common::ids::UserId;
use common::role::Role;
use common::room::{RoomKind, RoomSettings};
use common::text::{Line, RoomName, Title};
use common::token::Token;
use leptos::prelude::*;

/// The ways into rooms.
#[derive(Clone, Copy)]
pub struct RoomEntry {
    hub: Hub,
    rooms: ServerRooms,
    navigator: Navigator,
}

impl RoomEntry {
    /// As they are on this page.
    #[must_use]
    pub fn here() -> Self {
        Self {
            hub: expect_context(),
            rooms: expect_context(),
            navigator: expect_context(),
        }
    }

    /// Whether the reader has no account; tracked.
    #[must_use]
    pub fn is_guest(self) -> bool {
        self.hub.role() == Role::Guest
    }

    fn enter(self, settings: &RoomSettings) {
        self.rooms.learn(settings);
        let room = settings.room.clone();
        self.hub.send(Command::OpenRoom { room: room.clone() });
        self.navigator.go(&room);
        self.rooms.refresh();
    }

    fn words(self, error: &ApiError) -> String {
        refusal_to(error, untrack(|| self.is_guest()))
    }

    /// The room that exists where somebody is about to create one whose name is hard to tell from it.
    /// Where the server cannot be asked, nothing stands in the way.
    pub async fn similar_to(self, name: &RoomName) -> Option<RoomName> {
        let found = api::rooms::similar(name).await.unwrap_or_default();
        let exists = found.iter().any(|one| one.room == *name);
        let other = found.into_iter().find(is_in_use);
        other.filter(|_| !exists).map(|one| one.room)
    }

    /// Another room with nearly the same name that is in use, for a room that is there and empty.
    pub async fn similar_in_use(self, room: &RoomName) -> Option<RoomName> {
        let found = api::rooms::similar(room).await.unwrap_or_default();
        let mut others = found.into_iter().filter(|one| one.room != *room);
        others.find(is_in_use).map(|one| one.room)
    }

    /// Goes into a public room. One that is not there yet is the reader's own from now on; where
    /// that cannot be had, to join it makes it all the same.
    ///
    /// # Errors
    /// Why not, in words.
    pub async fn public(self, name: RoomName) -> Result<(), String> {
        let make = CreateRoom {
            door: RoomKind::Public,
            name: Some(name.clone()),
            title: None,
            topic: None,
        };
        match api::rooms::make(&make).await {
            Err(error) if error.code() == Some(ErrorCode::RateLimited) => Err(self.words(&error)),
            _ => {
                self.navigator.go(&name);
                self.rooms.refresh();
                Ok(())
            }
        }
    }

    /// Makes a private room, and goes there.
    ///
    /// # Errors
    /// Why not, in words.
    pub async fn private(self, title: Title, topic: Option<Line>) -> Result<(), String> {
        let make = CreateRoom {
            door: RoomKind::Private,
            name: None,
            title: Some(title),
            topic,
        };
        let made = api::rooms::make(&make).await;
        self.enter(&made.map_err(|error| self.words(&error))?);
        Ok(())
    }

    /// Goes to the conversation with somebody alone.
    ///
    /// # Errors
    /// Why not, in words.
    pub async fn direct(self, user: UserId) -> Result<(), String> {
        let opened = api::rooms::open_direct(user).await;
        self.enter(&opened.map_err(|error| self.words(&error))?);
        Ok(())
    }

    /// Goes through the door that an invitation opens. The address it came by is replaced: the code
    /// is not to stand in the browser's history.
    ///
    /// # Errors
    /// Why not, in words.
    pub async fn invited(self, code: Token) -> Result<(), String> {
        let settings = api::rooms::accept(code)
            .await
            .map_err(|error| self.words(&error))?;
        self.rooms.learn(&settings);
        self.navigator.redirect(&settings.room);
        self.rooms.refresh();
        Ok(())
    }

    /// What keeps the reader from opening private rooms and conversations, if anything does;
    /// tracked.
    #[must_use]
    pub fn why_not(self) -> Option<&'static str> {
        self.is_guest().then_some(NEEDS_ACCOUNT)
    }
}

/// Whether something was said there, or somebody is there.
fn is_in_use(one: &RoomSummary) -> bool {
    one.head.0 > 0 || one.online > 0
}
