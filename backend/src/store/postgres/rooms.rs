//! The trait for rooms beside their logs. They live in the first database, with the users.

mod creation;
mod invitations;
mod member_rows;
mod members;
mod records;
mod sanctions;

use super::{PostgresStore, log};
use crate::store::{
    Accepted, Hash, Invitation, Invited, MemberChange, MemberOutcome, OwnRoom, RoomChange,
    RoomRecord, RoomStore, Sanction, StoreError, StoredRules,
};
use async_trait::async_trait;
use common::ids::{InvitationId, SanctionId, Seq, UserId};
use common::room::RoomRole;
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;

#[async_trait]
impl RoomStore for PostgresStore {
    async fn rules(
        &self,
        room: &RoomName,
        now: Timestamp,
    ) -> Result<Option<StoredRules>, StoreError> {
        let read = async {
            let client = self.people().client().await?;
            let Some(record) = records::find(&client, room).await? else {
                return Ok(None);
            };
            Ok(Some(StoredRules {
                record,
                members: member_rows::of_room(&client, room).await?,
                sanctions: sanctions::holding(&client, Some(room), now).await?,
            }))
        };
        self.run(read).await
    }

    async fn standing(&self, room: &RoomName, user: &UserId) -> Result<RoomRole, StoreError> {
        let find =
            async { member_rows::standing(&self.people().client().await?, room, user).await };
        self.run(find).await
    }

    async fn rooms_of(&self, user: &UserId, limit: usize) -> Result<Vec<OwnRoom>, StoreError> {
        self.run(member_rows::rooms_of(self.people(), user, limit))
            .await
    }

    async fn recorded(&self, limit: usize) -> Result<Vec<RoomRecord>, StoreError> {
        self.run(records::public(self.people(), limit)).await
    }

    async fn make(&self, record: RoomRecord, owner: User) -> Result<bool, StoreError> {
        let make = async {
            let client = self.database_of(&record.room).client().await?;
            if log::head(&client, &record.room).await?.head > Seq::ZERO {
                return Ok(false);
            }
            drop(client);
            creation::make(self.people(), &record, &owner).await
        };
        self.run(make).await
    }

    async fn open_direct(
        &self,
        fresh: RoomName,
        one: User,
        other: User,
        now: Timestamp,
    ) -> Result<RoomName, StoreError> {
        self.run(creation::open_direct(
            self.people(),
            fresh,
            &one,
            &other,
            now,
        ))
        .await
    }

    async fn change_room(
        &self,
        room: &RoomName,
        change: RoomChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.run(records::change(self.people(), room, change, now))
            .await
    }

    async fn change_member(&self, change: MemberChange) -> Result<MemberOutcome, StoreError> {
        self.run(members::change(self.people(), &change)).await
    }

    async fn sanction(
        &self,
        room: Option<&RoomName>,
        sanction: Sanction,
    ) -> Result<bool, StoreError> {
        self.run(sanctions::add(self.people(), room, &sanction))
            .await
    }

    async fn lift(
        &self,
        room: Option<&RoomName>,
        id: &SanctionId,
        now: Timestamp,
    ) -> Result<Option<Sanction>, StoreError> {
        self.run(sanctions::lift(self.people(), room, id, now))
            .await
    }

    async fn node_sanctions(&self, now: Timestamp) -> Result<Vec<Sanction>, StoreError> {
        let read = async { sanctions::holding(&self.people().client().await?, None, now).await };
        self.run(read).await
    }

    async fn invite(&self, invitation: Invitation, code: Hash) -> Result<bool, StoreError> {
        self.run(invitations::add(self.people(), &invitation, &code))
            .await
    }

    async fn invitations(
        &self,
        room: &RoomName,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StoreError> {
        self.run(invitations::holding(self.people(), room, now))
            .await
    }

    async fn take_back(&self, room: &RoomName, id: &InvitationId) -> Result<bool, StoreError> {
        self.run(invitations::take_back(self.people(), room, id))
            .await
    }

    async fn look(&self, code: Hash, now: Timestamp) -> Result<Option<Invited>, StoreError> {
        let look = async { invitations::look(&self.people().client().await?, &code, now).await };
        self.run(look).await
    }

    async fn accept(&self, code: Hash, user: User, now: Timestamp) -> Result<Accepted, StoreError> {
        self.run(invitations::accept(self.people(), &code, &user, now))
            .await
    }
}
