//! How values are written in columns, in every engine: a store can be copied from one to another.

use super::{Body, Invalidation, StoreError};
use common::ids::Seq;
use common::role::Role;
use common::room::{RoomKind, RoomRole, SanctionKind};
use std::str::FromStr;

/// Numbers in the column `event.kind`. Retired ones are never used again.
pub(super) mod kind {
    pub(in crate::store) const MESSAGE: u8 = 0;
    pub(in crate::store) const EDIT: u8 = 1;
    pub(in crate::store) const DELETE: u8 = 2;
    pub(in crate::store) const REACT: u8 = 3;
    pub(in crate::store) const UNREACT: u8 = 4;
}

/// The body's number in the column `event.kind`.
pub(super) fn kind_of(body: &Body) -> u8 {
    match body {
        Body::Message { .. } => kind::MESSAGE,
        Body::Edit { .. } => kind::EDIT,
        Body::Delete { .. } => kind::DELETE,
        Body::React { on: true, .. } => kind::REACT,
        Body::React { on: false, .. } => kind::UNREACT,
    }
}

/// What stands in the columns `event.content` and `event.data`.
pub(super) fn said(body: &Body) -> (Option<&str>, Option<&str>) {
    match body {
        Body::Message { content, data } | Body::Edit { content, data, .. } => (
            content.as_ref().map(common::text::Content::as_str),
            data.as_ref().map(common::text::Data::as_str),
        ),
        Body::Delete { .. } => (None, None),
        Body::React { emoji, .. } => (Some(emoji.as_str()), None),
    }
}

/// The body in the columns `event.kind`, `target`, `content` and `data`.
pub(super) fn body(
    number: u8,
    target: Option<u64>,
    content: Option<&str>,
    data: Option<&str>,
) -> Result<Body, StoreError> {
    if number == kind::MESSAGE {
        return Ok(Body::Message {
            content: optional(content)?,
            data: optional(data)?,
        });
    }
    let target = Seq(target.ok_or_else(|| damaged("a change without a target"))?);
    match number {
        kind::EDIT => Ok(Body::Edit {
            target,
            content: optional(content)?,
            data: optional(data)?,
        }),
        kind::DELETE => Ok(Body::Delete { target, any: false }),
        kind::REACT | kind::UNREACT => Ok(Body::React {
            target,
            emoji: parsed(content.unwrap_or_default())?,
            on: number == kind::REACT,
        }),
        _ => Err(damaged("an unknown kind of event")),
    }
}

/// What was valid when it was stored should be valid now; if not, the row is damaged.
pub(super) fn parsed<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(damaged)
}

/// The same, where there is something.
pub(super) fn optional<T: FromStr<Err: std::fmt::Display>>(
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(parsed).transpose()
}

fn damaged(what: impl std::fmt::Display) -> StoreError {
    StoreError::UnreadableRow(format!("a damaged row in the database: {what}").into())
}

/// Something of which each has a number in a column.
pub(super) trait Numbered: Copy + PartialEq + Sized + 'static {
    /// All of them, each at its number.
    const ALL: &'static [Self];

    /// What they are called, for an error.
    const WHAT: &'static str;

    /// Its number.
    fn number(self) -> u8 {
        let found = Self::ALL.iter().position(|known| *known == self);
        found
            .and_then(|at| u8::try_from(at).ok())
            .unwrap_or(u8::MAX)
    }

    /// The one with this number.
    fn of_number(number: u8) -> Result<Self, StoreError> {
        let found = Self::ALL.get(usize::from(number)).copied();
        found.ok_or_else(|| damaged(format!("no {} is a {number}", Self::WHAT)))
    }
}

impl Numbered for Role {
    const ALL: &'static [Self] = &Role::ALL;
    const WHAT: &'static str = "role";
}

impl Numbered for RoomRole {
    const ALL: &'static [Self] = &RoomRole::ALL;
    const WHAT: &'static str = "role in a room";
}

impl Numbered for RoomKind {
    const ALL: &'static [Self] = &[Self::Public, Self::Private, Self::Direct];
    const WHAT: &'static str = "kind of room";
}

impl Numbered for SanctionKind {
    const ALL: &'static [Self] = &[Self::Ban, Self::Mute];
    const WHAT: &'static str = "sanction";
}

/// The columns of an invalidation: `kind`, `subject`, `part`, and `by_id`, who did it.
pub(super) type InvalidationColumns<'a> = (u8, &'a str, Option<&'a str>, Option<&'a str>);

/// What stands in the columns of an invalidation.
pub(super) fn invalidation_columns(invalidation: &Invalidation) -> InvalidationColumns<'_> {
    match invalidation {
        Invalidation::UserEnded(user) => (0, user.as_str(), None, None),
        Invalidation::RoleChanged(user) => (1, user.as_str(), None, None),
        Invalidation::SignInEnded(user, id) => (2, user.as_str(), Some(id.as_str()), None),
        Invalidation::NameHeld(name) => (3, name.as_str(), None, None),
        Invalidation::RoomChanged(room) => (4, room.as_str(), None, None),
        Invalidation::RoomsChanged { room, user, by } => {
            (5, room.as_str(), Some(user.as_str()), Some(by.as_str()))
        }
        Invalidation::Kicked(room, user) => (6, room.as_str(), Some(user.as_str()), None),
        Invalidation::SanctionsChanged => (7, "", None, None),
    }
}

/// The invalidation in these columns.
pub(super) fn invalidation(
    (kind, subject, part, by): InvalidationColumns<'_>,
) -> Result<Invalidation, StoreError> {
    let part = || part.ok_or_else(|| damaged("an invalidation without its second part"));
    Ok(match kind {
        0 => Invalidation::UserEnded(parsed(subject)?),
        1 => Invalidation::RoleChanged(parsed(subject)?),
        2 => Invalidation::SignInEnded(parsed(subject)?, parsed(part()?)?),
        3 => Invalidation::NameHeld(parsed(subject)?),
        4 => Invalidation::RoomChanged(parsed(subject)?),
        5 => Invalidation::RoomsChanged {
            room: parsed(subject)?,
            user: parsed(part()?)?,
            by: parsed(by.unwrap_or_default())?,
        },
        6 => Invalidation::Kicked(parsed(subject)?, parsed(part()?)?),
        7 => Invalidation::SanctionsChanged,
        _ => return Err(damaged(format!("no invalidation is a {kind}"))),
    })
}
