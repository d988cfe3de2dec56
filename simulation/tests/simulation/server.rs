//! What the world asks of a server, and of the network before it.

use crate::life::Life;
use crate::peer::Peer;
use crate::world::World;
use common::ClientFrame;
use common::client::{Attempt, RoomView};
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::RoomName;
use std::fmt::Debug;

/// Which connection, by a number that is never used again.
pub(crate) type ConnectionNumber = u64;

/// What is known of everything that was ever stored.
pub(crate) trait Lives {
    /// The life with this name.
    fn life_of(&self, epoch: &Epoch) -> &Life;
}

/// Milliseconds in which all is well, at the end of a run: until everybody has come back, what could
/// not be sent is given up, everybody has said a last word, and has read everything.
pub(crate) struct HealMs {
    pub(crate) back: u64,
    pub(crate) given_up: u64,
    pub(crate) said: u64,
    pub(crate) read: u64,
}

/// A server, and the network before it.
pub(crate) trait Server: Lives + Sized {
    /// One connection as the network sees it.
    type Wire;
    /// What happens to the server and on the network.
    type Event: Debug;

    /// Milliseconds in which a user does something, and in which something goes wrong.
    const ACT_MS: u64;
    const FAULT_MS: u64;
    const HEAL_MS: HealMs;
    /// Whether it may pass over the newest event of a room: only the next one shows that.
    const MAY_SKIP: bool;

    /// The life that the room's log is in, if it has begun; and its number: a later one's is higher.
    fn current(&self, room: &RoomName) -> (Option<&Life>, usize);

    /// A client was welcomed.
    fn welcomed(&self, _peer: &mut Peer) {}

    /// A send has left a client's outbox: the life in which it is stored, if it is in any.
    fn stored_in(&self, peer: &Peer, user: &UserId, id: &RequestId) -> Option<usize>;

    /// How far the user has read, as the server has it.
    fn marker(&self, user: &UserId, room: &RoomName, epoch: &Epoch) -> Option<Seq>;

    /// The connection that a new wire is on.
    fn open(world: &mut World<Self>, peer: usize, attempt: Attempt) -> Self::Wire;

    /// A new connection reaches the server.
    fn arrive(world: &mut World<Self>, number: ConnectionNumber);

    /// The server finds that the other end is gone.
    fn gone(world: &mut World<Self>, number: ConnectionNumber);

    /// A client sends a frame.
    fn submit(world: &mut World<Self>, number: ConnectionNumber, frame: &ClientFrame);

    /// What is under way is lost. Each end hears of it some time, or has to find out by itself.
    fn cut(world: &mut World<Self>, number: ConnectionNumber);

    /// A page is gone, and with it all that its sockets might say to it.
    fn page_gone(_world: &mut World<Self>, _peer: usize) {}

    /// The client that an event is for, if it is for one: it has to be awake.
    fn peer_of(world: &World<Self>, event: &Self::Event) -> Option<usize>;

    fn happen(world: &mut World<Self>, event: Self::Event);

    /// Something goes wrong.
    fn fault(world: &mut World<Self>);

    /// Nothing goes wrong any more.
    fn calm(world: &mut World<Self>);

    /// What else must be true of a view at the end.
    fn check_end(_world: &World<Self>, _peer: &Peer, _view: &RoomView<'_>) {}
}
