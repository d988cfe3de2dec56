//! Who is there, as the real server tells it.

use super::server::RealServer;
use crate::peer::Peer;
use crate::world::World;
use common::client::{RoomView, Status};
use common::ids::UserId;
use std::collections::BTreeSet;

/// All but one have gone, and that one knows it.
pub(super) fn alone(world: &World<RealServer>) {
    let peer = &world.peers[0];
    for view in peer.core.rooms() {
        knows_who_is_there(world, peer, &view);
    }
}

/// Each person once, however many pages they have open, and nobody else.
pub(super) fn knows_who_is_there(world: &World<RealServer>, peer: &Peer, view: &RoomView<'_>) {
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
