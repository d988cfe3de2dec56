//! The trait for rooms, as jobs for the writer and the readers.

mod creation;
mod invitations;
mod member_rows;
mod members;
pub(super) mod recorded;
mod records;
mod rows;
mod sanctions;

use super::SqliteStore;
use crate::store::{
    Accepted, Hash, Invitation, Invited, MemberChange, MemberOutcome, OwnRoom, RoomChange,
    RoomRecord, RoomStore, Sanction, StoreError, StoredRules,
};
use async_trait::async_trait;
use common::ids::{InvitationId, SanctionId, UserId};
use common::room::RoomRole;
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;

#[async_trait]
impl RoomStore for SqliteStore {
    async fn rules(
        &self,
        room: &RoomName,
        now: Timestamp,
    ) -> Result<Option<StoredRules>, StoreError> {
        if !self.recorded.may_be(room) {
            return Ok(None);
        }
        let room = room.clone();
        let read = move |reader: &super::reader::Reader| {
            let connection = &reader.connection;
            let Some(record) = records::find(connection, &room)? else {
                return Ok(None);
            };
            Ok(Some(StoredRules {
                record,
                members: member_rows::of_room(connection, &room)?,
                sanctions: sanctions::holding(connection, Some(&room), now)?,
            }))
        };
        self.readers.run(read).await
    }

    async fn standing(&self, room: &RoomName, user: &UserId) -> Result<RoomRole, StoreError> {
        let (room, user) = (room.clone(), user.clone());
        self.readers
            .run(move |reader| member_rows::standing(&reader.connection, &room, &user))
            .await
    }

    async fn rooms_of(&self, user: &UserId, limit: usize) -> Result<Vec<OwnRoom>, StoreError> {
        let user = user.clone();
        self.readers
            .run(move |reader| member_rows::rooms_of(&reader.connection, &user, limit))
            .await
    }

    async fn recorded(&self, limit: usize) -> Result<Vec<RoomRecord>, StoreError> {
        self.readers
            .run(move |reader| records::public(&reader.connection, limit))
            .await
    }

    async fn make(&self, record: RoomRecord, owner: User) -> Result<bool, StoreError> {
        // Before the record exists, as everywhere that may create one: later requests then look for it.
        self.recorded.note(&record.room);
        self.writer
            .run(move |state| creation::make(state, &record, &owner))
            .await
    }

    async fn open_direct(
        &self,
        fresh: RoomName,
        one: User,
        other: User,
        now: Timestamp,
    ) -> Result<RoomName, StoreError> {
        self.recorded.note(&fresh);
        self.writer
            .run(move |state| creation::open_direct(state, fresh, &one, &other, now))
            .await
    }

    async fn change_room(
        &self,
        room: &RoomName,
        change: RoomChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.recorded.note(room);
        let room = room.clone();
        self.writer
            .run(move |state| records::change(state, &room, change, now))
            .await
    }

    async fn change_member(&self, change: MemberChange) -> Result<MemberOutcome, StoreError> {
        self.recorded.note(&change.room);
        self.writer
            .run(move |state| members::change(state, &change))
            .await
    }

    async fn sanction(
        &self,
        room: Option<&RoomName>,
        sanction: Sanction,
    ) -> Result<bool, StoreError> {
        let room = room.cloned();
        if let Some(room) = &room {
            self.recorded.note(room);
        }
        self.writer
            .run(move |state| sanctions::add(state, room.as_ref(), &sanction))
            .await
    }

    async fn lift(
        &self,
        room: Option<&RoomName>,
        id: &SanctionId,
        now: Timestamp,
    ) -> Result<Option<Sanction>, StoreError> {
        let (room, id) = (room.cloned(), id.clone());
        self.writer
            .run(move |state| sanctions::lift(state, room.as_ref(), &id, now))
            .await
    }

    async fn node_sanctions(&self, now: Timestamp) -> Result<Vec<Sanction>, StoreError> {
        self.readers
            .run(move |reader| sanctions::holding(&reader.connection, None, now))
            .await
    }

    async fn invite(&self, invitation: Invitation, code: Hash) -> Result<bool, StoreError> {
        self.writer
            .run(move |state| invitations::add(state, &invitation, &code))
            .await
    }

    async fn invitations(
        &self,
        room: &RoomName,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StoreError> {
        let room = room.clone();
        self.readers
            .run(move |reader| invitations::holding(&reader.connection, &room, now))
            .await
    }

    async fn take_back(&self, room: &RoomName, id: &InvitationId) -> Result<bool, StoreError> {
        let (room, id) = (room.clone(), id.clone());
        self.writer
            .run(move |state| invitations::take_back(state, &room, &id))
            .await
    }

    async fn look(&self, code: Hash, now: Timestamp) -> Result<Option<Invited>, StoreError> {
        self.readers
            .run(move |reader| invitations::look(&reader.connection, &code, now))
            .await
    }

    async fn accept(&self, code: Hash, user: User, now: Timestamp) -> Result<Accepted, StoreError> {
        self.writer
            .run(move |state| invitations::accept(state, &code, &user, now))
            .await
    }
}
