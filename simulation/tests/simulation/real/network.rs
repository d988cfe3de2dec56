//! The network of the real server: bytes go both ways in their order, for as long as the line holds.

use super::disk::Decision;
use super::presence::knows_who_is_there;
use super::server::RealServer;
use super::wire::{Fetched, Heard, Wire, masked};
use crate::life::Life;
use crate::peer::Peer;
use crate::server::{ConnectionNumber, HealMs, Lives, Server};
use crate::world::{Event, World};
use common::ClientFrame;
use common::client::{Attempt, Input, RoomView};
use common::codec::encode_client;
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::RoomName;
use std::fmt;

/// How often the server looks at the time when nothing else happens, in milliseconds.
const PULSE_MS: u64 = 70;

pub(super) enum NetworkEvent {
    ToServer(ConnectionNumber, Chunk),
    /// The next of what is on the line reaches the client.
    ToClient(ConnectionNumber),
    Commit,
    /// Retention has its turn.
    Prune,
    Pulse,
    /// The program has been started again.
    Start,
    /// The program that has said goodbye ends.
    Exit,
}

impl fmt::Debug for NetworkEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ToServer(number, chunk) => write!(f, "{number} sends {chunk:?}"),
            Self::ToClient(number) => write!(f, "{number} is sent something"),
            Self::Commit => f.write_str("commit"),
            Self::Prune => f.write_str("prune"),
            Self::Pulse => f.write_str("pulse"),
            Self::Start => f.write_str("start"),
            Self::Exit => f.write_str("exit"),
        }
    }
}

/// What a client's socket reports.
#[derive(Debug)]
pub(super) enum Arrival {
    Opened,
    Bytes(Chunk),
    Closed,
}

pub(super) struct Chunk(Vec<u8>);

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Lives for RealServer {
    fn life_of(&self, epoch: &Epoch) -> &Life {
        self.truth.life_of(epoch)
    }
}

impl Server for RealServer {
    type Wire = Wire;
    type Event = NetworkEvent;

    const ACT_MS: u64 = 900;
    const FAULT_MS: u64 = 1500;
    const MAY_SKIP: bool = false;
    const HEAL_MS: HealMs = HealMs {
        back: 45_000,
        given_up: 3_000,
        said: 10_000,
        read: 10_000,
    };

    fn current(&self, room: &RoomName) -> (Option<&Life>, usize) {
        (self.truth.current(room), self.truth.number(room))
    }

    fn stored_in(&self, _peer: &Peer, user: &UserId, id: &RequestId) -> Option<usize> {
        self.truth.last_with(user, id)
    }

    fn marker(&self, user: &UserId, room: &RoomName, epoch: &Epoch) -> Option<Seq> {
        let node = self.node.as_ref().expect("it runs");
        node.ask(node.hub.connections.marker(user, room, epoch))
            .unwrap()
    }

    fn open(world: &mut World<Self>, peer: usize, attempt: Attempt) -> Wire {
        let page = world.peers[peer].page;
        Wire::new(peer, page, attempt, world.now, &mut world.rng)
    }

    /// A connection gets through to the server, or does not.
    fn arrive(world: &mut World<Self>, number: ConnectionNumber) {
        let refused = world.faulty && world.rng.below(10) == 0;
        let back_after = 1 + world.rng.next() % 3000;
        let Some(wire) = world.wires.get_mut(&number).filter(|wire| !wire.cut) else {
            return;
        };
        let node = world.server.node.as_mut();
        let Some(node) = node.filter(|_| !refused && !world.server.leaving) else {
            return world.report(number, Arrival::Closed);
        };
        let user = &world.peers[wire.peer].user;
        wire.socket = Some(node.connect(user, number, back_after));
        world.report(number, Arrival::Opened);
        world.serve();
    }

    fn gone(world: &mut World<Self>, number: ConnectionNumber) {
        world.wires.remove(&number);
        world.serve();
    }

    fn submit(world: &mut World<Self>, number: ConnectionNumber, frame: &ClientFrame) {
        if let Some(wire) = world.wires.get_mut(&number) {
            wire.stream.asked(frame);
        }
        world.send_bytes(number, 1, encode_client(frame).as_bytes());
    }

    fn cut(world: &mut World<Self>, number: ConnectionNumber) {
        let Some(wire) = world.wires.get_mut(&number) else {
            return;
        };
        wire.cut = true;
        let (peer, attempt, page) = (wire.peer, wire.attempt, wire.page);
        if world.rng.below(3) > 0 && world.peers[peer].page == page {
            world.closed(number, peer, attempt, None);
        }
        world.after(10_000, Event::GoneFromServer(number));
    }

    fn peer_of(world: &World<Self>, event: &NetworkEvent) -> Option<usize> {
        match event {
            NetworkEvent::ToClient(number) => Some(world.wires.get(number)?.peer),
            _ => None,
        }
    }

    fn happen(world: &mut World<Self>, event: NetworkEvent) {
        match event {
            NetworkEvent::ToServer(number, Chunk(bytes)) => {
                if let Some(wire) = world.wires.get_mut(&number).filter(|wire| !wire.cut) {
                    wire.push(&bytes);
                }
                world.server.commits_due = 3;
                world.serve();
            }
            NetworkEvent::ToClient(number) => {
                world.reach_client(number);
                world.serve();
            }
            NetworkEvent::Commit => {
                world.commit();
                let is_slow = world.now < world.server.disk_slow_until;
                let ms = if is_slow { 1500 } else { 40 };
                world.after(ms, Event::Of(NetworkEvent::Commit));
            }
            NetworkEvent::Prune => world.server.prune(),
            NetworkEvent::Pulse => {
                world.serve();
                world.at(world.now + PULSE_MS, Event::Of(NetworkEvent::Pulse));
            }
            NetworkEvent::Start => world.start_server(),
            NetworkEvent::Exit => world.exit(),
        }
    }

    fn fault(world: &mut World<Self>) {
        world.fault();
    }

    fn calm(world: &mut World<Self>) {
        world.server.failing = 0;
        world.server.dying = false;
        world.server.disk_slow_until = 0;
        // A program that is about to go is gone by then, and comes back.
        world.run(6_000);
        world.server.calm();
        for wire in world.wires.values_mut() {
            wire.slow_until = 0;
            wire.stalled_until = 0;
        }
    }

    fn check_end(world: &World<Self>, peer: &Peer, view: &RoomView<'_>) {
        if !view.name().is_broadcast() {
            knows_who_is_there(world, peer, view);
        }
    }
}

impl World<RealServer> {
    fn commit(&mut self) {
        let node = self.server.node.as_ref();
        if self.server.dying && node.is_some_and(|node| node.disk.is_laden()) {
            self.server.dying = false;
            return self.crash(Some(Decision::StoreAndDie));
        }
        // Without anything new it is only worth asking now and then.
        if self.server.commits_due > 0 || self.rng.below(20) == 0 {
            self.server.commits_due = self.server.commits_due.saturating_sub(1);
            self.steps += 1;
            self.server.commit(&self.ledger);
            self.serve();
        }
    }

    /// Lets the server do what there is to do, and the network fetch what it says.
    pub(super) fn serve(&mut self) {
        self.steps += 1;
        for _ in 0..4 {
            self.server.turn(self.now, &self.ledger);
            if !self.fetch() {
                return;
            }
        }
    }

    /// Whether there was anything.
    pub(super) fn fetch(&mut self) -> bool {
        let numbers: Vec<_> = self.wires.keys().copied().collect();
        let mut is_any = false;
        for number in numbers {
            while let Some(wire) = self.wires.get_mut(&number) {
                let arrival = match wire.fetch(self.now, &mut self.rng) {
                    Fetched::Nothing => break,
                    Fetched::Bytes(bytes) => Arrival::Bytes(Chunk(bytes)),
                    Fetched::End => Arrival::Closed,
                };
                is_any = true;
                self.report(number, arrival);
            }
        }
        is_any
    }

    /// Sends something down the wire.
    fn report(&mut self, number: ConnectionNumber, arrival: Arrival) {
        let delay = self.delay(80);
        let Some(wire) = self.wires.get_mut(&number) else {
            return;
        };
        let slow = if self.now < wire.slow_until { 400 } else { 0 };
        wire.to_client = wire.to_client.max(self.now + delay + slow);
        wire.line.push_back(arrival);
        let time = wire.to_client;
        self.at(time, Event::Of(NetworkEvent::ToClient(number)));
    }

    /// Sends something up the wire, in two pieces now and then.
    pub(super) fn send_bytes(&mut self, number: ConnectionNumber, opcode: u8, payload: &[u8]) {
        let mask = u32::try_from(self.rng.next() >> 32).unwrap().to_be_bytes();
        let mut bytes = masked(opcode, payload, mask);
        let at = match self.rng.below(4) {
            0 => self.rng.below(bytes.len()),
            _ => 0,
        };
        let rest = bytes.split_off(at);
        for piece in [bytes, rest] {
            let delay = self.delay(80);
            let Some(wire) = self.wires.get_mut(&number).filter(|_| !piece.is_empty()) else {
                continue;
            };
            wire.to_server = wire.to_server.max(self.now + delay);
            let time = wire.to_server;
            self.at(
                time,
                Event::Of(NetworkEvent::ToServer(number, Chunk(piece))),
            );
        }
    }

    pub(super) fn reach_client(&mut self, number: ConnectionNumber) {
        let Some(wire) = self.wires.get_mut(&number) else {
            return;
        };
        let arrival = wire.line.pop_front().expect("one for each time");
        let (peer, attempt, cut) = (wire.peer, wire.attempt, wire.cut);
        match arrival {
            Arrival::Closed => {
                let code = wire.close_code;
                self.wires.remove(&number);
                self.closed(number, peer, attempt, code);
            }
            _ if cut => {}
            Arrival::Opened => self.pass_on(number, Input::Opened { attempt }),
            Arrival::Bytes(Chunk(bytes)) => {
                wire.arrived(&bytes);
                while let Some(heard) = self.wires.get_mut(&number).and_then(Wire::next) {
                    self.hear(number, heard);
                }
            }
        }
    }

    /// The client's end makes something of what the server said.
    fn hear(&mut self, number: ConnectionNumber, heard: Heard) {
        let wire = self.wires.get_mut(&number).expect("it was heard on it");
        match heard {
            // What a browser does by itself.
            Heard::Ping => self.send_bytes(number, 10, &[]),
            Heard::Close => {
                let code = wire.close_code.unwrap_or(1005).to_be_bytes();
                if let Some(count) = wire.close_code.and_then(closed_by) {
                    self.server.count(count);
                }
                self.send_bytes(number, 8, &code);
            }
            Heard::Frame(frame) => {
                let attempt = wire.attempt;
                let kind = wire.stream.hear(&frame, &self.server.truth);
                self.say(format_args!("{number} {frame:?}"));
                if let Some(kind) = kind {
                    self.server.count(kind);
                }
                let frame = *frame;
                self.pass_on(number, Input::Received { attempt, frame });
            }
        }
    }

    /// To the core, unless the page was loaded anew since.
    fn pass_on(&mut self, number: ConnectionNumber, input: Input) {
        let Some(wire) = self.wires.get(&number) else {
            return;
        };
        if wire.page == self.peers[wire.peer].page {
            self.apply(wire.peer, input);
        }
    }

    fn closed(
        &mut self,
        number: ConnectionNumber,
        peer: usize,
        attempt: Attempt,
        code: Option<u16>,
    ) {
        let socket = &mut self.peers[peer].socket;
        if *socket == Some((attempt, number)) {
            *socket = None;
            let code = code.or(Some(1006));
            self.apply(peer, Input::Closed { attempt, code });
        }
    }
}

fn closed_by(code: u16) -> Option<&'static str> {
    Some(match code {
        4000 => "goodbyes",
        4001 => "silent clients closed",
        4002 => "slow readers closed",
        4004 => "readers closed for a fault of the disk",
        4005 => "readers closed for what they have lost",
        _ => return None,
    })
}
