//! Who is online in a room, as far as the server says.

use super::insertion_sort::sort;
use crate::ids::UserId;
use crate::reply;
use crate::user::User;

/// Who is online in a room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OnlineUsers {
    count: usize,
    users: Option<Vec<User>>,
}

impl OnlineUsers {
    pub(super) const fn nobody() -> Self {
        Self {
            count: 0,
            users: None,
        }
    }

    /// How many users are online; 0 before the room is joined.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// All of them, by name; `None` where the server only counts them, because there are many.
    #[must_use]
    pub fn users(&self) -> Option<&[User]> {
        self.users.as_deref()
    }

    /// Takes in what the server says. Its count is the truth: when a list no longer agrees with
    /// it, a change was thinned out and the list is worth nothing until the next whole one.
    pub fn apply(&mut self, news: reply::Presence) {
        self.count = news.count;
        if news.users.is_some() {
            self.users = news.users;
        }
        let Some(users) = &mut self.users else {
            return;
        };
        let is_named_anew = |id: &UserId| news.joined.iter().any(|user| user.id == *id);
        users.retain(|user| !news.left.contains(&user.id) && !is_named_anew(&user.id));
        users.extend(news.joined.iter().cloned());
        sort(users, |a, b| (&a.name, &a.id) < (&b.name, &b.id));
        users.dedup_by(|a, b| a.id == b.id);
        if users.len() != self.count {
            self.users = None;
        }
    }
}
