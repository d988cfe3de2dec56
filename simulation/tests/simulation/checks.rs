//! What must be true: of a client after each of its steps, and of the world at its end. It is the
//! same for a model server and for the real one.

mod end;
mod order;
mod sends;
mod told;
mod view;

pub(crate) use end::{caught_up, end};
pub(crate) use order::SendOrder;
pub(crate) use told::Told;
pub(crate) use view::Seen;

use crate::ledger::Ledger;
use crate::peer::Peer;
use crate::server::Lives;
use common::ServerFrame;
use common::text::RoomName;

/// What has just happened to a client.
pub(crate) struct Step<'a> {
    pub(crate) lives: &'a dyn Lives,
    pub(crate) ledger: &'a Ledger,
    /// What it heard on the connection it listens to.
    pub(crate) heard: Option<&'a ServerFrame>,
    /// The room in which its user has seen everything.
    pub(crate) marked: Option<&'a RoomName>,
    /// What it says has changed and has happened.
    pub(crate) told: &'a Told,
}

/// Every view is a copy of a part of the log, shows each own send once, and counts what is unread.
pub(crate) fn views(step: &Step<'_>, peer: &mut Peer) {
    let Peer {
        core,
        seen,
        holds,
        user,
        ..
    } = peer;
    seen.retain(|room, _| room.is_broadcast() || core.room(room).is_some());
    for view in core.rooms().chain([core.announcements()]) {
        let is_new = !seen.contains_key(view.name());
        let seen = seen.entry(view.name().clone()).or_default();
        seen.check(step, &view, &user.id, is_new);
        seen.check_sends(step, &view, &user.id, holds, is_new);
        seen.check_told(step.told, &view, is_new);
    }
}
