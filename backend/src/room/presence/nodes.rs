//! Who is online in a room on other nodes, as far as they have told.

use common::ids::UserId;
use common::user::User;
use std::collections::HashMap;

/// By node.
#[derive(Debug, Default)]
pub(super) struct Nodes(HashMap<u64, Node>);

#[derive(Debug, Default)]
struct Node {
    /// The number of the last changes that are known.
    version: u64,
    users: HashMap<UserId, User>,
}

/// What has changed by something that a node told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct NodeChanges {
    pub(super) joined: Vec<User>,
    pub(super) left: Vec<UserId>,
    /// Something was missed: the whole list is needed.
    pub(super) is_incomplete: bool,
}

impl Nodes {
    /// A node's whole list.
    pub(super) fn replace(&mut self, node: u64, version: u64, users: Vec<User>) -> NodeChanges {
        let fresh: HashMap<UserId, User> = users
            .into_iter()
            .map(|user| (user.id.clone(), user))
            .collect();
        let known = self.0.remove(&node).unwrap_or_default().users;
        let joined = fresh.iter().filter(|(id, _)| !known.contains_key(*id));
        let left = known.keys().filter(|id| !fresh.contains_key(*id));
        let changes = NodeChanges {
            joined: joined.map(|(_, user)| user.clone()).collect(),
            left: left.cloned().collect(),
            is_incomplete: false,
        };
        let users = fresh;
        self.0.insert(node, Node { version, users });
        changes
    }

    /// A node is gone.
    pub(super) fn remove(&mut self, node: u64) -> NodeChanges {
        let changes = self.replace(node, 0, Vec::new());
        self.0.remove(&node);
        changes
    }

    /// What has changed on a node.
    pub(super) fn change(
        &mut self,
        node: u64,
        version: u64,
        joined: Vec<User>,
        left: Vec<UserId>,
    ) -> NodeChanges {
        let mut changes = NodeChanges::default();
        let Some(known) = self.0.get_mut(&node) else {
            changes.is_incomplete = true;
            return changes;
        };
        if version <= known.version {
            // Repeated, or late.
            return changes;
        }
        if version != known.version + 1 {
            changes.is_incomplete = true;
            return changes;
        }
        known.version = version;
        for user in joined {
            if known.users.insert(user.id.clone(), user.clone()).is_none() {
                changes.joined.push(user);
            }
        }
        for id in left {
            if known.users.remove(&id).is_some() {
                changes.left.push(id);
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> User {
        User {
            id: id.parse().unwrap(),
            name: id.parse().unwrap(),
        }
    }

    fn ids(changes: &NodeChanges) -> (Vec<&str>, Vec<&str>, bool) {
        let mut joined: Vec<_> = changes.joined.iter().map(|user| user.id.as_str()).collect();
        joined.sort_unstable();
        let left = changes.left.iter().map(UserId::as_str).collect();
        (joined, left, changes.is_incomplete)
    }

    #[test]
    fn changes_are_taken_in_order_and_once_and_a_gap_asks_for_the_list() {
        let mut nodes = Nodes::default();
        let early = nodes.change(7, 1, vec![user("a"), user("b")], vec![]);
        assert_eq!(
            ids(&early),
            (vec![], vec![], true),
            "it says nothing of others"
        );
        let first = nodes.replace(7, 1, vec![user("a"), user("b")]);
        assert_eq!(ids(&first), (vec!["a", "b"], vec![], false));
        let again = nodes.change(7, 1, vec![user("a")], vec!["b".parse().unwrap()]);
        assert_eq!(ids(&again), (vec![], vec![], false));
        let next = nodes.change(7, 2, vec![user("c")], vec!["b".parse().unwrap()]);
        assert_eq!(ids(&next), (vec!["c"], vec!["b"], false));
        let gap = nodes.change(7, 4, vec![user("d")], vec![]);
        assert_eq!(ids(&gap), (vec![], vec![], true));
        let all = nodes.replace(7, 4, vec![user("c"), user("d")]);
        assert_eq!(ids(&all), (vec!["d"], vec!["a"], false));
        let after = nodes.change(7, 5, vec![], vec!["c".parse().unwrap()]);
        assert_eq!(ids(&after), (vec![], vec!["c"], false));
        let unknown = nodes.change(8, 3, vec![user("x")], vec![]);
        assert_eq!(ids(&unknown), (vec![], vec![], true));
        let gone = nodes.remove(7);
        assert_eq!(ids(&gone), (vec![], vec!["d"], false));
        assert!(nodes.0.is_empty());
    }
}
