//! The network of the model: frames go both ways in their order, for as long as the line holds.

use super::mutants::Bug;
use super::server::{ModelServer, Out};
use crate::life::Life;
use crate::peer::Peer;
use crate::server::{ConnectionNumber, HealMs, Lives, Server};
use crate::time::Time;
use crate::world::{Event, World};
use common::client::{Attempt, Input};
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::RoomName;
use common::{ClientFrame, ServerFrame};

/// One connection as the network sees it.
pub(super) struct Wire {
    peer: usize,
    attempt: Attempt,
    /// What is under way on it is lost, and neither end may know.
    cut: bool,
    /// Frames do not overtake each other.
    to_server: Time,
    to_client: Time,
}

#[derive(Debug)]
pub(super) enum NetworkEvent {
    ToServer(ConnectionNumber, ClientFrame),
    ToClient(ConnectionNumber, Arrival),
    Commit,
}

/// What a client's socket reports.
#[derive(Debug)]
pub(super) enum Arrival {
    Opened,
    Frame(ServerFrame),
    Closed(u16),
}

impl Lives for ModelServer {
    fn life_of(&self, epoch: &Epoch) -> &Life {
        let mut lives = self.stores().iter().rev().map(|store| &store.life);
        let life = lives.find(|life| life.epoch == *epoch);
        life.unwrap_or_else(|| panic!("there never was an epoch {epoch}"))
    }
}

impl Server for ModelServer {
    type Wire = Wire;
    type Event = NetworkEvent;

    const ACT_MS: u64 = 1500;
    const FAULT_MS: u64 = 2000;
    const MAY_SKIP: bool = true;
    const HEAL_MS: HealMs = HealMs {
        back: 60_000,
        given_up: 5_000,
        said: 20_000,
        read: 40_000,
    };

    fn current(&self, _room: &RoomName) -> (Option<&Life>, usize) {
        (Some(&self.store().life), self.life())
    }

    fn welcomed(&self, peer: &mut Peer) {
        peer.life = self.life();
    }

    fn stored_in(&self, peer: &Peer, user: &UserId, id: &RequestId) -> Option<usize> {
        let store = self.stores().get(peer.life.checked_sub(1)?)?;
        store.life.find(user, id).map(|_| peer.life)
    }

    fn marker(&self, user: &UserId, room: &RoomName, _epoch: &Epoch) -> Option<Seq> {
        self.user_marker(user, room)
    }

    fn open(world: &mut World<Self>, peer: usize, attempt: Attempt) -> Wire {
        Wire {
            peer,
            attempt,
            cut: false,
            to_server: world.now,
            to_client: world.now,
        }
    }

    /// A connection gets through to the server, or does not.
    fn arrive(world: &mut World<Self>, number: ConnectionNumber) {
        let refused = world.now < world.server.up_at || (world.faulty && world.rng.below(10) == 0);
        let Some(wire) = world.wires.get(&number).filter(|wire| !wire.cut) else {
            return;
        };
        if refused {
            return world.report(number, Arrival::Closed(1006));
        }
        let user = world.peers[wire.peer].user.clone();
        world.report(number, Arrival::Opened);
        world.with_server(|server, out| server.connect(number, user, out));
    }

    fn gone(world: &mut World<Self>, number: ConnectionNumber) {
        world.server.disconnect(number);
    }

    fn submit(world: &mut World<Self>, number: ConnectionNumber, frame: &ClientFrame) {
        let delay = world.delay(80);
        let wire = world.wires.get_mut(&number).expect("a socket has a wire");
        wire.to_server = wire.to_server.max(world.now + delay);
        let time = wire.to_server;
        world.at(
            time,
            Event::Of(NetworkEvent::ToServer(number, frame.clone())),
        );
    }

    fn cut(world: &mut World<Self>, number: ConnectionNumber) {
        world.cut_wire(number);
    }

    fn page_gone(world: &mut World<Self>, peer: usize) {
        world.wires.retain(|_, wire| wire.peer != peer);
    }

    fn peer_of(world: &World<Self>, event: &NetworkEvent) -> Option<usize> {
        match event {
            NetworkEvent::ToClient(number, _) => Some(world.wires.get(number)?.peer),
            _ => None,
        }
    }

    fn happen(world: &mut World<Self>, event: NetworkEvent) {
        match event {
            NetworkEvent::ToServer(number, frame) => {
                if world.wires.get(&number).is_some_and(|wire| !wire.cut) {
                    world.with_server(|server, out| server.handle(number, frame, out));
                }
            }
            NetworkEvent::ToClient(number, arrival) => world.reach_client(number, arrival),
            NetworkEvent::Commit => {
                world.server.commit_due = false;
                world.with_server(Self::commit);
            }
        }
    }

    fn fault(world: &mut World<Self>) {
        world.fault();
    }

    fn calm(world: &mut World<Self>) {
        world.server.faulty = false;
        world.server.up_at = world.now;
    }
}

impl World<ModelServer> {
    pub(super) fn with_server(&mut self, act: impl FnOnce(&mut ModelServer, &mut Out)) {
        let mut out = vec![];
        act(&mut self.server, &mut out);
        self.steps += 1;
        let mut logs = std::mem::take(&mut self.server.logs);
        logs.check(&mut self.server, &self.ledger);
        self.server.logs = logs;
        for (number, frame) in out {
            self.report(number, Arrival::Frame(frame));
        }
        if self.server.has_uncommitted() && !std::mem::replace(&mut self.server.commit_due, true) {
            // Now and then the disk is slow.
            let ms = if self.rng.below(8) == 0 { 800 } else { 40 };
            self.after(ms, Event::Of(NetworkEvent::Commit));
        }
    }

    /// Sends something down the wire.
    fn report(&mut self, number: ConnectionNumber, arrival: Arrival) {
        let delay = self.delay(80);
        let Some(wire) = self.wires.get_mut(&number) else {
            return;
        };
        wire.to_client = match self.server.bug {
            Bug::Overtaking => self.now + delay,
            _ => wire.to_client.max(self.now + delay),
        };
        let time = wire.to_client;
        self.at(time, Event::Of(NetworkEvent::ToClient(number, arrival)));
    }

    fn reach_client(&mut self, number: ConnectionNumber, arrival: Arrival) {
        let Some(wire) = self.wires.get(&number) else {
            return;
        };
        let (peer, attempt, cut) = (wire.peer, wire.attempt, wire.cut);
        let input = match arrival {
            Arrival::Closed(code) => {
                let socket = &mut self.peers[peer].socket;
                if *socket == Some((attempt, number)) {
                    *socket = None;
                }
                Input::Closed {
                    attempt,
                    code: Some(code),
                }
            }
            _ if cut => return,
            Arrival::Opened => Input::Opened { attempt },
            Arrival::Frame(frame) => Input::Received { attempt, frame },
        };
        self.apply(peer, input);
    }

    /// What is under way is lost. Each end hears of it some time, or has to find out by itself.
    pub(super) fn cut_wire(&mut self, number: ConnectionNumber) {
        let Some(wire) = self.wires.get_mut(&number) else {
            return;
        };
        wire.cut = true;
        if self.rng.below(3) > 0 {
            self.report(number, Arrival::Closed(1006));
        }
        self.after(10_000, Event::GoneFromServer(number));
    }

    /// The server closes: what it said before still arrives.
    pub(super) fn close(&mut self, number: ConnectionNumber, code: u16) {
        self.server.disconnect(number);
        self.report(number, Arrival::Closed(code));
    }
}
