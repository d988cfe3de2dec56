//! Who is online in a room: per user, not per connection; never stored.
//!
//! Changes are collected until the hub flushes them, so that many joins at once cost a few frames
//! instead of one for each pair of users. Readers hold a cursor, as they do for the tail.
//!
//! Users on other nodes are online, too: nodes tell each other of their own, and a user who is on several
//! is counted once.

mod nodes;

use super::Frame;
use crate::bus::PresenceHint;
use crate::wire;
use common::ServerFrame;
use common::ids::UserId;
use common::limits::PRESENCE_USERS_MAX;
use common::reply::Presence as PresenceFrame;
use common::text::RoomName;
use common::user::User;
use nodes::{NodeChanges, Nodes};
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
    /// What other nodes have told.
    nodes: Nodes,
    /// What other nodes were not told yet of the users of this one.
    untold: BTreeMap<UserId, Option<User>>,
    /// The number of what they were told last.
    version: u64,
}

#[derive(Debug)]
struct Online {
    user: User,
    /// On this node.
    connections: usize,
    /// Other nodes on which the user is.
    nodes: usize,
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
            nodes: Nodes::default(),
            untold: BTreeMap::new(),
            version: 0,
        }
    }

    /// A connection of `user` came. Returns whether others should hear of it.
    pub fn user_joined(&mut self, user: User) -> bool {
        let online = self.online(&user);
        online.connections += 1;
        let (is_first_here, is_first) = (online.connections == 1, online.nodes == 0);
        if is_first_here {
            self.untold.insert(user.id.clone(), Some(user.clone()));
            if is_first {
                self.change(user.id.clone(), Some(user));
            }
        }
        is_first_here
    }

    fn online(&mut self, user: &User) -> &mut Online {
        let online = self.online.entry(user.id.clone());
        online.or_insert_with(|| Online {
            user: user.clone(),
            connections: 0,
            nodes: 0,
        })
    }

    /// A connection of `user` went. Returns whether others should hear of it.
    pub fn user_left(&mut self, user: &UserId) -> bool {
        let Some(online) = self.online.get_mut(user).filter(|one| one.connections > 0) else {
            return false;
        };
        online.connections -= 1;
        let is_last_here = online.connections == 0;
        if is_last_here {
            self.untold.insert(user.clone(), None);
            self.remove_if_gone(user);
        }
        is_last_here
    }

    fn remove_if_gone(&mut self, user: &UserId) {
        let is_gone = |one: &Online| one.connections == 0 && one.nodes == 0;
        if self.online.get(user).is_some_and(is_gone) {
            self.online.remove(user);
            self.change(user.clone(), None);
        }
    }

    /// Takes what another node says. Returns whether others should hear of it, and what that node
    /// should be told in turn.
    pub fn receive(&mut self, node: u64, hint: PresenceHint) -> (bool, Option<PresenceHint>) {
        let changes = match hint {
            PresenceHint::Request => return (false, Some(self.all_here())),
            PresenceHint::All { version, users } => self.nodes.replace(node, version, users),
            PresenceHint::Changes {
                version,
                joined,
                left,
            } => self.nodes.change(node, version, joined, left),
        };
        let answer = changes.is_incomplete.then_some(PresenceHint::Request);
        (self.apply(changes), answer)
    }

    /// A node is gone, and its users with it. Returns whether others should hear of it.
    pub fn forget_node(&mut self, node: u64) -> bool {
        let changes = self.nodes.remove(node);
        self.apply(changes)
    }

    fn apply(&mut self, changes: NodeChanges) -> bool {
        let before = self.changes;
        for user in changes.joined {
            let online = self.online(&user);
            online.nodes += 1;
            if online.nodes == 1 && online.connections == 0 {
                self.change(user.id.clone(), Some(user));
            }
        }
        for user in changes.left {
            if let Some(online) = self.online.get_mut(&user) {
                online.nodes = online.nodes.saturating_sub(1);
            }
            self.remove_if_gone(&user);
        }
        self.changes > before
    }

    /// What other nodes are to be told since the last time.
    pub fn take_untold(&mut self) -> Option<PresenceHint> {
        if self.untold.is_empty() {
            return None;
        }
        self.version += 1;
        let (mut joined, mut left) = (Vec::new(), Vec::new());
        for (id, change) in std::mem::take(&mut self.untold) {
            match change {
                Some(user) => joined.push(user),
                None => left.push(id),
            }
        }
        Some(PresenceHint::Changes {
            version: self.version,
            joined,
            left,
        })
    }

    /// Who is online on this node, for another.
    #[must_use]
    pub fn all_here(&self) -> PresenceHint {
        let here = self.online.values().filter(|one| one.connections > 0);
        PresenceHint::All {
            version: self.version,
            users: here.map(|one| one.user.clone()).collect(),
        }
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
