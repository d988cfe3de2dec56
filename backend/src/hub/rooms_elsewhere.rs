//! How many users are online in rooms that are not live on this node, as other nodes say.

use common::text::RoomName;
use parking_lot::Mutex;
use std::collections::HashMap;

/// See the module.
#[derive(Default)]
pub(super) struct RoomsElsewhere(Mutex<HashMap<u64, HashMap<RoomName, usize>>>);

impl RoomsElsewhere {
    /// Takes what a node says, in place of what it said before.
    pub(super) fn set(&self, node: u64, rooms: Vec<(RoomName, usize)>) {
        self.0.lock().insert(node, rooms.into_iter().collect());
    }

    pub(super) fn forget_node(&self, node: u64) {
        self.0.lock().remove(&node);
    }

    /// Users in a room. Each node on which it is live knows all of them, some a moment later.
    pub(super) fn online(&self, room: &RoomName) -> usize {
        let nodes = self.0.lock();
        let counts = nodes.values().filter_map(|rooms| rooms.get(room));
        counts.copied().max().unwrap_or(0)
    }

    /// All public rooms with users, except for those that are in `counts`, are added to it.
    pub(super) fn add_to(&self, counts: &mut HashMap<RoomName, usize>) {
        let mut elsewhere: HashMap<RoomName, usize> = HashMap::new();
        for (room, online) in self.0.lock().values().flatten() {
            if !room.is_hidden() && !counts.contains_key(room) {
                let known = elsewhere.entry(room.clone()).or_default();
                *known = (*known).max(*online);
            }
        }
        counts.extend(elsewhere);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rooms_users_are_those_that_a_node_on_which_it_is_live_knows() {
        let room = |name: &str| name.parse::<RoomName>().unwrap();
        let elsewhere = RoomsElsewhere::default();
        elsewhere.set(1, vec![(room("a"), 5), (room("b"), 2)]);
        elsewhere.set(2, vec![(room("a"), 4), (RoomName::hidden(7), 2)]);
        assert_eq!(elsewhere.online(&room("a")), 5);
        assert_eq!(elsewhere.online(&RoomName::hidden(7)), 2);
        let mut counts = HashMap::from([(room("b"), 3)]);
        elsewhere.add_to(&mut counts);
        assert_eq!(counts, HashMap::from([(room("a"), 5), (room("b"), 3)]));
        elsewhere.set(1, vec![]);
        assert_eq!(elsewhere.online(&room("a")), 4);
        elsewhere.forget_node(2);
        assert_eq!(elsewhere.online(&room("a")), 0);
    }
}
