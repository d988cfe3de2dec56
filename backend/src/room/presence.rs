//! Who is online in a room: per user, not per connection; never stored.
//!
//! Changes are collected until the hub flushes them, so that many joins at once cost a few frames
//! instead of one for each pair of users. Readers hold a cursor, as they do for the tail.

use super::Frame;
use crate::wire;
use common::ServerFrame;
use common::ids::UserId;
use common::limits::PRESENCE_USERS_MAX;
use common::reply::Presence as PresenceFrame;
use common::text::RoomName;
use common::user::User;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Changes kept for readers that are behind; beyond, they get the whole list.
const RECENT_MAX: usize = 8;

/// See the module.
#[derive(Debug)]
pub struct Presence {
    room: RoomName,
    online: HashMap<UserId, Online>,
    /// Not yet readable: who came (`Some`) or went. Ordered, so that a frame is reproducible.
    pending: BTreeMap<UserId, Option<User>>,
    /// The latest frames, each with the number of changes there had been by then.
    recent: VecDeque<(u64, Frame)>,
    /// The same, for the last frame that is no longer kept.
    forgotten: u64,
    /// Changes so far, those that are not yet readable among them. A reader's cursor is the number
    /// of changes that it knows: who has just come knows them all, and is not told of itself.
    changes: u64,
    /// Whether the readers know the users one by one.
    listed: bool,
}

#[derive(Debug)]
struct Online {
    user: User,
    connections: usize,
}

impl Presence {
    /// Nobody is here.
    #[must_use]
    pub fn new(room: RoomName) -> Self {
        Self {
            room,
            online: HashMap::new(),
            pending: BTreeMap::new(),
            recent: VecDeque::new(),
            forgotten: 0,
            changes: 0,
            listed: true,
        }
    }

    /// A connection of `user` came. Returns whether others should hear of it.
    pub fn user_joined(&mut self, user: User) -> bool {
        let id = user.id.clone();
        let online = self.online.entry(id.clone()).or_insert_with(|| Online {
            user: user.clone(),
            connections: 0,
        });
        online.connections += 1;
        let first = online.connections == 1;
        if first {
            self.change(id, Some(user));
        }
        first
    }

    /// A connection of `user` went. Returns whether others should hear of it.
    pub fn user_left(&mut self, user: &UserId) -> bool {
        let Some(online) = self.online.get_mut(user) else {
            return false;
        };
        online.connections = online.connections.saturating_sub(1);
        let last = online.connections == 0;
        if last {
            self.online.remove(user);
            self.change(user.clone(), None);
        }
        last
    }

    fn change(&mut self, user: UserId, to: Option<User>) {
        self.pending.insert(user, to);
        self.changes += 1;
    }

    /// Makes what has gathered readable. Returns whether there was anything.
    pub fn flush(&mut self) -> bool {
        if self.pending.is_empty() {
            return false;
        }
        let pending = std::mem::take(&mut self.pending);
        let was_listed =
            std::mem::replace(&mut self.listed, self.online.len() <= PRESENCE_USERS_MAX);
        let mut frame = self.frame();
        match (self.listed, was_listed) {
            (false, _) => {}
            (true, false) => frame.users = Some(self.users()),
            (true, true) => {
                for (id, change) in pending {
                    match change {
                        Some(user) => frame.joined.push(user),
                        None => frame.left.push(id),
                    }
                }
            }
        }
        let frame = wire::text(&ServerFrame::Presence(frame));
        self.recent.push_back((self.changes, frame));
        if self.recent.len() > RECENT_MAX
            && let Some((forgotten, _)) = self.recent.pop_front()
        {
            self.forgotten = forgotten;
        }
        true
    }

    /// The changes behind a cursor, or the whole state where they are no longer kept; and the
    /// cursor behind them.
    #[must_use]
    pub fn read(&self, cursor: u64) -> (Vec<Frame>, u64) {
        if cursor < self.forgotten {
            let (frame, cursor) = self.snapshot();
            return (vec![frame], cursor);
        }
        let unknown = self.recent.iter().filter(|(upto, _)| *upto > cursor);
        let frames = unknown.map(|(_, frame)| frame.clone()).collect();
        (frames, self.told().max(cursor))
    }

    /// The cursor of a reader that was told all that can be read.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.recent.back().map_or(self.forgotten, |(upto, _)| *upto)
    }

    /// The whole state as one frame, and the cursor behind it.
    #[must_use]
    pub fn snapshot(&self) -> (Frame, u64) {
        let mut frame = self.frame();
        if self.online.len() <= PRESENCE_USERS_MAX {
            frame.users = Some(self.users());
        }
        (wire::text(&ServerFrame::Presence(frame)), self.changes)
    }

    /// A user who is here.
    #[must_use]
    pub fn user(&self, id: &UserId) -> Option<User> {
        self.online.get(id).map(|online| online.user.clone())
    }

    fn frame(&self) -> PresenceFrame {
        PresenceFrame {
            room: self.room.clone(),
            count: self.online.len(),
            users: None,
            joined: Vec::new(),
            left: Vec::new(),
        }
    }

    /// How many users are online.
    #[must_use]
    pub fn count(&self) -> usize {
        self.online.len()
    }

    /// The users who are online, by name.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        let mut users: Vec<_> = self.online.values().map(|o| o.user.clone()).collect();
        users.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        users
    }
}

#[cfg(test)]
mod tests;
