//! After the healing: all is said, stored once, in order, and seen.

use crate::ledger::Fate;
use crate::log::{Event, Log};
use crate::peer::Peer;
use crate::world::World;
use common::client::{RoomView, Status};
use common::ids::{RequestId, UserId};
use std::collections::BTreeSet;

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

/// Every view has come to the end of its log.
pub(crate) fn caught_up(world: &World) {
    for peer in &world.peers {
        for view in peer.core.rooms().chain([peer.core.announcements()]) {
            at_the_end(world, peer, &view);
        }
    }
}

fn at_the_end(world: &World, peer: &Peer, view: &RoomView<'_>) {
    let (room, number) = (view.name(), peer.number);
    let life = world.server.truth.current(room);
    let due = life.map(|life| (&life.epoch, life.log(room).head()));
    assert_eq!(
        view.log_position(),
        due,
        "client {number} has not seen the end of {room}"
    );
}

/// Stored once, or given up, or lost with the disk, or the memory, after it was confirmed.
fn came_through(world: &World, id: &RequestId, fate: &Fate) {
    let truth = &world.server.truth;
    let log = truth.current(&fate.room).map(|life| life.log(&fate.room));
    let events = log.into_iter().flat_map(Log::events);
    let same = |e: &Event| e.id.as_ref() == Some(id) && e.user.id == fate.user;
    let times = events.filter(|(_, event)| same(event)).count();
    let lost = fate.confirmed;
    let lost = lost.is_some_and(|life| life < truth.number(&fate.room));
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
    for view in peer.core.rooms().chain([peer.core.announcements()]) {
        shows_all(world, peer, &view);
        if !view.name().is_broadcast() {
            knows_who_is_there(world, peer, &view);
        }
    }
}

fn shows_all(world: &World, peer: &Peer, view: &RoomView<'_>) {
    let (room, number) = (view.name(), peer.number);
    at_the_end(world, peer, view);
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
        let due = world.server.truth.message(room, message.seq);
        assert_eq!(
            due,
            Some(&shown.message),
            "client {number} shows something else"
        );
    }
    let seen = &peer.seen[room];
    let node = world.server.node.as_ref().expect("it runs");
    let epoch = view.log_position().expect("it is live").0;
    let marker = node.ask(node.hub.connections.marker(&peer.user.id, room, epoch));
    let marker = marker.unwrap().unwrap_or_default();
    assert!(seen.marked <= marker, "a marker was lost in {room}");
    assert!(
        seen.read.is_none_or(|read| read >= marker),
        "client {number} does not know what was read in {room}"
    );
}

/// All but one have gone, and that one knows it.
pub(crate) fn alone(world: &World) {
    let peer = &world.peers[0];
    for view in peer.core.rooms() {
        knows_who_is_there(world, peer, &view);
    }
}

/// Each person once, however many pages they have open, and nobody else.
fn knows_who_is_there(world: &World, peer: &Peer, view: &RoomView<'_>) {
    let here = world.peers.iter();
    let here = here.filter(|peer| peer.core.status() == Status::Live);
    let due: BTreeSet<&UserId> = here.map(|peer| &peer.user.id).collect();
    let presence = view.presence();
    let users = presence.users().expect("they are few");
    let found: BTreeSet<&UserId> = users.iter().map(|user| &user.id).collect();
    assert!(
        found == due && presence.count() == due.len() && users.len() == due.len(),
        "client {} sees {users:?} in {}",
        peer.number,
        view.name()
    );
    let node = world.server.node.as_ref().expect("it runs");
    assert_eq!(node.hub.rooms.users(view.name()).len(), due.len(), "online");
}
