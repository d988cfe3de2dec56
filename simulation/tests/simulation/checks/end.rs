//! After the healing: all is said, stored once, in order, and seen.

use crate::ledger::Fate;
use crate::log::{Event, Log};
use crate::peer::Peer;
use crate::server::Server;
use crate::world::World;
use common::client::{RoomView, Status};
use common::ids::RequestId;

pub(crate) fn end<S: Server>(world: &World<S>) {
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

/// Every view has come to the end of its log.
pub(crate) fn caught_up<S: Server>(world: &World<S>) {
    for peer in &world.peers {
        for view in peer.core.rooms().chain([peer.core.announcements()]) {
            at_the_end(world, peer, &view);
        }
    }
}

fn at_the_end<S: Server>(world: &World<S>, peer: &Peer, view: &RoomView<'_>) {
    let (room, number) = (view.name(), peer.number);
    let (life, _) = world.server.current(room);
    let due = life.map(|life| (&life.epoch, life.log(room).head()));
    assert_eq!(
        view.log_position(),
        due,
        "client {number} has not seen the end of {room}"
    );
}

/// Stored once, or given up, or lost with the disk, or the memory, after it was confirmed.
fn came_through<S: Server>(world: &World<S>, id: &RequestId, fate: &Fate) {
    let (life, number) = world.server.current(&fate.room);
    let log = life.map(|life| life.log(&fate.room));
    let events = log.into_iter().flat_map(Log::events);
    let same = |e: &Event| e.id.as_ref() == Some(id) && e.user.id == fate.user;
    let times = events.filter(|(_, event)| same(event)).count();
    let is_lost = fate.confirmed.is_some_and(|life| life < number);
    let may_be_missing = is_lost || fate.discarded || fate.undone || fate.said;
    assert!(
        times == 1 || (times == 0 && may_be_missing),
        "{id} is stored {times} times: {fate:?}"
    );
}

fn is_whole<S: Server>(world: &World<S>, peer: &Peer) {
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
    for view in peer.core.rooms().chain([peer.core.announcements()]) {
        shows_all(world, peer, &view);
        S::check_end(world, peer, &view);
    }
}

fn shows_all<S: Server>(world: &World<S>, peer: &Peer, view: &RoomView<'_>) {
    let (room, number) = (view.name(), peer.number);
    at_the_end(world, peer, view);
    assert_eq!(
        view.pending().len(),
        0,
        "something is still pending in {room}"
    );
    let log = world.server.current(room).0.map(|life| life.log(room));
    for (shown, message) in view.message_views().zip(view.messages()) {
        assert!(
            shown.changes.is_empty(),
            "a change is still pending in {room}"
        );
        let due = log.and_then(|log| log.state(message.seq, log.head()));
        assert_eq!(
            due,
            Some(&shown.message),
            "client {number} shows something else"
        );
    }
    let seen = &peer.seen[room];
    let Some((epoch, _)) = view.log_position() else {
        return;
    };
    let marker = world.server.marker(&peer.user.id, room, epoch);
    let marker = marker.unwrap_or_default();
    assert!(seen.marked <= marker, "a marker was lost in {room}");
    assert!(
        seen.read.is_none_or(|read| read >= marker),
        "client {number} does not know what was read in {room}"
    );
}
