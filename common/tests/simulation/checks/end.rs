//! After the healing: all is said, stored once, in order, and seen.

use crate::ledger::Fate;
use crate::peer::Peer;
use crate::world::World;
use common::client::Status;
use common::ids::RequestId;

pub(crate) fn end(world: &World) {
    for (id, fate) in world.ledger.all() {
        came_through(world, id, fate);
    }
    for (browser, stored) in world.stored.iter().enumerate() {
        assert!(
            stored.is_empty(),
            "browser {browser} still stores {stored:?}"
        );
    }
    for peer in &world.peers {
        is_whole(world, peer);
    }
}

/// Stored once, or given up, or lost with the disk after it was confirmed.
fn came_through(world: &World, id: &RequestId, fate: &Fate) {
    let log = world.server.store().log(&fate.room);
    let same = |id: &RequestId, user| {
        log.events()
            .filter(|(_, e)| e.id.as_ref() == Some(id) && e.user.id == user)
            .count()
    };
    let times = same(id, fate.user.clone());
    let lost = fate
        .confirmed
        .is_some_and(|life| life < world.server.life());
    let may_be_missing = lost || fate.discarded || fate.undone || fate.said;
    assert!(
        times == 1 || (times == 0 && may_be_missing),
        "{id} is stored {times} times: {fate:?}"
    );
}

fn is_whole(world: &World, peer: &Peer) {
    let number = peer.number;
    assert_eq!(
        peer.core.status(),
        Status::Live,
        "client {number} is not back"
    );
    assert_eq!(
        peer.core.unsent(),
        0,
        "client {number} has something unsent"
    );
    let store = world.server.store();
    for view in peer.core.rooms().chain([peer.core.announcements()]) {
        let (room, log) = (view.name(), store.log(view.name()));
        let due = Some((&store.epoch, log.head()));
        assert_eq!(
            view.log_position(),
            due,
            "client {number} has not seen the end of {room}"
        );
        assert_eq!(
            view.pending().len(),
            0,
            "something is still pending in {room}"
        );
        for (shown, message) in view.message_views().zip(view.messages()) {
            assert!(
                shown.changes.is_empty(),
                "a change is still pending in {room}"
            );
            let due = log.state(message.seq, log.head());
            assert_eq!(
                due,
                Some(&shown.message),
                "client {number} shows something else"
            );
        }
        let seen = &peer.seen[room];
        let marker = world.server.marker(&peer.user.id, room).unwrap_or_default();
        assert!(seen.marked <= marker, "a marker was lost in {room}");
        assert!(
            seen.read.is_none_or(|read| read >= marker),
            "client {number} does not know what was read in {room}"
        );
    }
}
